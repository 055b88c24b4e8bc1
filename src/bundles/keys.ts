import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  type KeyPairKeyObjectResult,
} from 'node:crypto';
import { describeThrown } from '../domain/index.js';
import { BundleError } from './error.js';

/** How a bundle may be signed with a key pair (RFC 7518, section 3.1; RFC 8037). */
export const SIGNATURE_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;
export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];

/** Those that Regate signs with; it verifies the others too. */
export const SIGNING_ALGORITHMS = ['RS256', 'ES256', 'EdDSA'] as const;
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

/** A private key that signs bundles. */
export interface PrivateKey {
  readonly id: string;
  readonly algorithm: SigningAlgorithm;
  /** PKCS #8, PEM. */
  readonly privateKeyPem: string;
}

/** A key whose signatures are trusted. */
export interface PublicKey {
  readonly id: string;
  /** The only algorithm that signatures of this key may use. */
  readonly algorithm: SignatureAlgorithm;
  /** SubjectPublicKeyInfo, PEM. */
  readonly publicKeyPem: string;
}

/**
 * A secret that signs and verifies (RFC 7518, section 3.2). Whoever can verify with it can also sign. It is a type of
 * its own, so that no public key can ever be taken for one.
 */
export interface SharedSecret {
  readonly id: string;
  readonly algorithm: 'HS256';
  /** Its UTF-8 bytes are the key; 32 at least. */
  readonly secret: string;
}

export type VerificationKey = PublicKey | SharedSecret;

const SECRET_BYTES = 32;

/** A new key pair; its id is the thumbprint of the public key (RFC 7638, SHA-256). */
export function generateSigningKey(algorithm: SigningAlgorithm): PrivateKey & PublicKey {
  const { privateKey, publicKey } = generatePair(algorithm);
  return {
    id: thumbprint(publicKey),
    algorithm,
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

function generatePair(algorithm: SigningAlgorithm): KeyPairKeyObjectResult {
  switch (algorithm) {
    case 'RS256':
      return generateKeyPairSync('rsa', { modulusLength: 3072 });
    case 'ES256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' });
    case 'EdDSA':
      return generateKeyPairSync('ed25519');
  }
}

/** The public half of a private key. @throws BundleError `key_invalid` */
export function publicKeyOf(key: PrivateKey): PublicKey {
  const { id, algorithm } = key;
  const publicKey = createPublicKey(readPrivateKey(key));
  return { id, algorithm, publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}

/** @throws BundleError `key_invalid` where it is no private key, or one of another kind than its algorithm needs */
export function readPrivateKey({ id, algorithm, privateKeyPem }: PrivateKey): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(privateKeyPem);
  } catch (thrown) {
    throw new BundleError(
      'key_invalid',
      `the signing key ${id} cannot be read: ${describeThrown(thrown)}`,
      'Give a private key in PEM (PKCS #8), such as `regate keys generate` writes.',
    );
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  const kind = [type, details?.namedCurve].filter(Boolean).join(' ');
  if (kind === KINDS[algorithm]) return key;
  throw new BundleError(
    'key_invalid',
    `the signing key ${id} is of the kind ${kind}, and ${algorithm} needs ${KINDS[algorithm]}`,
    'Name the algorithm that the key was made for, or give another key.',
  );
}

/** As Node names them. */
const KINDS: Readonly<Record<SigningAlgorithm, string>> = {
  RS256: 'rsa',
  ES256: 'ec prime256v1',
  EdDSA: 'ed25519',
};

/**
 * The bytes of a secret. A PEM text is refused: taken for a secret, a public key would let everyone sign.
 *
 * @throws BundleError `key_invalid`
 */
export function readSecret({ id, secret }: SharedSecret): Buffer {
  const bytes = Buffer.from(typeof secret === 'string' ? secret : '');
  if (bytes.length >= SECRET_BYTES && !bytes.includes('-----BEGIN')) return bytes;
  throw new BundleError(
    'key_invalid',
    `the secret ${id} cannot be used: it is ${bytes.length < SECRET_BYTES ? `shorter than ${SECRET_BYTES} bytes` : 'a key in PEM'}`,
    'Make one, such as with `openssl rand -hex 32`, and give it to those only who may sign.',
  );
}

/** The required members of the key's JWK in alphabetical order, hashed; the same serves all kinds (RFC 8037, section 2). */
function thumbprint(publicKey: KeyObject): string {
  const { crv, e, kty, n, x, y } = publicKey.export({ format: 'jwk' });
  return createHash('sha256').update(JSON.stringify({ crv, e, kty, n, x, y })).digest('base64url');
}
