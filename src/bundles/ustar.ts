/** A file of a tar archive. */
export interface TarFile {
  /** As it stands in the archive. */
  readonly name: string;
  readonly bytes: Buffer;
}

const BLOCK_BYTES = 512;
const MAGIC = { posix: 'ustar\u000000', gnu: 'ustar  \u0000' } as const;
const PLAIN_FILE = ['0', '\u0000'];
const OTHER_TYPES: Readonly<Record<string, string>> = {
  '1': 'a hard link',
  '2': 'a symbolic link',
  '3': 'a character device',
  '4': 'a block device',
  '5': 'a folder',
  '6': 'a FIFO',
  x: 'an extended header',
  g: 'an extended header for all that follows',
  L: 'an extended header',
  K: 'an extended header',
};
// Numbers are octal digits; GNU's binary ones are for sizes that no bundle has.
const OCTAL = /^ *([0-7]+)[\0 ]*$/;

/**
 * Reads a tar archive of plain files ("ustar", POSIX.1-1988, which `opa build` writes, or GNU's) so strictly that no
 * two readers can see different files in it: no extended headers, each header with its checksum, zeros wherever
 * something is filled up, and after the end nothing but zeros.
 *
 * @throws SyntaxError that says what is wrong
 */
export function* readUstar(tar: Buffer): Generator<TarFile> {
  let at = 0;
  for (;;) {
    const header = tar.subarray(at, at + BLOCK_BYTES);
    if (header.length < BLOCK_BYTES) throw new SyntaxError('it ends before its end is marked');
    if (isZero(header)) break;
    const { name, size } = readHeader(header);
    const begin = at + BLOCK_BYTES;
    const end = begin + size;
    at = begin + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
    if (at > tar.length) throw new SyntaxError(`it ends within ${name}`);
    if (!isZero(tar.subarray(end, at))) throw new SyntaxError(`something is hidden behind ${name}`);
    // A copy, so that what is kept of a bundle does not keep all of it.
    yield { name, bytes: Buffer.from(tar.subarray(begin, end)) };
  }
  // Two blocks mark the end; GNU fills up with more.
  const rest = tar.subarray(at);
  if (rest.length < 2 * BLOCK_BYTES || rest.length % BLOCK_BYTES !== 0 || !isZero(rest)) {
    throw new SyntaxError('something other than zeros follows after its end');
  }
}

function readHeader(header: Buffer): { name: string; size: number } {
  const magic = header.toString('latin1', 257, 265);
  if (magic !== MAGIC.posix && magic !== MAGIC.gnu)
    throw new SyntaxError('a header is not of the ustar format');
  if (octal(header.subarray(148, 156)) !== checksum(header)) {
    throw new SyntaxError("a header's checksum is wrong");
  }
  const prefix = magic === MAGIC.posix ? text(header.subarray(345, 500)) : '';
  const name = `${prefix === '' ? '' : `${prefix}/`}${text(header.subarray(0, 100))}`;
  const type = header.toString('latin1', 156, 157);
  if (!PLAIN_FILE.includes(type)) {
    throw new SyntaxError(
      `${JSON.stringify(name)} is ${OTHER_TYPES[type] ?? 'of an unknown type'}, not a plain file`,
    );
  }
  return { name, size: octal(header.subarray(124, 136)) };
}

/** The sum of a header's bytes, those of the checksum itself taken for spaces. */
function checksum(header: Buffer): number {
  let sum = 8 * 0x20;
  for (const [index, byte] of header.entries()) {
    if (index < 148 || index >= 156) sum += byte;
  }
  return sum;
}

function octal(field: Buffer): number {
  const digits = OCTAL.exec(field.toString('latin1'))?.[1];
  if (digits === undefined) throw new SyntaxError('a number in a header is not octal');
  return Number.parseInt(digits, 8);
}

function text(field: Buffer): string {
  const end = field.indexOf(0);
  if (end === -1) return field.toString('utf8');
  if (!isZero(field.subarray(end))) throw new SyntaxError('something is hidden behind a name');
  return field.toString('utf8', 0, end);
}

/** The first byte is zero, and each other one is as the one before it. */
function isZero(bytes: Buffer): boolean {
  return bytes.length === 0 || (bytes[0] === 0 && bytes.subarray(1).equals(bytes.subarray(0, -1)));
}
