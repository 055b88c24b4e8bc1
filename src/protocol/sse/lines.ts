export const LINE_FEED = 0x0a;
export const CARRIAGE_RETURN = 0x0d;

/** The offset of the first CR or LF from `at` on, or that of the end. */
export function lineEnd(bytes: Buffer, at: number): number {
  const length = bytes.length;
  let end = at;
  while (end < length) {
    const byte = bytes[end] ?? LINE_FEED;
    if (byte === LINE_FEED || byte === CARRIAGE_RETURN) break;
    end += 1;
  }
  return end;
}

/** The offset just past the line end that stands at `at`: LF, CR, or both as one. */
export function lineStartAfter(bytes: Buffer, at: number): number {
  return bytes[at] === CARRIAGE_RETURN && bytes[at + 1] === LINE_FEED ? at + 2 : at + 1;
}

/** The lines of a text without their ends; views, not copies. What stands after the last line end is a line if it isn't empty. */
export function* linesOf(bytes: Buffer, from = 0): IterableIterator<Buffer> {
  for (let at = from; at < bytes.length; ) {
    const end = lineEnd(bytes, at);
    yield bytes.subarray(at, end);
    at = lineStartAfter(bytes, end);
  }
}
