import type { JsonValue, Principal } from '../domain/index.js';
import { IdentityError } from '../identity/index.js';
import { resourceUri } from './metadata.js';
import type { GatewaySettings } from './parts.js';

/**
 * Holds a token to the upstreams that it names, if it names any: one that was issued for `<public_url>/mcp/a` (RFC 8707)
 * is of no use at `/mcp/b`, whatever other audience it has. One that names none is for the whole gateway.
 *
 * @param upstream - its name
 * @throws IdentityError `audience_mismatch`
 */
export function mustBeFor(settings: GatewaySettings, upstream: string, { claims }: Principal): void {
  const named = upstreamsNamed(settings, claims['aud']);
  const { pathname: own } = new URL(resourceUri(settings, upstream));
  if (named.length === 0 || named.some(({ pathname }) => isAtOrBelow(own, pathname))) return;
  const made = named.map(({ href }) => href).join(', ');
  throw new IdentityError('audience_mismatch', `the token is made for ${made}, and came to ${own}`);
}

/**
 * Holds a token that names upstreams to these also where people decide: what somebody's agent has for one upstream must not
 * vote, nor revoke.
 *
 * @throws IdentityError `audience_mismatch`
 */
export function mustBeForGateway(settings: GatewaySettings, { claims }: Principal): void {
  const named = upstreamsNamed(settings, claims['aud']);
  if (named.length === 0) return;
  const made = named.map(({ href }) => href).join(', ');
  throw new IdentityError(
    'audience_mismatch',
    `the token is made for ${made}, and came to the gateway's API`,
  );
}

/** Scheme and host are compared as URLs are, in any case and with or without their default port. */
function upstreamsNamed({ publicUrl }: GatewaySettings, audience: JsonValue | undefined): URL[] {
  const { origin } = new URL(publicUrl);
  const audiences: readonly unknown[] = Array.isArray(audience) ? audience : [audience];
  return audiences
    .filter((name) => typeof name === 'string' && URL.canParse(name))
    .map((name) => new URL(String(name)))
    .filter((url) => url.origin === origin && /^\/mcp\/./.test(url.pathname));
}

/** An upstream's event stream has an address below that of the upstream. */
function isAtOrBelow(own: string, pathname: string): boolean {
  return pathname === own || pathname.startsWith(`${own}/`);
}
