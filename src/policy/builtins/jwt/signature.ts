import { constants, createHmac, sign, timingSafeEqual, verify } from 'node:crypto';
import { BuiltinError, type Evaluation } from '../builtin.js';
import { curveBytes } from '../x509/public-key.js';
import { isUsableRsa } from '../x509/rsa.js';
import { verifies } from '../x509/signature.js';
import type { JwtKey, SigningKey } from './key.js';

export type Hash = 'sha256' | 'sha384' | 'sha512';

/** How a token is signed; `kind` is that of the key. */
export type Algorithm =
  | { readonly kind: 'rsa'; readonly hash: Hash; readonly padding: 'pkcs1' | 'pss' }
  | { readonly kind: 'ec' | 'secret'; readonly hash: Hash }
  | { readonly kind: 'ed25519' };

/** How lenient the functions for one algorithm each are, and how strict `io.jwt.decode_verify` is. */
export type Strictness = 'any salt or length' | 'as specified';

const HASHES: ReadonlyMap<string, Hash> = new Map([
  ['256', 'sha256'],
  ['384', 'sha384'],
  ['512', 'sha512'],
]);

/** Units for one signature that is verified with a key of 2048 bits, and for one that is made. */
const VERIFYING = 10_000;
const SIGNING = 100_000;

/**
 * The algorithm that a token names.
 *
 * Source: RFC 7518, section 3.1; RFC 8037, section 3.1; RFC 9864
 */
export function algorithmNamed(name: string): Algorithm | undefined {
  if (name === 'EdDSA' || name === 'Ed25519') return { kind: 'ed25519' };
  const [, family, bits] = /^(RS|PS|ES|HS)(256|384|512)$/.exec(name) ?? [];
  const hash = HASHES.get(bits ?? '');
  if (hash === undefined) return undefined;
  if (family === 'RS' || family === 'PS')
    return { kind: 'rsa', hash, padding: family === 'RS' ? 'pkcs1' : 'pss' };
  return { kind: family === 'ES' ? 'ec' : 'secret', hash };
}

/** Whether a signature of a text is right; a key of another kind makes none. */
export function isSignature(
  evaluation: Evaluation,
  signature: Buffer,
  {
    text,
    key,
    algorithm,
    strictness,
  }: { text: Buffer; key: JwtKey; algorithm: Algorithm; strictness: Strictness },
): boolean {
  if (algorithm.kind === 'secret')
    return key.kind === 'secret' && isCode(signature, text, algorithm.hash, key.secret);
  if (key.kind !== algorithm.kind) return false;
  if (key.kind === 'rsa' && algorithm.kind === 'rsa') {
    if (!isUsableRsa(key.modulus, key.exponent)) return false;
    evaluation.spend(VERIFYING * keySteps(key.modulus, 2));
    const salt =
      strictness === 'as specified' ? constants.RSA_PSS_SALTLEN_DIGEST : constants.RSA_PSS_SALTLEN_AUTO;
    const options = { key: key.key(), ...paddingOf(algorithm.padding, salt) };
    return verifies(() => verify(algorithm.hash, text, options, signature));
  }
  evaluation.spend(VERIFYING);
  if (key.kind === 'ec' && algorithm.kind === 'ec') {
    const fixed = strictness === 'as specified' ? signature : resized(signature, curveBytes(key.curve));
    if (fixed === undefined || fixed.length !== 2 * curveBytes(key.curve)) return false;
    return verifies(() => verify(algorithm.hash, text, { key: key.key(), dsaEncoding: 'ieee-p1363' }, fixed));
  }
  return (
    key.kind === 'ed25519' &&
    signature.length === 64 &&
    verifies(() => verify(null, text, key.key(), signature))
  );
}

/** Whether a message authentication code is right, in a time that says nothing of where it isn't. */
export function isCode(code: Buffer, text: Buffer, hash: Hash, secret: Buffer | string): boolean {
  const expected = createHmac(hash, secret).update(text).digest();
  return expected.length === code.length && timingSafeEqual(expected, code);
}

/** @throws BuiltinError where the key is none of this algorithm, or is one that isn't used */
export function makeSignature(
  evaluation: Evaluation,
  algorithm: Algorithm,
  key: SigningKey,
  text: Buffer,
): Buffer {
  if (key.kind === 'secret' && algorithm.kind === 'secret') {
    return createHmac(algorithm.hash, key.secret).update(text).digest();
  }
  if (key.kind === 'rsa' && algorithm.kind === 'rsa') {
    if (!isUsableRsa(key.modulus, key.exponent)) throw new BuiltinError('an RSA key that is not used');
    evaluation.spend(SIGNING * keySteps(key.modulus, 3));
    const options = paddingOf(algorithm.padding, constants.RSA_PSS_SALTLEN_DIGEST);
    return signed(() => sign(algorithm.hash, text, { key: key.key, ...options }));
  }
  evaluation.spend(SIGNING);
  if (key.kind === 'ec' && algorithm.kind === 'ec') {
    return signed(() => sign(algorithm.hash, text, { key: key.key, dsaEncoding: 'ieee-p1363' }));
  }
  if (key.kind === 'ed25519' && algorithm.kind === 'ed25519') return signed(() => sign(null, text, key.key));
  throw new BuiltinError('the key is none of the algorithm of the token');
}

/**
 * OPA's functions for one algorithm each take the halves of a signature for its numbers, however long they are.
 *
 * @returns undefined where a number is too large for the curve
 */
function resized(signature: Buffer, size: number): Buffer | undefined {
  const middle = Math.trunc(signature.length / 2);
  const halves = [signature.subarray(0, middle), signature.subarray(middle)].map((half) => {
    const excess = Math.max(0, half.length - size);
    if (half.subarray(0, excess).some((byte) => byte !== 0)) return undefined;
    return Buffer.concat([Buffer.alloc(Math.max(0, size - half.length)), half.subarray(excess)]);
  });
  const [r, s] = halves;
  return r && s && Buffer.concat([r, s]);
}

function paddingOf(padding: 'pkcs1' | 'pss', saltLength: number) {
  if (padding === 'pkcs1') return { padding: constants.RSA_PKCS1_PADDING };
  return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
}

/** How much more work a larger key is than one of 2048 bits. */
function keySteps(modulus: bigint, power: number): number {
  const bits = modulus.toString(16).length * 4;
  return Math.max(1, Math.ceil((bits / 2_048) ** power));
}

function signed(make: () => Buffer): Buffer {
  try {
    return make();
  } catch (cause) {
    throw new BuiltinError('the token could not be signed', { cause });
  }
}
