import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { BuiltinError } from '../builtin.js';
import { firstPemBlock } from '../go/pem.js';
import { readOnlyCertificate } from '../x509/certificate.js';
import { DerReader } from '../x509/der.js';
import { seedKey, seedKeyObject } from '../x509/private-key.js';
import {
  ed25519PublicKey,
  type PublicKey,
  publicKeyOf,
  readPublicKeyInfo,
  rsaPublicKey,
  unsignedBytes,
} from '../x509/public-key.js';
import { rsaPrivateKey } from '../x509/rsa-private-key.js';
import { type EcCurve, type Jwk, type JwkMaterial, readJwks } from './jwk.js';

/** What signatures are made and verified with. */
export type JwtKey =
  | PublicKey
  | { readonly kind: 'secret'; readonly secret: Buffer }
  | { readonly kind: 'unknown' };

/** A key that tokens are verified with. */
export interface VerificationKey {
  /** '' where the key names none. */
  readonly algorithm: string;
  readonly keyId: string;
  readonly key: JwtKey;
  /** Whether it was given with its secret part. */
  readonly isPrivate: boolean;
}

export type SigningKey =
  | { readonly kind: 'rsa'; readonly modulus: bigint; readonly exponent: bigint; readonly key: KeyObject }
  | { readonly kind: 'ec' | 'ed25519'; readonly key: KeyObject }
  | { readonly kind: 'secret'; readonly secret: Buffer };

/** Keys that name another algorithm than one of these verify nothing. */
export const TOKEN_ALGORITHMS: ReadonlySet<string> = new Set(
  'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 HS256 HS384 HS512 EdDSA'.split(' '),
);

/**
 * The keys in a PEM certificate, a PEM public key, a JSON Web Key or a set of them.
 *
 * @throws BuiltinError where the text is none of these, or has more than one PEM block
 */
export function verificationKeys(text: string): VerificationKey[] {
  const pem = firstPemBlock(text);
  if (pem === undefined) {
    return readJwks(text)
      .map(verificationKey)
      .filter(({ algorithm }) => algorithm === '' || TOKEN_ALGORITHMS.has(algorithm));
  }
  if (pem.rest !== '') throw new BuiltinError('extra data after a PEM certificate block');
  const key = keyInPem(pem.block.type, pem.block.bytes) ?? ({ kind: 'unknown' } as const);
  return [{ algorithm: '', keyId: '', key, isPrivate: false }];
}

/** The key that tokens are signed with: the first one. */
export function signingKey(text: string): SigningKey {
  const [jwk] = readJwks(text);
  if (jwk === undefined) throw new BuiltinError('no keys found in JWK set');
  const { material } = jwk;
  if (material.type === 'oct') return { kind: 'secret', secret: material.secret };
  if (material.type === 'RSA') return rsaSigningKey(material);
  if (material.d === undefined) throw new BuiltinError('a token is signed with a private key');
  if (material.type === 'EC') {
    ecPublicKey(material);
    return { kind: 'ec', key: imported(() => createPrivateKey(jwkInput(ecJwk(material)))) };
  }
  checkSeed(material.curve, material.d, material.x);
  return { kind: 'ed25519', key: seedKeyObject('ed25519', material.d) };
}

function keyInPem(type: string, bytes: Buffer): PublicKey | undefined {
  if (type === 'CERTIFICATE') return readOnlyCertificate(bytes).publicKey;
  if (type !== 'PUBLIC KEY') throw new BuiltinError('failed to extract a Key from the PEM certificate');
  const reader = new DerReader(bytes);
  const info = readPublicKeyInfo(reader);
  if (!reader.atEnd) throw new BuiltinError('trailing data after a public key');
  return publicKeyOf(info);
}

function verificationKey({ algorithm, keyId, material }: Jwk): VerificationKey {
  const isPrivate = material.type === 'RSA' ? material.secret !== undefined : 'd' in material;
  return { algorithm, keyId, isPrivate, key: publicPart(material) };
}

function publicPart(material: JwkMaterial): JwtKey {
  switch (material.type) {
    case 'oct':
      return { kind: 'secret', secret: material.secret };
    case 'RSA':
      if (material.secret !== undefined) primesOf(material.secret);
      return rsaPublicKey(material.modulus, material.exponent);
    case 'EC':
      return ecPublicKey(material);
    case 'OKP':
      if (material.curve === 'X25519') return { kind: 'x25519' };
      if (material.curve !== 'Ed25519') throw new BuiltinError('invalid curve of an OKP key');
      if (material.d !== undefined) checkSeed(material.curve, material.d, material.x);
      return ed25519PublicKey(material.x);
  }
}

function primesOf({ p, q }: { p: bigint | undefined; q: bigint | undefined }): { p: bigint; q: bigint } {
  if (p === undefined || q === undefined) throw new BuiltinError('an RSA private key lacks its primes');
  return { p, q };
}

function rsaSigningKey({ modulus, exponent, secret }: JwkMaterial & { type: 'RSA' }): SigningKey {
  if (secret === undefined) throw new BuiltinError('a token is signed with a private key');
  const { d, dp, dq, qInverse } = secret;
  const remainders =
    dp !== undefined && dq !== undefined && qInverse !== undefined ? { dp, dq, qInverse } : {};
  const whole = rsaPrivateKey({ modulus, exponent, d, ...primesOf(secret), ...remainders });
  const members = {
    n: modulus,
    e: exponent,
    d,
    p: whole.p,
    q: whole.q,
    dp: whole.dp,
    dq: whole.dq,
    qi: whole.qInverse,
  };
  const encoded = Object.entries(members).map(([name, value]) => [
    name,
    unsignedBytes(value).toString('base64url'),
  ]);
  const jwk = { kty: 'RSA', ...Object.fromEntries(encoded) };
  return { kind: 'rsa', modulus, exponent, key: imported(() => createPrivateKey(jwkInput(jwk))) };
}

function ecPublicKey({ curve, x, y }: { curve: EcCurve; x: Buffer; y: Buffer }): PublicKey {
  const key = imported(() => createPublicKey(jwkInput(ecJwk({ curve, x, y }))));
  return {
    kind: 'ec',
    curve,
    x: BigInt(`0x${x.toString('hex')}`),
    y: BigInt(`0x${y.toString('hex')}`),
    key: () => key,
  };
}

function ecJwk({ curve, x, y, d }: { curve: EcCurve; x: Buffer; y: Buffer; d?: Buffer }): JsonWebKey {
  const secret = d === undefined ? {} : { d: d.toString('base64url') };
  return { kty: 'EC', crv: curve, x: x.toString('base64url'), y: y.toString('base64url'), ...secret };
}

function checkSeed(curve: string, seed: Buffer, publicBytes: Buffer): void {
  if (curve !== 'Ed25519' || !seedKey('ed25519', seed).publicBytes.equals(publicBytes)) {
    throw new BuiltinError('the parts of an OKP key do not fit together');
  }
}

function jwkInput(key: JsonWebKey): { key: JsonWebKey; format: 'jwk' } {
  return { key, format: 'jwk' };
}

function imported(make: () => KeyObject): KeyObject {
  try {
    return make();
  } catch (cause) {
    throw new BuiltinError('a JSON Web Key that is no key', { cause });
  }
}
