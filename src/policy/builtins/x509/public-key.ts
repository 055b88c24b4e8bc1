import { createPublicKey, type KeyObject } from 'node:crypto';
import type { RegoValue } from '../../rego/value.js';
import { BuiltinError } from '../builtin.js';
import { DerReader, rightAligned, TAG, unsigned } from './der.js';
import { bigIntegerOf, objectOf } from './fields.js';

export type CurveName = 'P-224' | 'P-256' | 'P-384' | 'P-521';

/** A public key that Go can read; `key` throws where node:crypto cannot. */
export type PublicKey =
  | {
      readonly kind: 'rsa';
      readonly modulus: bigint;
      readonly exponent: bigint;
      readonly key: () => KeyObject;
    }
  | {
      readonly kind: 'ec';
      readonly curve: CurveName;
      readonly x: bigint;
      readonly y: bigint;
      readonly key: () => KeyObject;
    }
  | { readonly kind: 'ed25519'; readonly bytes: Buffer; readonly key: () => KeyObject }
  | { readonly kind: 'dsa'; readonly p: bigint; readonly q: bigint; readonly g: bigint; readonly y: bigint }
  | { readonly kind: 'x25519' };

/** A key as it stands in a certificate. */
export interface PublicKeyInfo {
  readonly algorithm: string;
  /** The algorithm's parameters, with their tag. */
  readonly parameters: Buffer;
  readonly bits: Buffer;
  readonly raw: Buffer;
}

export const KEY_ALGORITHM = {
  rsa: '1.2.840.113549.1.1.1',
  dsa: '1.2.840.10040.4.1',
  ec: '1.2.840.10045.2.1',
  x25519: '1.3.101.110',
  ed25519: '1.3.101.112',
} as const;

export const NULL_PARAMETERS = Buffer.from([TAG.null, 0]);

export const CURVES: Readonly<Record<string, CurveName>> = {
  '1.3.132.0.33': 'P-224',
  '1.2.840.10045.3.1.7': 'P-256',
  '1.3.132.0.34': 'P-384',
  '1.3.132.0.35': 'P-521',
};

export const CURVE_BITS: Readonly<Record<CurveName, number>> = {
  'P-224': 224,
  'P-256': 256,
  'P-384': 384,
  'P-521': 521,
};

/** How many bytes a coordinate has. */
export function curveBytes(curve: CurveName): number {
  return Math.ceil(CURVE_BITS[curve] / 8);
}

/** Reads the SubjectPublicKeyInfo that comes next. */
export function readPublicKeyInfo(reader: DerReader): PublicKeyInfo {
  const { content, raw } = reader.expect(TAG.sequence);
  const info = new DerReader(content);
  const { algorithm, parameters } = readAlgorithm(info.expect(TAG.sequence).content);
  return { algorithm, parameters, bits: rightAligned(info.bitString()), raw };
}

/** Reads what an AlgorithmIdentifier holds. */
export function readAlgorithm(content: Buffer): { readonly algorithm: string; readonly parameters: Buffer } {
  const reader = new DerReader(content);
  const algorithm = reader.oid();
  return { algorithm, parameters: reader.atEnd ? Buffer.alloc(0) : reader.element().raw };
}

/**
 * The key that the algorithm and its parameters make of the bits.
 *
 * @throws BuiltinError where Go wouldn't take it for a key
 * Source: RFC 3279, section 2.3; RFC 5480; RFC 8410
 */
export function publicKeyOf(info: PublicKeyInfo): PublicKey {
  switch (info.algorithm) {
    case KEY_ALGORITHM.rsa:
      return rsaKey(info);
    case KEY_ALGORITHM.ec:
      return ecKey(info);
    case KEY_ALGORITHM.ed25519:
      if (info.parameters.length !== 0 || info.bits.length !== 32)
        throw new BuiltinError('invalid Ed25519 key');
      return ed25519PublicKey(info.bits);
    case KEY_ALGORITHM.x25519:
      if (info.parameters.length !== 0 || info.bits.length !== 32)
        throw new BuiltinError('invalid X25519 key');
      return { kind: 'x25519' };
    case KEY_ALGORITHM.dsa:
      return dsaKey(info);
    default:
      throw new BuiltinError('unknown public key algorithm');
  }
}

/** As Go's keys of `crypto/rsa`, `crypto/ecdsa`, `crypto/ed25519` and `crypto/dsa`. */
export function publicKeyValue(key: PublicKey | undefined): RegoValue {
  switch (key?.kind) {
    case 'rsa':
      return objectOf({ N: bigIntegerOf(key.modulus), E: bigIntegerOf(key.exponent) });
    case 'ec':
      return objectOf({ Curve: objectOf({}), X: bigIntegerOf(key.x), Y: bigIntegerOf(key.y) });
    case 'ed25519':
      return key.bytes.toString('base64');
    case 'dsa':
      return objectOf({
        P: bigIntegerOf(key.p),
        Q: bigIntegerOf(key.q),
        G: bigIntegerOf(key.g),
        Y: bigIntegerOf(key.y),
      });
    case 'x25519':
      return objectOf({});
    default:
      return null;
  }
}

/** Of a point without compression; createPublicKey finds out whether it lies on the curve. */
export function curvePoint(curve: CurveName, bytes: Buffer): { x: bigint; y: bigint } {
  const size = curveBytes(curve);
  if (bytes[0] !== 4 || bytes.length !== 1 + 2 * size) throw new BuiltinError('invalid point of a curve');
  return { x: unsigned(bytes.subarray(1, 1 + size)), y: unsigned(bytes.subarray(1 + size)) };
}

export function rsaPublicKey(modulus: bigint, exponent: bigint): PublicKey & { kind: 'rsa' } {
  const key = () =>
    createPublicKey({
      key: { kty: 'RSA', n: base64Url(modulus), e: base64Url(exponent) },
      format: 'jwk',
    });
  return { kind: 'rsa', modulus, exponent, key };
}

export function ed25519PublicKey(bytes: Buffer): PublicKey & { kind: 'ed25519' } {
  const key = () =>
    createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') }, format: 'jwk' });
  return { kind: 'ed25519', bytes, key };
}

/** An unsigned number's big-endian bytes, without zeros in front. */
export function unsignedBytes(value: bigint): Buffer {
  const digits = value.toString(16);
  return Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
}

function base64Url(value: bigint): string {
  return unsignedBytes(value).toString('base64url');
}

function rsaKey({ parameters, bits }: PublicKeyInfo): PublicKey {
  if (!parameters.equals(NULL_PARAMETERS)) throw new BuiltinError('RSA key missing NULL parameters');
  const reader = new DerReader(bits).inside(TAG.sequence);
  const modulus = reader.integer();
  const exponent = reader.integer();
  if (modulus <= 0n || exponent <= 0n || exponent >= 2n ** 63n)
    throw new BuiltinError('invalid RSA public key');
  return rsaPublicKey(modulus, exponent);
}

function ecKey({ parameters, bits, raw }: PublicKeyInfo): PublicKey {
  const key = () => createPublicKey({ key: raw, format: 'der', type: 'spki' });
  const curve = CURVES[new DerReader(parameters).oid()];
  if (curve === undefined) throw new BuiltinError('unsupported elliptic curve');
  const point = curvePoint(curve, bits);
  try {
    key();
  } catch (cause) {
    throw new BuiltinError('invalid point of a curve', { cause });
  }
  return { kind: 'ec', curve, ...point, key };
}

function dsaKey({ parameters, bits }: PublicKeyInfo): PublicKey {
  const y = new DerReader(bits).integer();
  const reader = new DerReader(parameters).inside(TAG.sequence);
  const [p, q, g] = [reader.integer(), reader.integer(), reader.integer()];
  if (y <= 0n || p <= 0n || q <= 0n || g <= 0n) throw new BuiltinError('zero or negative DSA parameter');
  return { kind: 'dsa', p, q, g, y };
}
