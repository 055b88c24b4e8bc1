import { BuiltinError } from '../builtin.js';
import { isOddExponent, LARGEST_MODULUS } from './rsa.js';

/** An RSA key of two primes of which all parts fit together. */
export interface RsaPrivateKey {
  readonly kind: 'rsa';
  readonly modulus: bigint;
  readonly exponent: bigint;
  readonly d: bigint;
  readonly p: bigint;
  readonly q: bigint;
  readonly dp: bigint;
  readonly dq: bigint;
  readonly qInverse: bigint;
}

/** As it was written: the last three may be missing. */
export type RsaKeyParts = Pick<RsaPrivateKey, 'modulus' | 'exponent' | 'd' | 'p' | 'q'> &
  Partial<Pick<RsaPrivateKey, 'dp' | 'dq' | 'qInverse'>>;

/**
 * Makes a key of its parts, with those worked out that are missing.
 *
 * @throws BuiltinError where they don't fit together, or Go wouldn't use such a key
 * Source: FIPS 186-5, appendix A.1; https://pkg.go.dev/crypto/rsa#PrivateKey.Validate
 */
export function rsaPrivateKey(parts: RsaKeyParts): RsaPrivateKey {
  const { modulus, exponent, d, p, q } = parts;
  const sizes = modulus < LARGEST_MODULUS && p > 2n && q > 2n && p < modulus && q < modulus && d < modulus;
  if (!sizes || modulus % 2n === 0n || !isOddExponent(exponent) || (p * q) % modulus !== 0n) {
    throw new BuiltinError('invalid RSA private key');
  }
  const key = { kind: 'rsa', modulus, exponent, d, p, q, ...remainders(parts) } as const;
  if (!fits(key) || !isStrong(key)) throw new BuiltinError('inconsistent RSA private key');
  return key;
}

function remainders(parts: RsaKeyParts): Pick<RsaPrivateKey, 'dp' | 'dq' | 'qInverse'> {
  const { d, p, q, dp, dq, qInverse } = parts;
  if (dp !== undefined && dq !== undefined && qInverse !== undefined) return { dp, dq, qInverse };
  return { dp: d % (p - 1n), dq: d % (q - 1n), qInverse: inverse(q, p) };
}

function fits({ exponent, d, p, q, dp, dq, qInverse }: RsaPrivateKey): boolean {
  const exponents = dp === d % (p - 1n) && dq === d % (q - 1n);
  const inverses = (exponent * dp) % (p - 1n) === 1n && (exponent * dq) % (q - 1n) === 1n;
  return exponents && inverses && qInverse < p && (qInverse * q) % p === 1n;
}

/** Primes that are close to each other, and small exponents, can be guessed. */
function isStrong({ modulus, d, p, q }: RsaPrivateKey): boolean {
  const half = Math.trunc(bitLength(modulus) / 2);
  return bitLength(p > q ? p - q : q - p) > half - 100 && bitLength(d) > half;
}

function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

/** By Euclid's algorithm. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [old, remainder] = [value % modulus, modulus];
  let [oldFactor, factor] = [1n, 0n];
  while (remainder !== 0n) {
    const quotient = old / remainder;
    [old, remainder] = [remainder, old - quotient * remainder];
    [oldFactor, factor] = [factor, oldFactor - quotient * factor];
  }
  return ((oldFactor % modulus) + modulus) % modulus;
}
