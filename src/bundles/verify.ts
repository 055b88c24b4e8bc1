import { createHash } from 'node:crypto';
import type { VerifiedBundle } from '../domain/index.js';
import { readArchive } from './archive.js';
import { checkContents } from './contents.js';
import { readManifest } from './manifest.js';
import { type Trust, verifySignature } from './signature.js';
import { verifyFiles } from './signed-files.js';

/**
 * Verifies a bundle as it was downloaded. The steps run in this order and each throws what it finds; nothing of
 * the bundle is believed before its signature, and nothing of a file before its digest.
 *
 * @throws BundleError
 */
export async function verifyBundle(
  archive: Buffer,
  trust: Trust & { readonly bundle: string },
): Promise<VerifiedBundle> {
  const files = await readArchive(archive);
  const signature = await verifySignature(files, trust, trust.scope ?? trust.bundle);
  const documents = verifyFiles(files, signature.files);
  const manifest = readManifest(files);
  const { wasm, data } = checkContents(files, documents, manifest);
  const { serial, expires, rollbackTo } = manifest;
  return {
    revision: { bundle: trust.bundle, revision: manifest.revision, digest: digestOf(archive) },
    wasm,
    data,
    entrypoints: manifest.entrypoints,
    reads: manifest.reads,
    ...(serial !== undefined && { serial }),
    ...(expires !== undefined && { expires }),
    ...(rollbackTo !== undefined && { rollbackTo }),
    keyId: signature.keyId,
  };
}

/** `sha256:` and the hex digest of an archive's bytes. */
export function digestOf(archive: Buffer): string {
  return `sha256:${createHash('sha256').update(archive).digest('hex')}`;
}
