import type { JWK } from 'jose';
import type { JsonObject, JsonValue } from '../domain/index.js';
import { isObject, readJsonObject } from './json-object.js';

/** More than any issuer has; each costs memory, and time to look through. */
const MAX_KEYS = 100;
/** What only private and symmetric keys have (RFC 7518, section 6). */
const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];
const CURVES: Readonly<Record<string, readonly string[]>> = {
  EC: ['P-256', 'P-384', 'P-521'],
  OKP: ['Ed25519'],
};
/** RFC 7518, section 3.3, and no more than a verification in a millisecond takes. */
const RSA_BITS = { least: 2048, most: 8192 };
/** FIPS 186-5, appendix A.1.1: smaller exponents make forgeries of lax implementations easy. */
const LEAST_RSA_EXPONENT = 65_537n;
const BASE64URL = /^[\w-]+$/;

/** A JWK Set in which there is no key that may verify tokens: whatever its issuer had, it has no more. */
export class NoUsableKeyError extends Error {}

/**
 * The keys of a JWK Set (RFC 7517) that may verify tokens: public, asymmetric, strong, meant for it. Others are left
 * out as if they were not there, as section 5 asks. Of a key only its own parameters are taken: no certificates, no
 * addresses.
 *
 * @param use - what `use` marks them; where that is `sig`, keys without a mark count too
 * @throws NoUsableKeyError; Error that says what else is wrong, in words for an operator
 */
export function usableKeys(document: Uint8Array, use: string): JWK[] {
  const { keys } = readJsonObject(document);
  if (!Array.isArray(keys)) throw new Error('there is no list of `keys`');
  if (keys.length > MAX_KEYS) throw new Error(`there are more than ${MAX_KEYS} keys`);
  const usable = keys.flatMap((key: JsonValue) =>
    isObject(key) && isUsable(key, use) ? [publicPart(key)] : [],
  );
  if (usable.length === 0) throw new NoUsableKeyError(`none of ${keys.length} keys can be used`);
  return usable;
}

/** The public key (RFC 7517) by which alone a proof's signature may be verified, or undefined where it is none. */
export function provingKey(key: JsonObject): JWK | undefined {
  const members = key['kty'] === 'EC' ? ['x', 'y'] : key['kty'] === 'OKP' ? ['x'] : [];
  const isWhole = members.every((name) => typeof key[name] === 'string');
  return isWhole && isUsable(key, 'sig') ? publicPart(key) : undefined;
}

function isUsable(key: JsonObject, use: string): boolean {
  const { kid, alg, key_ops } = key;
  return (
    !SECRET_MEMBERS.some((name) => Object.hasOwn(key, name)) &&
    (key['use'] === use || (key['use'] === undefined && use === 'sig')) &&
    (key_ops === undefined || (Array.isArray(key_ops) && key_ops.includes('verify'))) &&
    (kid === undefined || typeof kid === 'string') &&
    (alg === undefined || typeof alg === 'string') &&
    (key['kty'] === 'RSA' ? isStrongRsa(key) : isOnCurve(key))
  );
}

function isStrongRsa({ n, e }: JsonObject): boolean {
  const modulus = integerOf(n);
  const exponent = integerOf(e);
  if (modulus === undefined || exponent === undefined) return false;
  const bits = modulus.toString(2).length;
  return (
    bits >= RSA_BITS.least && bits <= RSA_BITS.most && exponent >= LEAST_RSA_EXPONENT && exponent % 2n === 1n
  );
}

function integerOf(value: JsonValue | undefined): bigint | undefined {
  if (typeof value !== 'string' || !BASE64URL.test(value)) return undefined;
  return BigInt(`0x${Buffer.from(value, 'base64url').toString('hex')}`);
}

function isOnCurve({ kty, crv }: JsonObject): boolean {
  return typeof kty === 'string' && typeof crv === 'string' && CURVES[kty]?.includes(crv) === true;
}

function publicPart(key: JsonObject): JWK {
  const names = ['kty', 'kid', 'alg', 'n', 'e', 'crv', 'x', 'y'];
  const own = names.flatMap((name) => (typeof key[name] === 'string' ? [[name, key[name]] as const] : []));
  return { ...Object.fromEntries(own), kty: String(key['kty']), use: 'sig' };
}
