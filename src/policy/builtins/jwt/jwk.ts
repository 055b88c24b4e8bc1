import { isArray, RegoObject, type RegoValue } from '../../rego/value.js';
import { BuiltinError } from '../builtin.js';
import { decodeBase64 } from '../go/base64.js';
import { parseJsonObject } from '../go/json.js';
import { readOnlyCertificate } from '../x509/certificate.js';
import { unsigned } from '../x509/der.js';

/** A JSON Web Key as it was written, of which all members have the right types. */
export interface Jwk {
  /** '' where it names none. */
  readonly algorithm: string;
  readonly keyId: string;
  readonly material: JwkMaterial;
}

export type JwkMaterial =
  | {
      readonly type: 'RSA';
      readonly modulus: bigint;
      readonly exponent: bigint;
      readonly secret?: RsaSecret;
    }
  | {
      readonly type: 'EC';
      readonly curve: EcCurve;
      readonly x: Buffer;
      readonly y: Buffer;
      readonly d?: Buffer;
    }
  | { readonly type: 'OKP'; readonly curve: string; readonly x: Buffer; readonly d?: Buffer }
  | { readonly type: 'oct'; readonly secret: Buffer };

/** What makes a key private; a key without the primes can be read, but not be used. */
export interface RsaSecret {
  readonly d: bigint;
  readonly p: bigint | undefined;
  readonly q: bigint | undefined;
  readonly dp: bigint | undefined;
  readonly dq: bigint | undefined;
  readonly qInverse: bigint | undefined;
}

export type EcCurve = keyof typeof EC_BYTES;

/** How long a coordinate is. */
const EC_BYTES = { 'P-256': 32, 'P-384': 48, 'P-521': 66 } as const;

/** How long the keys of these curves are; of others nobody checks it. */
const OKP_BYTES: Readonly<Record<string, number>> = { Ed25519: 32, X25519: 32 };
const OKP_CURVES = new Set(['Ed25519', 'Ed448', 'X25519', 'X448', 'P-256', 'P-384', 'P-521']);

const MOST_KEYS = 1_000;
const LONGEST_CHAIN = 10;

/** Every algorithm that a key may name. Source: RFC 7518, RFC 8037, RFC 9864 */
const ALGORITHMS = new Set(
  (
    'ES256 ES256K ES384 ES512 EdDSA Ed25519 HS256 HS384 HS512 none PS256 PS384 PS512 RS256 RS384 RS512 ' +
    'RSA1_5 RSA-OAEP RSA-OAEP-256 RSA-OAEP-384 RSA-OAEP-512 A128KW A192KW A256KW A128GCMKW A192GCMKW A256GCMKW ' +
    'ECDH-ES ECDH-ES+A128KW ECDH-ES+A192KW ECDH-ES+A256KW PBES2-HS256+A128KW PBES2-HS384+A192KW ' +
    'PBES2-HS512+A256KW dir A128GCM A192GCM A256GCM A128CBC-HS256 A192CBC-HS384 A256CBC-HS512'
  ).split(' '),
);

/**
 * Reads one key, or a set of them, of which each must be in order.
 *
 * @throws BuiltinError where one is not
 * Source: RFC 7517
 */
export function readJwks(text: string): Jwk[] {
  const value = parseJsonObject(text);
  const keys = value.get('keys');
  if (keys === undefined) return [readJwk(value)];
  if (keys === null || !isArray(keys) || keys.length > MOST_KEYS)
    throw new BuiltinError('"keys" is no list of keys');
  return keys.map((key) => {
    if (key instanceof RegoObject) return readJwk(key);
    throw new BuiltinError('a JSON Web Key must be an object');
  });
}

function readJwk(key: RegoObject): Jwk {
  const algorithm = textMember(key, 'alg') ?? '';
  if (key.get('alg') !== undefined && !ALGORITHMS.has(algorithm))
    throw new BuiltinError('unknown "alg" of a key');
  for (const name of ['use', 'x5t', 'x5t#S256', 'x5u']) textMember(key, name);
  checkOperations(key.get('key_ops'));
  checkChain(key.get('x5c'));
  return { algorithm, keyId: textMember(key, 'kid') ?? '', material: materialOf(key) };
}

function materialOf(key: RegoObject): JwkMaterial {
  const [type, ...others] = new Set(anyCaseMembers(key, 'kty'));
  if (others.length > 0) throw new BuiltinError('a key with two types');
  const isPrivate = anyCaseMembers(key, 'd').length > 0;
  switch (type) {
    case 'RSA':
      return rsaMaterial(key, isPrivate);
    case 'EC':
      return ecMaterial(key, isPrivate);
    case 'OKP':
      return okpMaterial(key, isPrivate);
    case 'oct':
      return { type, secret: needed(bytesMember(key, 'k')) };
    default:
      throw new BuiltinError('a JSON Web Key of an unknown type');
  }
}

function rsaMaterial(key: RegoObject, isPrivate: boolean): JwkMaterial {
  const number = (name: string) => {
    const bytes = bytesMember(key, name);
    return bytes === undefined ? undefined : unsigned(bytes);
  };
  const [modulus = 0n, exponent = 0n] = [number('n'), number('e')];
  if (modulus === 0n || exponent % 2n === 0n || exponent >= 2n ** 63n)
    throw new BuiltinError('invalid RSA key');
  if (!isPrivate) return { type: 'RSA', modulus, exponent };
  const secret = {
    d: unsigned(needed(bytesMember(key, 'd'))),
    p: number('p'),
    q: number('q'),
    dp: number('dp'),
    dq: number('dq'),
    qInverse: number('qi'),
  };
  return { type: 'RSA', modulus, exponent, secret };
}

function ecMaterial(key: RegoObject, isPrivate: boolean): JwkMaterial {
  const curve = textMember(key, 'crv') ?? '';
  if (!isEcCurve(curve)) throw new BuiltinError('invalid curve of an EC key');
  const member = (name: string) => {
    const bytes = bytesMember(key, name);
    if (bytes?.length === EC_BYTES[curve]) return bytes;
    throw new BuiltinError(`invalid "${name}" of an EC key`);
  };
  const point = { type: 'EC', curve, x: member('x'), y: member('y') } as const;
  return isPrivate ? { ...point, d: member('d') } : point;
}

function okpMaterial(key: RegoObject, isPrivate: boolean): JwkMaterial {
  const curve = textMember(key, 'crv') ?? '';
  if (!OKP_CURVES.has(curve)) throw new BuiltinError('invalid curve of an OKP key');
  const member = (name: string) => {
    const bytes = needed(bytesMember(key, name));
    if (bytes.length === (OKP_BYTES[curve] ?? bytes.length)) return bytes;
    throw new BuiltinError(`invalid "${name}" of an OKP key`);
  };
  const x = member('x');
  return isPrivate ? { type: 'OKP', curve, x, d: member('d') } : { type: 'OKP', curve, x };
}

function isEcCurve(name: string): name is EcCurve {
  return Object.hasOwn(EC_BYTES, name);
}

function needed(bytes: Buffer | undefined): Buffer {
  if (bytes === undefined || bytes.length === 0) throw new BuiltinError('a JSON Web Key lacks a member');
  return bytes;
}

/** Go looks for the type of a key, and whether it is private, without regard to case. */
function anyCaseMembers(key: RegoObject, name: string): RegoValue[] {
  return key.entries.flatMap(([own, value]) =>
    typeof own === 'string' && own.toLowerCase() === name ? [value] : [],
  );
}

/** Go reads null as ''. */
function textMember(key: RegoObject, name: string): string | undefined {
  const value = key.get(name);
  if (value === undefined || typeof value === 'string') return value;
  if (value === null) return '';
  throw new BuiltinError(`"${name}" of a key must be a string`);
}

/** Any of the four ways of Base64. */
function bytesMember(key: RegoObject, name: string): Buffer | undefined {
  const text = textMember(key, name);
  if (text === undefined) return undefined;
  const alphabet = /[+/]/.test(text) ? 'standard' : 'url';
  return decodeBase64(text, text.endsWith('=') ? alphabet : `raw-${alphabet}`);
}

function checkOperations(value: RegoValue | undefined): void {
  if (value === undefined || value === null) return;
  if (isArray(value) && value.every((item) => item === null || typeof item === 'string')) return;
  throw new BuiltinError('"key_ops" of a key must be a list of strings');
}

function checkChain(value: RegoValue | undefined): void {
  if (value === undefined) return;
  if (value === null || !isArray(value) || value.length > LONGEST_CHAIN) {
    throw new BuiltinError('"x5c" of a key must be a list of certificates');
  }
  for (const item of value) {
    if (typeof item !== 'string') throw new BuiltinError('"x5c" of a key must be a list of strings');
    readOnlyCertificate(decodeBase64(item.replace(/[ \t\r\n\v\f]/g, ''), 'standard'));
  }
}
