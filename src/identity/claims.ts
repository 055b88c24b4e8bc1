import type { JsonObject, JsonValue } from '../domain/index.js';
import { IdentityError } from './errors.js';
import { isObject } from './json-object.js';

/** Control characters and lone surrogates: no name that a log, a header or a policy could hold unchanged. */
const NO_TEXT = /[\p{Cc}\p{Cs}]/u;
/** What separates names where issuers write a list as one string. */
const SEPARATOR = /[\s,;]/;
/** The longest SPIFFE ID; nothing else that names somebody comes near. */
const MAX_NAME_CHARACTERS = 2048;

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
 * A claim that lists names, or is one, as a CI job's `repository` is; a token without it lists none.
 *
 * @throws IdentityError `claim_invalid` on anything but a name or an array of names: a list that cannot be read whole,
 *   such as one with commas in a string, must not pass for a shorter one
 */
export function namesAt(claims: JsonObject, path: string): readonly string[] {
  const value = claimAt(claims, path);
  if (value === undefined) return [];
  if (typeof value === 'string' && !SEPARATOR.test(value)) return [nameIn(value, path)];
  if (!Array.isArray(value))
    throw new IdentityError(
      'claim_invalid',
      `the claim \`${path}\` is neither one name nor an array of strings`,
    );
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
 * A name that the token must have.
 *
 * @throws IdentityError `claim_missing`, `claim_invalid`
 */
export function nameAt(claims: JsonObject, path: string): string {
  const name = optionalNameAt(claims, path);
  if (name === undefined) throw new IdentityError('claim_missing', `the token has no \`${path}\``);
  return name;
}

/**
 * A name that the token may have. An empty one counts as none, and a whole number as its digits: platforms send
 * both.
 *
 * @throws IdentityError `claim_invalid`
 */
export function optionalNameAt(claims: JsonObject, path: string): string | undefined {
  const value = claimAt(claims, path);
  if (value === undefined || value === null || value === '') return undefined;
  return Number.isSafeInteger(value) ? String(value) : nameIn(value, path);
}

/**
 * A yes or no that the token may have, also as the text `true` or `false`, which every rule would take for a yes.
 *
 * @throws IdentityError `claim_invalid`
 */
export function optionalFlagAt(claims: JsonObject, path: string): boolean | undefined {
  const value = claimAt(claims, path);
  if (value === undefined || value === null) return undefined;
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw new IdentityError('claim_invalid', `the claim \`${path}\` is neither true nor false`);
}

/**
 * A value that must be a name: a string, not empty, of 2048 characters at most, without control characters.
 *
 * @throws IdentityError `claim_invalid`
 */
export function nameIn(value: JsonValue, path: string): string {
  if (
    typeof value !== 'string' ||
    value === '' ||
    value.length > MAX_NAME_CHARACTERS ||
    NO_TEXT.test(value)
  ) {
    throw new IdentityError('claim_invalid', `the claim \`${path}\` holds what is no name`);
  }
  return value;
}

/** The names among these that the token has, by their claims. @throws IdentityError `claim_invalid` */
export function optionalNames<Name extends string>(claims: JsonObject, names: readonly Name[]) {
  return optional(claims, names, optionalNameAt);
}

/** The same for what is yes or no. @throws IdentityError `claim_invalid` */
export function optionalFlags<Name extends string>(claims: JsonObject, names: readonly Name[]) {
  return optional(claims, names, optionalFlagAt);
}

function optional<Name extends string, Value>(
  claims: JsonObject,
  names: readonly Name[],
  read: (claims: JsonObject, path: string) => Value | undefined,
): { readonly [Each in Name]?: Value } {
  const found: { [Each in Name]?: Value } = {};
  for (const name of names) {
    const value = read(claims, name);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

function namesOf(path: string): string[] {
  if (!path.startsWith('/')) return path.split('.');
  return path
    .slice(1)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
}
