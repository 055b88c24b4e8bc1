import type { IncomingHttpHeaders } from 'node:http';
import type { Permit } from '../domain/index.js';

/**
 * What of the caller's headers reaches an upstream. Everything else stays on this side: the caller's token, cookies,
 * hop-by-hop headers (RFC 9110, section 7.6.1), forwarding headers that a caller could forge.
 */
const FORWARDED = new Set([
  'accept',
  'last-event-id',
  'mcp-protocol-version',
  'mcp-session-id',
  'mcp-method',
  'mcp-name',
  'traceparent',
  'tracestate',
  'user-agent',
]);
const FORWARDED_PREFIX = 'mcp-param-';

/** The headers of the request to an upstream: those of the caller's that may pass, and the upstream's own. */
export function outgoingHeaders(permit: Permit, own: Readonly<Record<string, string>>): IncomingHttpHeaders {
  const headers: IncomingHttpHeaders = {};
  for (const [name, value] of Object.entries(permit.identified.arrival.headers)) {
    if (typeof value === 'string' && mayPass(permit, name, value)) headers[name] = value;
  }
  if (permit.method !== permit.identified.arrival.method)
    headers['accept'] = 'application/json, text/event-stream';
  headers['accept-encoding'] = 'identity'; // the gateway must read what comes back
  if (permit.body !== undefined) {
    headers['content-type'] = 'application/json';
    headers['content-length'] = String(permit.body.byteLength);
  }
  for (const [name, value] of Object.entries(own)) headers[name.toLowerCase()] = value;
  return headers;
}

/**
 * Whether a header may go along. Some repeat parts of the body (MCP 2026-07-28, standard request headers): when policy
 * masked the body they would still tell what it hid. An upstream that misses one refuses the message, which is right.
 */
function mayPass({ masked, body }: Permit, name: string, value: string): boolean {
  if (name.startsWith(FORWARDED_PREFIX)) return !masked;
  if (name === 'mcp-name' && masked) return body?.includes(JSON.stringify(value)) === true;
  return FORWARDED.has(name);
}
