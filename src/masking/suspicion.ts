import { compileAutomaton } from './automaton.js';

/** Bytes are suspected by the 64. */
const BLOCK_BITS = 6;
const BACKSLASH = 0x5c;
/** Where the words make up more than this part of the message, they stand nearly everywhere: no look is worth it. */
const WORTHWHILE = 1 / 20;

/**
 * Looks once through a whole message for words and tells of any part of its bytes whether one might stand there, so
 * that the strings of the other parts need not be decoded. Never a wrong no: where there are escapes, it might.
 */
export function suspect(bytes: Buffer, words: readonly string[]): (start: number, end: number) => boolean {
  const length = words.reduce((sum, word) => sum + word.length, 0);
  if (length > bytes.length * WORTHWHILE) return () => true;
  const suspected = new Uint8Array((bytes.length >> BLOCK_BITS) + 1);
  // A byte as a character each: then what is found in the text stands at the same place in the bytes.
  const encoded = words.map((word) => Buffer.from(word, 'utf8').toString('latin1'));
  for (const { start, end } of compileAutomaton(encoded)(bytes.toString('latin1'))) {
    suspected.fill(1, start >> BLOCK_BITS, ((end - 1) >> BLOCK_BITS) + 1);
  }
  for (let at = bytes.indexOf(BACKSLASH); at !== -1; ) {
    const block = at >> BLOCK_BITS;
    suspected[block] = 1;
    at = bytes.indexOf(BACKSLASH, (block + 1) << BLOCK_BITS);
  }
  return (start, end) => {
    for (let block = start >> BLOCK_BITS; block <= (end - 1) >> BLOCK_BITS; block++) {
      if (suspected[block] === 1) return true;
    }
    return false;
  };
}
