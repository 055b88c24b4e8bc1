import { decodeJwt, decodeProtectedHeader } from 'jose';
import { IdentityError, quoted } from './errors.js';
import type { IssuerOptions } from './options.js';

/** What a token says of itself before anything is proven. Good for choosing whom to ask, for nothing else. */
export interface UnverifiedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly issuer: string;
}

/** JWS compact serialization (RFC 7515, section 7.1) without padding. An unsigned token is left to its `alg`. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]*$/;
const TYPES = new Set(['jwt', 'at+jwt']);

/**
 * Reads a token's header and issuer without believing them.
 *
 * Where a name stands twice in the header or the claims, the last one counts, here and in the verification
 * alike: RFC 7515 and RFC 7519, section 4 each, allow that, and both read the same bytes with the same parser.
 *
 * @throws IdentityError `token_malformed`, `claim_missing`, `claim_invalid`
 */
export function readToken(token: string): UnverifiedToken {
  if (!COMPACT.test(token)) throw new IdentityError('token_malformed', 'the token is no JWT in compact form');
  const { header, claims } = decode(token);
  const issuer = claims['iss'];
  if (issuer === undefined) throw new IdentityError('claim_missing', 'the token has no `iss`');
  if (typeof issuer !== 'string') throw new IdentityError('claim_invalid', "the token's `iss` is no string");
  return { header, issuer };
}

function decode(token: string): { header: Record<string, unknown>; claims: Record<string, unknown> } {
  try {
    return { header: { ...decodeProtectedHeader(token) }, claims: decodeJwt(token) };
  } catch {
    throw new IdentityError('token_malformed', "the token's header or claims are no JSON object");
  }
}

/**
 * Refuses a header that asks for what is not configured or not understood. Keys that a header carries or points
 * to (`jwk`, `jku`, `x5c`, `x5u`) are ignored: keys come from the issuer's own key set only (RFC 8725, section 3.10).
 *
 * @throws IdentityError `type_refused`, `critical_header`, `algorithm_refused`
 */
export function checkHeader(header: UnverifiedToken['header'], options: IssuerOptions): void {
  const { alg, typ } = header;
  if (typeof alg !== 'string' || !options.algorithms.includes(alg))
    throw new IdentityError('algorithm_refused', `the token's \`alg\` is ${quoted(alg)}`);
  if (Object.hasOwn(header, 'typ') && !(typeof typ === 'string' && TYPES.has(mediaSubtype(typ))))
    throw new IdentityError('type_refused', `the token's \`typ\` is ${quoted(typ)}`);
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64'))
    throw new IdentityError('critical_header', "the token's header has `crit` or `b64`");
}

/** RFC 7515, section 4.1.9: `application/` may be left out, and case does not matter. */
function mediaSubtype(typ: string): string {
  return typ.toLowerCase().replace(/^application\//, '');
}
