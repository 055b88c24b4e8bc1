import { Beginnings, MOST_UNITS, NO_WORD } from './beginnings.js';
import { BLOB_NAMES } from './encoded-regions.js';

/** Bytes are suspected by the 64. */
const BLOCK_BITS = 6;
/** By these a word may stand in another form: an escape, a percent-encoded character, a `data:` URI, bytes of MCP. */
const OTHER_FORMS: readonly string[] = ['\\', '%', ';base64,', ...BLOB_NAMES.map((name) => `"${name}"`)];
/**
 * Looks once through a whole message for words and tells of any part of its bytes whether one might begin there, so
 * that the strings of the other parts need not be decoded. Never a wrong no: where one is written in another form, it might;
 * that a string is base64 as a whole only its member's name can say.
 */
export function suspect(bytes: Buffer, words: readonly string[]): (start: number, end: number) => boolean {
  const suspected = new Uint8Array((bytes.length >> BLOCK_BITS) + 1);
  const beginnings = new Beginnings(words.map((word) => Buffer.from(word.slice(0, MOST_UNITS), 'utf8')));
  const { width } = beginnings;
  let hash = 0;
  for (let at = 0; at < bytes.length; at++) {
    hash = beginnings.roll(hash, bytes[at] ?? 0, at < width ? 0 : (bytes[at - width] ?? 0));
    if (beginnings.first(hash) !== NO_WORD && at + 1 >= width) suspected[(at + 1 - width) >> BLOCK_BITS] = 1;
  }
  for (const form of OTHER_FORMS) {
    for (let at = bytes.indexOf(form); at !== -1; ) {
      const block = at >> BLOCK_BITS;
      suspected[block] = 1;
      at = bytes.indexOf(form, Math.max(at + 1, (block + 1) << BLOCK_BITS));
    }
  }
  /** How many suspected blocks there are before each. */
  const before = new Uint32Array(suspected.length + 1);
  for (let block = 0; block < suspected.length; block++)
    before[block + 1] = (before[block] ?? 0) + (suspected[block] ?? 0);
  return (start, end) => (before[((end - 1) >> BLOCK_BITS) + 1] ?? 0) > (before[start >> BLOCK_BITS] ?? 0);
}
