import { describeThrown } from '../domain/index.js';
import { BundleError } from './error.js';
import { readGzip } from './gzip.js';
import { readUstar } from './ustar.js';

const MEBIBYTE = 1024 * 1024;
/** Bounds of what is read at all, signed or not. */
export const ARCHIVE_LIMITS = {
  archiveBytes: 32 * MEBIBYTE,
  tarBytes: 128 * MEBIBYTE,
  files: 4096,
} as const;

/** A bundle's files by their names from its top, such as `data.json`; nothing is known of their contents. */
export type BundleFiles = ReadonlyMap<string, Buffer>;

/**
 * Step 1: reads a gzipped tar archive into memory, within bounds. Only plain files are taken, each name once.
 *
 * @throws BundleError `archive_invalid`, `archive_too_big`, `delta_unsupported`
 */
export async function readArchive(archive: Buffer): Promise<BundleFiles> {
  if (archive.length > ARCHIVE_LIMITS.archiveBytes) throw tooBig(`${ARCHIVE_LIMITS.archiveBytes} bytes`);
  const files = readTar(await uncompress(archive));
  if (files.has('patch.json')) {
    throw new BundleError(
      'delta_unsupported',
      'it is a delta bundle (patch.json), which cannot be signed',
      'Publish the whole bundle.',
    );
  }
  return files;
}

async function uncompress(archive: Buffer): Promise<Buffer> {
  try {
    return await readGzip(archive, ARCHIVE_LIMITS.tarBytes);
  } catch (thrown) {
    if (thrown instanceof RangeError) throw tooBig(`${ARCHIVE_LIMITS.tarBytes} bytes uncompressed`);
    throw invalid(`it is not one gzip file: ${describeThrown(thrown)}`);
  }
}

function readTar(tar: Buffer): BundleFiles {
  const files = new Map<string, Buffer>();
  try {
    for (const { name: written, bytes } of readUstar(tar)) {
      const name = checkName(written);
      if (files.has(name)) throw invalid(`${name} stands in it twice`);
      if (files.size === ARCHIVE_LIMITS.files) throw tooBig(`${ARCHIVE_LIMITS.files} files`);
      files.set(name, bytes);
    }
  } catch (thrown) {
    throw thrown instanceof BundleError
      ? thrown
      : invalid(`it is not one tar archive of plain files: ${describeThrown(thrown)}`);
  }
  return files;
}

/**
 * OPA writes `/data.json`, tar itself `./data.json`, for one and the same file at the bundle's top. Anything
 * that is then not a path of plain segments is refused.
 */
function checkName(written: string): string {
  const name = written.replace(/^\.?\//, '');
  const segments = name.split('/');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: refusing them is the point
  if (/[\\\u0000-\u001f\u007f\ufffd]/.test(name) || segments.some((part) => ['', '.', '..'].includes(part))) {
    throw invalid(`${JSON.stringify(written.slice(0, 200))} is no name for a file in a bundle`);
  }
  return name;
}

function invalid(why: string): BundleError {
  return new BundleError(
    'archive_invalid',
    `the bundle cannot be read: ${why}`,
    'Build it with `regate build` or `opa build`.',
  );
}

export function tooBig(limit: string): BundleError {
  return new BundleError(
    'archive_too_big',
    `the bundle is over the limit of ${limit}`,
    'Split it, or move data that policy does not read out of it.',
  );
}
