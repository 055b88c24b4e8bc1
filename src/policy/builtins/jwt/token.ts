import { isArray, type RegoObject, type RegoValue } from '../../rego/value.js';
import { BuiltinError } from '../builtin.js';
import { decodeBase64Url } from '../go/base64.js';
import { parseJsonObject } from '../go/json.js';
import { textOf } from '../go/text.js';

/** The three parts of a token, still encoded. */
export interface Token {
  readonly header: string;
  readonly payload: string;
  readonly signature: string;
}

/** The members of a token's header that have a meaning; '' for those that are absent. */
export interface TokenHeader {
  readonly members: RegoObject;
  readonly algorithm: string;
  readonly keyId: string;
  readonly contentType: string;
  /** Whether it has an algorithm, and demands nothing that nobody understands. */
  readonly isValid: boolean;
}

const UNDERSTOOD = new Set(['alg', 'kid', 'typ', 'cty', 'crit']);

/**
 * Splits a token in the compact form.
 *
 * Source: RFC 7515, section 7.1
 */
export function splitToken(text: string): Token {
  const [header, payload, signature, ...rest] = text.split('.', 4);
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) {
    throw new BuiltinError('encoded JWT must have 3 sections');
  }
  return { header, payload, signature };
}

/** The header's members; encrypted tokens are refused. */
export function headerMembers({ header }: Token): RegoObject {
  const members = parseJsonObject(textOf(decodeBase64Url(header)));
  if (members.get('enc') !== undefined) throw new BuiltinError('JWT is a JWE object, which is not supported');
  return members;
}

export function payloadText({ payload }: Token): string {
  return textOf(decodeBase64Url(payload));
}

export function signatureBytes({ signature }: Token): Buffer {
  return decodeBase64Url(signature);
}

/** What is signed. */
export function signedText({ header, payload }: Token): Buffer {
  return Buffer.from(`${header}.${payload}`);
}

/**
 * Reads the header of a token that is to be verified.
 *
 * @throws BuiltinError where a member is of another type than it must be
 * Source: RFC 7515, section 4.1
 */
export function readHeader(token: Token): TokenHeader {
  const members = headerMembers(token);
  textIn(members, 'typ');
  const algorithm = textIn(members, 'alg');
  const critical = criticalMembers(members.get('crit'));
  const understood = members.entries.every(
    ([name]) => typeof name === 'string' && (UNDERSTOOD.has(name) || !critical.has(name)),
  );
  return {
    members,
    algorithm,
    keyId: textIn(members, 'kid'),
    contentType: textIn(members, 'cty'),
    isValid: algorithm !== '' && understood,
  };
}

/** Up to the first that is no string, as OPA reads them. */
function criticalMembers(value: RegoValue | undefined): Set<string> {
  const names = new Set<string>();
  if (value === undefined) return names;
  if (value === null || !isArray(value)) throw new BuiltinError('crit: must be a list');
  for (const name of value) {
    if (typeof name !== 'string') break;
    names.add(name);
  }
  if (names.size === 0) throw new BuiltinError('crit: must be a nonempty list');
  return names;
}

function textIn(members: RegoObject, name: string): string {
  const value = members.get(name);
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  throw new BuiltinError(`${name}: must be a string`);
}
