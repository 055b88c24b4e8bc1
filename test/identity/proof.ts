import { createHash, createHmac, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';

/** A pair of keys that a caller proves to have. */
export interface ProofKey {
  readonly privateKey: KeyObject;
  readonly jwk: JWK;
  /** As tokens name it: `cnf.jkt`. */
  readonly thumbprint: string;
}

/** What a proof is made for. */
export interface ProofPurpose {
  readonly token: string;
  readonly method: string;
  readonly url: string;
  /** Seconds since 1970; now where undefined. */
  readonly now?: number;
}

/** How a proof differs from a good one. */
export interface ProofRecipe {
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
  /** Names that are left out of the header and the claims. */
  readonly without?: readonly string[];
  /** Text put in place of the header's or the claims' JSON, made of what would stand there. */
  readonly headerText?: (text: string) => string;
  readonly claimsText?: (text: string) => string;
  /** Who signs instead of the key's owner; `nobody`, or who takes the public key for a secret. */
  readonly signer?: ProofKey | 'nobody' | 'hmac';
  /** The finished proof made into another text. */
  readonly text?: (proof: string) => string;
}

export async function proofKey(
  kind: 'P-256' | 'secp256k1' | 'Ed25519' | number = 'P-256',
): Promise<ProofKey> {
  const { privateKey, publicKey } = keyPair(kind);
  const jwk = publicKey.export({ format: 'jwk' }) as JWK;
  return { privateKey, jwk, thumbprint: await calculateJwkThumbprint(jwk) };
}

function keyPair(kind: string | number) {
  if (typeof kind === 'number') return generateKeyPairSync('rsa', { modulusLength: kind });
  return kind === 'Ed25519'
    ? generateKeyPairSync('ed25519')
    : generateKeyPairSync('ec', { namedCurve: kind });
}

/** A proof of RFC 9449, section 4.2: by default one that is right in every way. */
export function proofOf(key: ProofKey, purpose: ProofPurpose, recipe: ProofRecipe = {}): string {
  const same = (text: string) => text;
  const { headerText = same, claimsText = same, text = same, without = [], signer = key } = recipe;
  const alg = { EC: 'ES256', OKP: 'EdDSA', RSA: 'RS256' }[String(key.jwk.kty)];
  const header = { typ: 'dpop+jwt', alg, jwk: key.jwk, ...recipe.header };
  const claims = {
    jti: randomUUID(),
    htm: purpose.method,
    htu: purpose.url,
    iat: purpose.now ?? Math.floor(Date.now() / 1000),
    ath: createHash('sha256').update(purpose.token).digest('base64url'),
    ...recipe.claims,
  };
  const part = (members: object, change: (text: string) => string) => {
    const kept = Object.entries(members).filter(([name]) => !without.includes(name));
    return Buffer.from(change(JSON.stringify(Object.fromEntries(kept)))).toString('base64url');
  };
  const input = `${part(header, headerText)}.${part(claims, claimsText)}`;
  return text(`${input}.${signatureOf(input, key, signer)}`);
}

function signatureOf(input: string, key: ProofKey, signer: ProofKey | 'nobody' | 'hmac'): string {
  if (signer === 'nobody') return '';
  if (signer === 'hmac')
    return createHmac('sha256', JSON.stringify(key.jwk)).update(input).digest('base64url');
  const digest = signer.jwk.kty === 'OKP' ? null : 'sha256';
  const options = { key: signer.privateKey, dsaEncoding: 'ieee-p1363' } as const;
  return sign(digest, Buffer.from(input), options).toString('base64url');
}
