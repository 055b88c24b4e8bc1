import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { pack } from 'tar-stream';
import type { BundleFiles } from './archive.js';

/** Where gzip's header says on which system it was written (RFC 1952, section 2.3.1). */
const SYSTEM_AT = 9;
const UNKNOWN_SYSTEM = 255;

/**
 * Writes files as a gzipped tar archive, whose bytes depend on the files alone: they stand in the order of their names,
 * as root's, readable by all, without a time. (The compressor is Node's, whose output may differ between its versions and
 * between kinds of processors; the tar archive in it does not.)
 */
export async function writeArchive(files: BundleFiles): Promise<Buffer> {
  const tar = pack();
  for (const [name, bytes] of [...files].sort(byName)) {
    // OPA begins names with a slash, and so do we.
    tar.entry({ name: `/${name}`, mode: 0o644, mtime: new Date(0) }, bytes);
  }
  tar.finalize();
  const archive = await promisify(gzip)(await buffer(tar), { level: 9 });
  archive[SYSTEM_AT] = UNKNOWN_SYSTEM;
  return archive;
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
