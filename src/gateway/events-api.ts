import { randomUUID } from 'node:crypto';
import { type Request, type Response, Router, raw } from 'express';
import { describeThrown } from '../domain/index.js';
import {
  EventError,
  type EventOutcome,
  type FindEventIssuer,
  readLogoutToken,
  readSecurityEvent,
} from '../identity/index.js';
import { Buckets } from './bucket.js';
import { checkHost } from './connect.js';
import type { RevocationParts } from './live.js';
import type { GatewayParts } from './parts.js';
import { GatewayError } from './refusal.js';

/** Far more than such tokens have. */
const MOST_BYTES = 65_536;
/**
 * How often one address may send what is refused. What verifies counts nothing: issuers that end many sessions at once
 * send no logout token again.
 */
const REFUSALS = { burst: 200, perSecond: 10 } as const;

/** One of the two ways in which issuers tell of events. */
interface Door {
  readonly source: 'logout' | 'security_event';
  readonly mediaType: string;
  /** The token in a body. @throws EventError */
  tokenIn(body: Buffer): string;
  read(token: string, find: FindEventIssuer, now: number): Promise<EventOutcome>;
  respondTaken(response: Response): void;
  respondRefused(response: Response, status: number, code: string, message: string): void;
}

/** OpenID Connect Back-Channel Logout 1.0, sections 2.5 and 2.8. */
const LOGOUT: Door = {
  source: 'logout',
  mediaType: 'application/x-www-form-urlencoded',
  tokenIn(body) {
    const tokens = new URLSearchParams(body.toString()).getAll('logout_token');
    const [token] = tokens;
    if (token !== undefined && tokens.length === 1) return token;
    throw new EventError('invalid_request', 'the form has not exactly one `logout_token`');
  },
  read: readLogoutToken,
  respondTaken: (response) => void response.status(200).end(),
  respondRefused(response, status, code, message) {
    const error = code === 'unavailable' ? 'temporarily_unavailable' : 'invalid_request';
    response.status(status).json({ error, error_description: message });
  },
};

/** Push delivery of security event tokens (RFC 8935, sections 2.1 to 2.4). */
const SECURITY: Door = {
  source: 'security_event',
  mediaType: 'application/secevent+jwt',
  tokenIn: (body) => body.toString().trim(),
  read: readSecurityEvent,
  respondTaken: (response) => void response.status(202).end(),
  respondRefused(response, status, code, message) {
    response.status(status).json({ err: code, description: message });
  },
};

/** Where issuers tell that somebody logged out, or is no longer who they were, below `/events`. Their tokens prove who they are. */
export function eventsApi(parts: GatewayParts, revocation: RevocationParts): Router {
  const router = Router();
  const refusals = new Buckets(REFUSALS);
  for (const [path, door] of [
    ['/logout', LOGOUT],
    ['/security', SECURITY],
  ] as const) {
    router
      .route(path)
      .post((request, response) => take(parts, revocation, door, refusals, request, response))
      .all((_request, response) => void response.status(405).setHeader('Allow', 'POST').end());
  }
  return router;
}

/** Never throws. */
async function take(
  parts: GatewayParts,
  { desk }: RevocationParts,
  door: Door,
  refusals: Buckets,
  request: Request,
  response: Response,
): Promise<void> {
  response.setHeader('Cache-Control', 'no-store');
  const bucket = refusals.of(request.socket.remoteAddress ?? '');
  try {
    checkHost(request, parts.settings);
    if (!bucket.hasRoom())
      throw new GatewayError('over_limit', 'too many events were refused', 'Send it again later.');
    const token = door.tokenIn(await readBody(request, response, door));
    const outcome = await door.read(token, (name) => parts.identifier.eventIssuer(name), Date.now());
    for (const demanded of outcome.revocations) await desk.revoke(demanded);
    const { issuer, types, revocations } = outcome;
    parts.log.info('an event of an issuer was taken', { issuer, types, revocations: revocations.length });
    door.respondTaken(response);
  } catch (thrown) {
    if (thrown instanceof EventError && thrown.code !== 'unavailable') bucket.take();
    await respondError(parts, door, response, thrown);
  }
}

async function respondError(
  parts: GatewayParts,
  door: Door,
  response: Response,
  thrown: unknown,
): Promise<void> {
  const detail = describeThrown(thrown);
  if (thrown instanceof GatewayError) {
    const status = thrown.code === 'over_limit' ? 429 : 403;
    door.respondRefused(response, status, 'access_denied', thrown.message);
  } else if (thrown instanceof EventError) {
    parts.log.info('an event was refused', { code: thrown.code, detail, issuer: thrown.issuer });
    await recordRefused(parts, door, thrown);
    const status = thrown.code === 'unavailable' ? 503 : 400;
    if (status === 503) response.setHeader('Retry-After', '30');
    door.respondRefused(response, status, thrown.code, thrown.message);
  } else {
    parts.log.error('an event could not be carried out', { detail });
    response.setHeader('Retry-After', '30');
    door.respondRefused(response, 503, 'unavailable', 'the event could not be carried out');
  }
}

/** What names an issuer whose events are taken is kept; what does not could come from anybody, and is in the log only. */
async function recordRefused(parts: GatewayParts, { source }: Door, error: EventError): Promise<void> {
  if (error.issuer === undefined || error.code === 'unavailable') return;
  try {
    await parts.audit.append({
      type: 'revocation',
      action: 'refused',
      source,
      revocation_id: `none_${randomUUID()}`,
      match: { issuer: error.issuer },
      reason: `${error.code}: ${error.message}`,
    });
  } catch (thrown) {
    parts.log.error('a refused event could not be recorded', { detail: describeThrown(thrown) });
  }
}

async function readBody(request: Request, response: Response, { mediaType }: Door): Promise<Buffer> {
  const [type = ''] = (request.headers['content-type'] ?? '').split(';');
  if (type.trim().toLowerCase() !== mediaType)
    throw new EventError('invalid_request', `the body must be ${mediaType}`);
  await new Promise<void>((resolve, reject) => {
    raw({ type: () => true, inflate: false, limit: MOST_BYTES })(request, response, (problem?: unknown) => {
      if (problem === undefined) resolve();
      else
        reject(
          new EventError(
            'invalid_request',
            `the body is not one of at most ${MOST_BYTES} bytes, uncompressed`,
          ),
        );
    });
  });
  const body: unknown = request.body;
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}
