import type { JsonObject, JsonValue } from '../domain/index.js';
import { IdentityError } from './errors.js';

/** Control characters and lone surrogates: no name that a log, a header or a policy could hold unchanged. */
const NO_TEXT = /[\p{Cc}\p{Cs}]/u;

/**
 * The claim at a path, or undefined where the token has none.
 *
 * @param path - dotted names or a JSON Pointer, see `ClaimPaths`
 * @throws IdentityError `claim_invalid` where the path leads through something that is no object
 */
export function claimAt(claims: JsonObject, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = claims;
  for (const name of namesOf(path)) {
    if (!isObject(value))
      throw new IdentityError(
        'claim_invalid',
        `the claim \`${path}\` leads through something that is no object`,
      );
    if (!Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/**
 * A claim that lists names; a token without it lists none.
 *
 * @throws IdentityError `claim_invalid` on anything but an array of names: a list that cannot be read whole must
 *   not pass for a shorter one
 */
export function namesAt(claims: JsonObject, path: string): readonly string[] {
  const value = claimAt(claims, path);
  if (value === undefined) return [];
  if (!Array.isArray(value))
    throw new IdentityError('claim_invalid', `the claim \`${path}\` is no array of strings`);
  return value.map((name: JsonValue) => nameIn(name, path));
}

/**
 * The token's scopes: an array, or one string of names between spaces (RFC 8693, section 4.2).
 *
 * @throws IdentityError `claim_invalid`
 */
export function scopesOf(claims: JsonObject): readonly string[] {
  const { scope } = claims;
  if (typeof scope !== 'string') return namesAt(claims, 'scope');
  return scope
    .split(' ')
    .filter((name) => name !== '')
    .map((name) => nameIn(name, 'scope'));
}

/**
 * A value that must be a name: a string, not empty, without control characters.
 *
 * @throws IdentityError `claim_invalid`
 */
export function nameIn(value: JsonValue, path: string): string {
  if (typeof value !== 'string' || value === '' || NO_TEXT.test(value))
    throw new IdentityError('claim_invalid', `the claim \`${path}\` holds what is no name`);
  return value;
}

function namesOf(path: string): string[] {
  if (!path.startsWith('/')) return path.split('.');
  return path
    .slice(1)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
