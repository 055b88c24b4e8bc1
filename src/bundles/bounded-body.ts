import { readBounded as readAtMost } from '../domain/index.js';
import { ARCHIVE_LIMITS, tooBig } from './archive.js';

/**
 * Reads a body of HTTP, as it was after any content coding, and stops where it exceeds a bound.
 *
 * @throws BundleError `archive_too_big`
 */
export function readBounded(
  body: AsyncIterable<Uint8Array> | null,
  bytes: number = ARCHIVE_LIMITS.archiveBytes,
): Promise<Buffer> {
  return readAtMost(body, bytes, () => tooBig(`${bytes} bytes`));
}
