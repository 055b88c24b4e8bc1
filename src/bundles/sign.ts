import { createHash, createHmac, sign as signBytes } from 'node:crypto';
import type { BundleFiles } from './archive.js';
import { writeArchive } from './archive-writer.js';
import {
  type PrivateKey,
  publicKeyOf,
  readPrivateKey,
  readSecret,
  type SharedSecret,
  type VerificationKey,
} from './keys.js';
import { SIGNATURES_FILE } from './signature.js';
import { hashedContent } from './signed-files.js';
import { type SigningCommand, signWithCommand } from './signing-command.js';

/** What can sign a bundle. */
export type SigningKey = PrivateKey | SharedSecret | SigningCommand;

/** What a key's signatures are verified with. @throws BundleError `key_invalid` */
export function verificationKeyOf(key: SigningKey): VerificationKey {
  if ('privateKeyPem' in key) return publicKeyOf(key);
  if ('secret' in key) {
    readSecret(key);
    return key;
  }
  const { id, algorithm, publicKeyPem } = key;
  return { id, algorithm, publicKeyPem };
}

/**
 * Signs a bundle's files as `opa build` does: a JWS (RFC 7515) over the digests of all files, for one scope. No time is
 * among the claims: the same files with the same key are the same bytes, but for ES256, whose signatures are random.
 *
 * @returns the archive, with the signature in it
 * @throws BundleError `key_invalid`, `signing_failed`, `data_invalid`, `manifest_invalid`
 */
export async function signFiles(files: BundleFiles, key: SigningKey, scope: string): Promise<Buffer> {
  const listed = [...files.keys()].sort().map((name) => ({
    name,
    hash: createHash('sha256')
      .update(hashedContent(name, files.get(name) ?? Buffer.of()))
      .digest('hex'),
    algorithm: 'SHA-256',
  }));
  const input = [
    { alg: key.algorithm, kid: key.id },
    // `keyid` is for OPA before it knew `kid`.
    { files: listed, keyid: key.id, scope },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const token = `${input}.${(await signatureOf(key, input)).toString('base64url')}`;
  const signatures = Buffer.from(JSON.stringify({ signatures: [token] }));
  return writeArchive(new Map([...files, [SIGNATURES_FILE, signatures]]));
}

async function signatureOf(key: SigningKey, input: string): Promise<Buffer> {
  if ('command' in key) return signWithCommand(key, input);
  if ('secret' in key) return createHmac('sha256', readSecret(key)).update(input).digest();
  // Ed25519 hashes by itself; JWS wants the two numbers of ECDSA bare (RFC 7518, section 3.4).
  const digest = key.algorithm === 'EdDSA' ? null : 'sha256';
  return signBytes(digest, Buffer.from(input), { key: readPrivateKey(key), dsaEncoding: 'ieee-p1363' });
}
