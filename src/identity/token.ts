import type { JsonObject } from '../domain/index.js';
import { IdentityError, quoted } from './errors.js';
import { readJsonObject } from './json-object.js';
import type { IssuerOptions } from './options.js';
import { presetOf } from './presets/index.js';

/** What a token says of itself before anything is proven. Good for choosing whom to ask, for nothing else. */
export interface UnverifiedToken {
  readonly header: JsonObject;
  readonly claims: JsonObject;
}

/** JWS compact serialization (RFC 7515, section 7.1) without padding. An unsigned token is left to its `alg`. */
const COMPACT = /^([\w-]+)\.([\w-]+)\.([\w-]*)$/;
/** Room for a certificate chain, which some issuers put there. */
const MAX_HEADER_CHARACTERS = 8192;
const ACCESS_TOKEN = 'at+jwt';
const TYPES = ['jwt', ACCESS_TOKEN];
/** What changes the meaning of the rest, and nobody needs: RFC 7515, section 4.1.11; RFC 7797; RFC 7516, section 4.1.3. */
export const MEANING_CHANGERS = ['crit', 'b64', 'zip'];

/** Whether a token looks like a JWT. What does not is opaque: only its issuer can say what it means. */
export function looksLikeJwt(token: string): boolean {
  return COMPACT.test(token);
}

/**
 * Reads a token's header and claims without believing them. Names that stand twice are refused, although RFC 7519,
 * section 4, would let the last one count.
 *
 * @throws IdentityError `token_malformed`; of a proof `proof_malformed`
 */
export function readToken(token: string, what: 'token' | 'proof' = 'token'): UnverifiedToken {
  const [, header = '', claims = '', signature = ''] = COMPACT.exec(token) ?? [];
  if (header === '') throw malformed(what, `the ${what} is no JWT in compact form`);
  if (header.length > MAX_HEADER_CHARACTERS)
    throw malformed(what, `the header has ${header.length} characters`);
  decoded(signature, 'signature', what);
  return { header: objectIn(header, 'header', what), claims: objectIn(claims, 'claims', what) };
}

function objectIn(part: string, name: string, what: 'token' | 'proof'): JsonObject {
  const bytes = decoded(part, name, what);
  try {
    return readJsonObject(bytes);
  } catch (thrown) {
    const why = thrown instanceof SyntaxError ? thrown.message : 'it cannot be read';
    throw malformed(what, `the ${what}'s ${name} cannot be taken: ${why}`);
  }
}

/** The bytes of a part. Of several texts that decode to the same bytes only one is base64url (RFC 4648, section 3.5). */
function decoded(part: string, name: string, what: 'token' | 'proof'): Buffer {
  const bytes = Buffer.from(part, 'base64url');
  if (bytes.toString('base64url') === part) return bytes;
  throw malformed(what, `the ${what}'s ${name} is not in base64url`);
}

function malformed(what: 'token' | 'proof', message: string): IdentityError {
  return new IdentityError(`${what}_malformed`, message);
}

/**
 * Refuses a header that asks for what is not configured or not understood. Keys that a header carries or points
 * to (`jwk`, `jku`, `x5c`, `x5u`) are ignored: keys come from the issuer's own key set only (RFC 8725, section 3.10).
 *
 * @throws IdentityError `type_refused`, `critical_header`, `algorithm_refused`
 */
export function checkHeader(header: JsonObject, options: IssuerOptions): void {
  const { alg, typ } = header;
  if (typeof alg !== 'string' || !options.algorithms.includes(alg))
    throw new IdentityError('algorithm_refused', `the token's \`alg\` is ${quoted(alg)}`);
  if (!typesOf(options).includes(typ === undefined ? undefined : mediaSubtype(typ)))
    throw new IdentityError('type_refused', `the token's \`typ\` is ${quoted(typ)}`);
  if (Object.hasOwn(header, 'cty'))
    throw new IdentityError('type_refused', 'the token holds another one: its header has `cty`');
  const changer = MEANING_CHANGERS.find((name) => Object.hasOwn(header, name));
  if (changer !== undefined)
    throw new IdentityError('critical_header', `the token's header has \`${changer}\``);
}

/** The types that an issuer's tokens may have; undefined is none. */
function typesOf(options: IssuerOptions): (string | undefined)[] {
  if (options.tokenType === ACCESS_TOKEN) return [ACCESS_TOKEN];
  return [undefined, ...TYPES, ...(presetOf(options).tokenTypes ?? [])];
}

/** RFC 7515, section 4.1.9: `application/` may be left out, and case does not matter. */
function mediaSubtype(typ: unknown): string {
  return typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : '';
}
