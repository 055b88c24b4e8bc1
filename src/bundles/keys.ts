import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { describeThrown } from '../domain/index.js';
import { BundleError } from './error.js';

/**
 * How a bundle may be signed (RFC 7518, section 3.1; RFC 8037). No secret-key algorithm stands here: a gateway
 * that could verify with a shared secret could also sign with it.
 */
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

/** A key that signs bundles. */
export interface SigningKey {
  readonly id: string;
  readonly algorithm: 'RS256' | 'ES256';
  /** PKCS #8, PEM. */
  readonly privateKeyPem: string;
}

/** A key whose signatures are trusted. */
export interface VerificationKey {
  readonly id: string;
  /** The only algorithm that signatures of this key may use. */
  readonly algorithm: SignatureAlgorithm;
  /** SubjectPublicKeyInfo, PEM. */
  readonly publicKeyPem: string;
}

/** A new key pair; its id is the thumbprint of the public key (RFC 7638, SHA-256). */
export function generateSigningKey(algorithm: SigningKey['algorithm']): SigningKey & VerificationKey {
  const { privateKey, publicKey } =
    algorithm === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 3072 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    id: thumbprint(publicKey),
    algorithm,
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

/** The public half of a signing key. @throws BundleError `key_invalid` */
export function verificationKeyOf({ id, algorithm, privateKeyPem }: SigningKey): VerificationKey {
  try {
    const publicKey = createPublicKey(createPrivateKey(privateKeyPem));
    return { id, algorithm, publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
  } catch (thrown) {
    throw new BundleError(
      'key_invalid',
      `the signing key ${id} cannot be read: ${describeThrown(thrown)}`,
      'Give a private key in PEM (PKCS #8), such as `regate keys generate` writes.',
    );
  }
}

/** The required members of the key's JWK in alphabetical order, hashed; the same serves elliptic curves and RSA. */
function thumbprint(publicKey: KeyObject): string {
  const { crv, e, kty, n, x, y } = publicKey.export({ format: 'jwk' });
  return createHash('sha256').update(JSON.stringify({ crv, e, kty, n, x, y })).digest('base64url');
}
