import { createECDH, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { RegoValue } from '../../rego/value.js';
import { BuiltinError } from '../builtin.js';
import type { PemBlock } from '../go/pem.js';
import { contextTag, DerReader, readOnly, TAG } from './der.js';
import { bigIntegerOf, objectOf } from './fields.js';
import {
  CURVES,
  type CurveName,
  curveBytes,
  curvePoint,
  KEY_ALGORITHM,
  type PublicKey,
  readAlgorithm,
  unsignedBytes,
} from './public-key.js';
import { type RsaPrivateKey, rsaPrivateKey } from './rsa-private-key.js';

export type PrivateKey =
  | RsaPrivateKey
  | {
      readonly kind: 'ec';
      readonly curve: CurveName;
      readonly d: Buffer;
      readonly x: bigint;
      readonly y: bigint;
    }
  | { readonly kind: 'ed25519' | 'x25519'; readonly seed: Buffer; readonly publicBytes: Buffer };

/** What node:crypto calls the curves. */
const CURVE_ALIASES: Readonly<Record<CurveName, string>> = {
  'P-224': 'secp224r1',
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
};

/** What stands before the 32 bytes of a key in PKCS #8. Source: RFC 8410, section 7 */
const SEED_PREFIX = {
  ed25519: Buffer.from('302e020100300506032b657004220420', 'hex'),
  x25519: Buffer.from('302e020100300506032b656e04220420', 'hex'),
};

/**
 * The key in a PEM block, or undefined where the block is of another type.
 *
 * @throws BuiltinError where the key is malformed or its parts don't fit together
 */
export function privateKeyIn({ type, bytes }: PemBlock): PrivateKey | undefined {
  if (type === 'RSA PRIVATE KEY') return readRsaKey(bytes);
  if (type === 'EC PRIVATE KEY') return readEcKey(bytes);
  return type === 'PRIVATE KEY' ? readPkcs8(bytes) : undefined;
}

/** A key in whichever of the three formats it is, as for TLS. */
export function readAnyPrivateKey(bytes: Buffer): PrivateKey {
  return attempt(() => readRsaKey(bytes)) ?? attempt(() => readPkcs8(bytes)) ?? readEcKey(bytes);
}

/** Whether a private key is that of a public key. */
export function belongsTo(key: PrivateKey, publicKey: PublicKey | undefined): boolean {
  if (key.kind === 'rsa') {
    return (
      publicKey?.kind === 'rsa' && publicKey.modulus === key.modulus && publicKey.exponent === key.exponent
    );
  }
  if (key.kind === 'ec') {
    return (
      publicKey?.kind === 'ec' &&
      publicKey.curve === key.curve &&
      publicKey.x === key.x &&
      publicKey.y === key.y
    );
  }
  return key.kind === 'ed25519' && publicKey?.kind === 'ed25519' && publicKey.bytes.equals(key.publicBytes);
}

/** As Go's `rsa.PrivateKey`, `ecdsa.PrivateKey`, `ed25519.PrivateKey` and `ecdh.PrivateKey`. */
export function privateKeyValue(key: PrivateKey): RegoValue {
  switch (key.kind) {
    case 'rsa':
      return objectOf({
        N: bigIntegerOf(key.modulus),
        E: bigIntegerOf(key.exponent),
        D: bigIntegerOf(key.d),
        Primes: [bigIntegerOf(key.p), bigIntegerOf(key.q)],
        Precomputed: objectOf({
          Dp: bigIntegerOf(key.dp),
          Dq: bigIntegerOf(key.dq),
          Qinv: bigIntegerOf(key.qInverse),
          CRTValues: [],
        }),
      });
    case 'ec':
      return objectOf({
        Curve: objectOf({}),
        X: bigIntegerOf(key.x),
        Y: bigIntegerOf(key.y),
        D: bigIntegerOf(BigInt(`0x${key.d.toString('hex')}`)),
      });
    case 'ed25519':
      return Buffer.concat([key.seed, key.publicBytes]).toString('base64');
    case 'x25519':
      return objectOf({});
  }
}

/** As a JSON Web Key. Source: RFC 7518, section 6; RFC 8037 */
export function jwkValue(key: PrivateKey): RegoValue {
  switch (key.kind) {
    case 'rsa':
      return objectOf({
        kty: 'RSA',
        n: base64Url(key.modulus),
        e: base64Url(key.exponent),
        d: base64Url(key.d),
        p: base64Url(key.p),
        q: base64Url(key.q),
        dp: base64Url(key.dp),
        dq: base64Url(key.dq),
        qi: base64Url(key.qInverse),
      });
    case 'ec':
      if (key.curve === 'P-224') throw new BuiltinError('no JSON Web Key can be of the curve P-224');
      return objectOf({
        kty: 'EC',
        crv: key.curve,
        d: key.d.toString('base64url'),
        x: coordinate(key.x, key.curve),
        y: coordinate(key.y, key.curve),
      });
    default:
      return objectOf({
        kty: 'OKP',
        crv: key.kind === 'ed25519' ? 'Ed25519' : 'X25519',
        d: key.seed.toString('base64url'),
        x: key.publicBytes.toString('base64url'),
      });
  }
}

/** The key whose secret 32 bytes these are. */
export function seedKey(
  kind: 'ed25519' | 'x25519',
  seed: Buffer,
): PrivateKey & { kind: 'ed25519' | 'x25519' } {
  if (seed.length !== 32) throw new BuiltinError(`an ${kind} private key has 32 bytes`);
  const encoded = createPublicKey(seedKeyObject(kind, seed));
  const publicBytes = encoded.export({ format: 'der', type: 'spki' }).subarray(-32);
  return { kind, seed, publicBytes };
}

export function seedKeyObject(kind: 'ed25519' | 'x25519', seed: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([SEED_PREFIX[kind], seed]), format: 'der', type: 'pkcs8' });
}

/** PKCS #1. Source: RFC 8017, appendix A.1.2 */
function readRsaKey(bytes: Buffer): RsaPrivateKey {
  const reader = readOnly(bytes, TAG.sequence);
  if (reader.smallInteger() > 1) throw new BuiltinError('unsupported version of an RSA private key');
  const numbers: bigint[] = [];
  while (reader.nextIs(TAG.integer)) numbers.push(reader.integer());
  const [modulus, exponent, d, p, q, dp, dq, qInverse] = numbers;
  if (
    modulus === undefined ||
    exponent === undefined ||
    d === undefined ||
    p === undefined ||
    q === undefined
  ) {
    throw new BuiltinError('malformed RSA private key');
  }
  // More primes than two are long out of use.
  if (!reader.atEnd || numbers.some((number) => number <= 0n))
    throw new BuiltinError('unsupported RSA private key');
  const remainders = dp && dq && qInverse ? { dp, dq, qInverse } : {};
  return rsaPrivateKey({ modulus, exponent, d, p, q, ...remainders });
}

/** Source: RFC 5208 */
function readPkcs8(bytes: Buffer): PrivateKey {
  const reader = new DerReader(bytes).inside(TAG.sequence);
  reader.smallInteger();
  const { algorithm, parameters } = readAlgorithm(reader.expect(TAG.sequence).content);
  const key = reader.expect(TAG.octetString).content;
  switch (algorithm) {
    case KEY_ALGORITHM.rsa:
      return readRsaKey(key);
    case KEY_ALGORITHM.ec:
      return readEcKey(
        key,
        attempt(() => new DerReader(parameters).oid()),
      );
    case KEY_ALGORITHM.ed25519:
    case KEY_ALGORITHM.x25519: {
      if (parameters.length !== 0) throw new BuiltinError('invalid private key parameters');
      const kind = algorithm === KEY_ALGORITHM.ed25519 ? 'ed25519' : 'x25519';
      return seedKey(kind, new DerReader(key).expect(TAG.octetString).content);
    }
    default:
      throw new BuiltinError('a private key of an unknown algorithm');
  }
}

/** Source: RFC 5915 */
function readEcKey(bytes: Buffer, curveOid?: string): PrivateKey {
  const reader = new DerReader(bytes).inside(TAG.sequence);
  if (reader.smallInteger() !== 1) throw new BuiltinError('unknown version of an EC private key');
  const secret = reader.expect(TAG.octetString).content;
  const inner = reader.optional(contextTag(0, 'constructed'));
  const curve = CURVES[curveOid ?? (inner === undefined ? '' : new DerReader(inner.content).oid())];
  if (curve === undefined) throw new BuiltinError('unknown elliptic curve');
  const size = curveBytes(curve);
  const excess = Math.max(0, secret.length - size);
  if (secret.subarray(0, excess).some((byte) => byte !== 0))
    throw new BuiltinError('invalid private key length');
  // Zeros in front are sometimes too many and sometimes missing.
  const d = Buffer.concat([Buffer.alloc(Math.max(0, size - secret.length)), secret.subarray(excess)]);
  return { kind: 'ec', curve, d, ...publicPoint(curve, d) };
}

function publicPoint(curve: CurveName, d: Buffer): { x: bigint; y: bigint } {
  const pair = createECDH(CURVE_ALIASES[curve]);
  try {
    pair.setPrivateKey(d);
  } catch (cause) {
    throw new BuiltinError('invalid EC private key', { cause });
  }
  return curvePoint(curve, pair.getPublicKey());
}

function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof BuiltinError) return undefined;
    throw error;
  }
}

function base64Url(value: bigint): string {
  return unsignedBytes(value).toString('base64url');
}

function coordinate(value: bigint, curve: CurveName): string {
  return Buffer.from(value.toString(16).padStart(2 * curveBytes(curve), '0'), 'hex').toString('base64url');
}
