import type { Request, Response } from 'express';
import { raw } from 'express';
import { type Arrival, STATELESS } from '../domain/index.js';
import type { GatewaySettings, KnownUpstream } from './parts.js';
import { GatewayError } from './refusal.js';

/**
 * Checks what can be checked before anyone is known: that the request is meant for this host, comes from no foreign
 * web page (both against DNS rebinding, MCP transports, security warning), and names an upstream.
 *
 * @throws GatewayError `host_refused`, `origin_refused`, `upstream_unknown`
 */
export function connect(
  request: Request,
  exchangeId: string,
  settings: GatewaySettings,
  upstreams: ReadonlyMap<string, KnownUpstream>,
): Arrival {
  checkHost(request, settings);
  const upstream = upstreams.get(String(request.params['upstream']));
  if (upstream === undefined) {
    throw new GatewayError(
      'upstream_unknown',
      'there is no such upstream',
      'Use one of the names under gateway.upstreams.',
    );
  }
  const method = request.method;
  if (method !== 'POST' && method !== 'GET' && method !== 'DELETE') {
    throw new TypeError(`the route let ${method} through`);
  }
  return { exchangeId, upstream: upstream.identity, method, headers: headersOf(request) };
}

/**
 * The headers, without those that the version of the request does not know (MCP 2026-07-28, streamable HTTP, earlier
 * revisions: to be ignored). Were a session's id passed on, an upstream might heed it whose it was never checked.
 */
function headersOf({ headers }: Request): Arrival['headers'] {
  if (headers['mcp-protocol-version'] !== STATELESS) return headers;
  const { 'mcp-session-id': _session, 'last-event-id': _lastEvent, ...known } = headers;
  return known;
}

/** @throws GatewayError `host_refused`, `origin_refused` */
export function checkHost(request: Request, settings: GatewaySettings): void {
  const { host, origin } = request.headers;
  if (host === undefined || !settings.allowedHosts.includes(host.toLowerCase())) {
    throw new GatewayError(
      'host_refused',
      'this host is not served here',
      'Add it to gateway.allowed_hosts if it is yours.',
    );
  }
  if (origin !== undefined && !settings.allowedOrigins.includes(origin)) {
    throw new GatewayError(
      'origin_refused',
      'this origin may not call',
      'Add it to gateway.allowed_origins if it is yours.',
    );
  }
}

/**
 * Reads a POST's body, bounded.
 *
 * @throws GatewayError `media_type`, `content_encoding`, `body_too_big`, `body_broken`
 */
export async function readBody(request: Request, response: Response, bytes: number): Promise<Buffer> {
  if (!isJson(request.headers['content-type'])) {
    throw new GatewayError(
      'media_type',
      'the body must be application/json in UTF-8',
      'Set the Content-Type header.',
    );
  }
  await new Promise<void>((resolve, reject) => {
    raw({ type: () => true, inflate: false, limit: bytes })(request, response, (problem?: unknown) => {
      if (problem === undefined) resolve();
      else reject(bodyError(problem, bytes));
    });
  });
  const body: unknown = request.body;
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

function isJson(contentType: string | undefined): boolean {
  const [type = '', ...parameters] = (contentType ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  return (
    type === 'application/json' && parameters.every((parameter) => /^charset="?utf-8"?$/.test(parameter))
  );
}

function bodyError(problem: unknown, bytes: number): GatewayError {
  const type =
    typeof problem === 'object' && problem !== null && 'type' in problem ? problem.type : undefined;
  if (type === 'entity.too.large') {
    return new GatewayError(
      'body_too_big',
      `the message is larger than ${bytes} bytes`,
      'Send less, or raise gateway.limits.message_bytes.',
    );
  }
  if (type === 'encoding.unsupported') {
    return new GatewayError(
      'content_encoding',
      'the body may not be compressed',
      'Send it without Content-Encoding.',
    );
  }
  return new GatewayError('body_broken', 'the body did not arrive whole', 'Send the request again.');
}
