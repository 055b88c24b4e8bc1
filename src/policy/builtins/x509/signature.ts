import { constants, verify } from 'node:crypto';
import { contextTag, DerReader, TAG } from './der.js';
import { NULL_PARAMETERS, type PublicKey, readAlgorithm } from './public-key.js';
import { isUsableRsa } from './rsa.js';

/** How a certificate was signed; `number` is Go's for it, `hash` undefined where the whole text is signed. */
export interface SignatureAlgorithm {
  readonly number: number;
  readonly key: 'rsa' | 'dsa' | 'ec' | 'ed25519' | 'unknown';
  readonly hash?: 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512';
  readonly padding?: 'pss';
}

const UNKNOWN: SignatureAlgorithm = { number: 0, key: 'unknown' };

const ALGORITHMS: Readonly<Record<string, SignatureAlgorithm>> = {
  '1.2.840.113549.1.1.4': { number: 2, key: 'rsa', hash: 'md5' },
  '1.2.840.113549.1.1.5': { number: 3, key: 'rsa', hash: 'sha1' },
  '1.3.14.3.2.29': { number: 3, key: 'rsa', hash: 'sha1' },
  '1.2.840.113549.1.1.11': { number: 4, key: 'rsa', hash: 'sha256' },
  '1.2.840.113549.1.1.12': { number: 5, key: 'rsa', hash: 'sha384' },
  '1.2.840.113549.1.1.13': { number: 6, key: 'rsa', hash: 'sha512' },
  '1.2.840.10040.4.3': { number: 7, key: 'dsa', hash: 'sha1' },
  '2.16.840.1.101.3.4.3.2': { number: 8, key: 'dsa', hash: 'sha256' },
  '1.2.840.10045.4.1': { number: 9, key: 'ec', hash: 'sha1' },
  '1.2.840.10045.4.3.2': { number: 10, key: 'ec', hash: 'sha256' },
  '1.2.840.10045.4.3.3': { number: 11, key: 'ec', hash: 'sha384' },
  '1.2.840.10045.4.3.4': { number: 12, key: 'ec', hash: 'sha512' },
};

const PSS = '1.2.840.113549.1.1.10';
const PSS_ALGORITHMS: readonly { hash: string; salt: number; algorithm: SignatureAlgorithm }[] = [
  {
    hash: '2.16.840.1.101.3.4.2.1',
    salt: 32,
    algorithm: { number: 13, key: 'rsa', hash: 'sha256', padding: 'pss' },
  },
  {
    hash: '2.16.840.1.101.3.4.2.2',
    salt: 48,
    algorithm: { number: 14, key: 'rsa', hash: 'sha384', padding: 'pss' },
  },
  {
    hash: '2.16.840.1.101.3.4.2.3',
    salt: 64,
    algorithm: { number: 15, key: 'rsa', hash: 'sha512', padding: 'pss' },
  },
];
const MASK_GENERATION = '1.2.840.113549.1.1.8';
const ED25519 = '1.3.101.112';

/** @param content what an AlgorithmIdentifier holds */
export function signatureAlgorithm(content: Buffer): SignatureAlgorithm {
  const { algorithm, parameters } = readAlgorithm(content);
  if (algorithm === PSS) return pssAlgorithm(parameters) ?? UNKNOWN;
  if (algorithm === ED25519) return parameters.length === 0 ? { number: 16, key: 'ed25519' } : UNKNOWN;
  return ALGORITHMS[algorithm] ?? UNKNOWN;
}

/**
 * Whether a signature of a certificate is right. None is that is made with MD5, SHA-1 or DSA, or by an RSA key that Go
 * doesn't use.
 */
export function isSigned(
  text: Buffer,
  signature: Buffer,
  algorithm: SignatureAlgorithm,
  key: PublicKey | undefined,
): boolean {
  if (algorithm.hash === 'md5' || algorithm.hash === 'sha1') return false;
  if (key === undefined || key.kind !== algorithm.key || key.kind === 'dsa') return false;
  if (key.kind === 'rsa' && !isUsableRsa(key.modulus, key.exponent)) return false;
  const padding = algorithm.padding === 'pss' ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  const rsa = key.kind === 'rsa' ? { padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : {};
  return verifies(() => verify(algorithm.hash, text, { key: key.key(), ...rsa }, signature));
}

/** A key or signature that node:crypto can't even read verifies nothing. */
export function verifies(check: () => boolean): boolean {
  try {
    return check();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}

/** Of three uses of PSS only, in which all hashes are the same and the salt is as long. Source: RFC 4055, section 3.1 */
function pssAlgorithm(parameters: Buffer): SignatureAlgorithm | undefined {
  try {
    const reader = new DerReader(parameters).inside(TAG.sequence);
    const hash = hashIn(explicit(reader, 0).expect(TAG.sequence).content);
    const generation = readAlgorithm(explicit(reader, 1).expect(TAG.sequence).content);
    const maskHash = hashIn(new DerReader(generation.parameters).expect(TAG.sequence).content);
    const salt = explicit(reader, 2).smallInteger();
    const trailer = reader.nextIs(contextTag(3, 'constructed')) ? explicit(reader, 3).smallInteger() : 1;
    if (generation.algorithm !== MASK_GENERATION || hash !== maskHash || trailer !== 1) return undefined;
    return PSS_ALGORITHMS.find((known) => known.hash === hash && known.salt === salt)?.algorithm;
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

function explicit(reader: DerReader, number: number): DerReader {
  return reader.inside(contextTag(number, 'constructed'));
}

function hashIn(content: Buffer): string | undefined {
  const { algorithm, parameters } = readAlgorithm(content);
  return parameters.length === 0 || parameters.equals(NULL_PARAMETERS) ? algorithm : undefined;
}
