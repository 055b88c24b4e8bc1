import { crc32, createInflateRaw } from 'node:zlib';

/** RFC 1952, section 2.3: two magic bytes, deflate, no flags; then time, level and system, which say nothing. */
const HEADER_BYTES = 10;
const HEADER_BEGIN = Buffer.from([0x1f, 0x8b, 8, 0]);
/** The checksum and the length of what was compressed. */
const TRAILER_BYTES = 8;
const CHUNK_BYTES = 256 * 1024;

/**
 * Reads a gzip file of exactly one member, with nothing after it and no optional fields in its header. Node's own
 * reader goes on with further members and skips what follows the last, where others stop.
 *
 * @param mostBytes how much may come out
 * @throws RangeError where more would come out; SyntaxError that says what is wrong otherwise
 */
export async function readGzip(file: Buffer, mostBytes: number): Promise<Buffer> {
  if (!file.subarray(0, HEADER_BEGIN.length).equals(HEADER_BEGIN)) {
    throw new SyntaxError('it does not begin as gzip without optional fields does');
  }
  const deflated = file.subarray(HEADER_BYTES, Math.max(HEADER_BYTES, file.length - TRAILER_BYTES));
  const content = await inflate(deflated, mostBytes);
  const trailer = file.subarray(-TRAILER_BYTES);
  if (trailer.readUInt32LE(0) !== crc32(content) || trailer.readUInt32LE(4) !== content.length) {
    throw new SyntaxError('its checksum is wrong');
  }
  return content;
}

async function inflate(deflated: Buffer, mostBytes: number): Promise<Buffer> {
  const stream = createInflateRaw({ chunkSize: CHUNK_BYTES });
  stream.end(deflated);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > mostBytes) throw new RangeError(`more than ${mostBytes} bytes come out of it`);
      chunks.push(chunk);
    }
  } catch (thrown) {
    if (thrown instanceof RangeError) throw thrown;
    throw new SyntaxError(thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
  }
  if (stream.bytesWritten !== deflated.length) throw new SyntaxError('something follows after its end');
  return Buffer.concat(chunks, length);
}
