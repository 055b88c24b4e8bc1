import { createHash } from 'node:crypto';
import type { VerifiedBundle, VerifiedDataBundle } from '../domain/index.js';
import type { BundleFiles } from './archive.js';
import { checkContents, checkDataContents, kindOf } from './contents.js';
import { readManifest } from './manifest.js';
import { type Trust, verifySignature } from './signature.js';
import { verifyFiles } from './signed-files.js';

/** Whose signature a bundle must carry, and whose name. */
export type BundleTrust = Trust & { readonly bundle: string };

/** A verified bundle of either kind; only one of policy has a `wasm`. */
export type PublishedBundle = VerifiedBundle | VerifiedDataBundle;

/**
 * The steps after the first, in this order; each throws what it finds. Nothing of the bundle is believed before its
 * signature, and nothing of a file before its digest.
 *
 * @param files what {@link readArchive} found in the archive
 * @throws BundleError
 */
export async function verifyRead(
  archive: Buffer,
  files: BundleFiles,
  trust: BundleTrust,
): Promise<PublishedBundle> {
  const signature = await verifySignature(files, trust, trust.scope ?? trust.bundle);
  const documents = verifyFiles(files, signature.files);
  const manifest = readManifest(files);
  const { roots, entrypoints, reads, serial, expires, rollbackTo } = manifest;
  const common = {
    revision: { bundle: trust.bundle, revision: manifest.revision, digest: digestOf(archive) },
    roots,
    ...(serial !== undefined && { serial }),
    ...(expires !== undefined && { expires }),
    ...(rollbackTo !== undefined && { rollbackTo }),
    keyId: signature.keyId,
  };
  if (kindOf(files, manifest) === 'data') {
    return { ...common, data: checkDataContents(files, documents, manifest) };
  }
  return { ...common, ...checkContents(files, documents, manifest), entrypoints, reads };
}

/** `sha256:` and the hex digest of an archive's bytes. */
export function digestOf(archive: Buffer): string {
  return `sha256:${createHash('sha256').update(archive).digest('hex')}`;
}
