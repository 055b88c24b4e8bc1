import { ARCHIVE_LIMITS, tooBig } from './archive.js';

/**
 * Reads a body of HTTP, as it was after any content coding, and stops where it exceeds a bound.
 *
 * @throws BundleError `archive_too_big`
 */
export async function readBounded(
  body: AsyncIterable<Uint8Array>,
  bytes: number = ARCHIVE_LIMITS.archiveBytes,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let read = 0;
  for await (const chunk of body) {
    read += chunk.length;
    if (read > bytes) throw tooBig(`${bytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
