import { BundleError } from '../error.js';
import { digestOf } from '../verification.js';
import type { RevisionStore } from './store.js';

/**
 * Reads archives as they are to be sent. All to whom one is being sent share one copy, however slowly they take it: so
 * strangers cannot fill the memory. One whose bytes are not those of its digest is not sent: caches would keep it.
 *
 * @returns what throws BundleError `storage_invalid`
 */
export function readArchives(store: RevisionStore): (digest: string) => Promise<Buffer> {
  const reading = new Map<string, Promise<Buffer>>();
  const inUse = new Map<string, WeakRef<Buffer>>();

  async function read(digest: string): Promise<Buffer> {
    const archive = await store.archive(digest);
    if (archive !== undefined && digestOf(archive) === digest) {
      inUse.set(digest, new WeakRef(archive));
      return archive;
    }
    throw new BundleError(
      'storage_invalid',
      `the archive ${digest} is ${archive === undefined ? 'missing' : 'not as it was published'}`,
      'Restore it from a backup, or publish it again.',
    );
  }

  return (digest) => {
    const used = inUse.get(digest)?.deref();
    if (used !== undefined) return Promise.resolve(used);
    const begun = reading.get(digest);
    if (begun !== undefined) return begun;
    const begins = read(digest).finally(() => reading.delete(digest));
    reading.set(digest, begins);
    return begins;
  };
}
