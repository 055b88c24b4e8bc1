import type { VerifiedBundle, VerifiedDataBundle } from '../domain/index.js';
import { readArchive } from './archive.js';
import type { BundleKind } from './contents.js';
import { BundleError } from './error.js';
import { DATA_FILE } from './signed-files.js';
import { type BundleTrust, type PublishedBundle, verifyRead } from './verification.js';
import { verifyApart } from './verify-apart.js';

/** Reading data strictly takes about 0.1 µs a byte: with more than this, others would notice. */
const LARGE_DATA_BYTES = 128 * 1024;

/**
 * Verifies a policy bundle as it was downloaded.
 *
 * @throws BundleError `kind_mismatch` for one of nothing but data; what {@link verifyPublished} throws
 */
export async function verifyBundle(archive: Buffer, trust: BundleTrust): Promise<VerifiedBundle> {
  const bundle = await verifyPublished(archive, trust);
  if (isPolicy(bundle)) return bundle;
  throw mismatch(
    'data',
    'Publish a policy bundle at this address, or name this one under `gateway.bundle.data`.',
  );
}

/**
 * Verifies a bundle of nothing but data as it was downloaded.
 *
 * @throws BundleError `kind_mismatch` for one that holds policy; what {@link verifyPublished} throws
 */
export async function verifyDataBundle(archive: Buffer, trust: BundleTrust): Promise<VerifiedDataBundle> {
  const bundle = await verifyPublished(archive, trust);
  if (!isPolicy(bundle)) return bundle;
  throw mismatch('policy', 'Build it from a bundle definition without `entrypoints`.');
}

/**
 * Verifies a bundle of either kind. Large data is read on a thread apart, so that nobody waits for it.
 *
 * @throws BundleError
 */
export async function verifyPublished(archive: Buffer, trust: BundleTrust): Promise<PublishedBundle> {
  const files = await readArchive(archive);
  const dataBytes = files.get(DATA_FILE)?.length ?? 0;
  return dataBytes > LARGE_DATA_BYTES ? verifyApart(archive, trust) : verifyRead(archive, files, trust);
}

function isPolicy(bundle: PublishedBundle): bundle is VerifiedBundle {
  return 'wasm' in bundle;
}

function mismatch(found: BundleKind, nextStep: string): BundleError {
  const what =
    found === 'data'
      ? 'it is a bundle of nothing but data, and a policy bundle is expected'
      : 'it is a policy bundle, and one of nothing but data is expected';
  return new BundleError('kind_mismatch', what, nextStep);
}
