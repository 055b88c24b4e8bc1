/** Larger keys are used by nobody, and only cost time. */
export const LARGEST_MODULUS = 2n ** 16_384n;

/**
 * Whether Go uses an RSA key: none that are shorter than 1024 bits, or that can't be right.
 *
 * Source: https://pkg.go.dev/crypto/rsa#hdr-Minimum_key_size
 */
export function isUsableRsa(modulus: bigint, exponent: bigint): boolean {
  return (
    modulus >= 2n ** 1023n && modulus < LARGEST_MODULUS && modulus % 2n === 1n && isOddExponent(exponent)
  );
}

export function isOddExponent(exponent: bigint): boolean {
  return exponent > 1n && exponent < 2n ** 31n && exponent % 2n === 1n;
}
