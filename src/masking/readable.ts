import type { Span } from './span.js';

/** A text as detectors read it, which still knows where each of its parts came from. */
export interface Readable {
  readonly text: string;
  /** Where a part of it stands in the original. */
  original(span: Span): Span;
}

/** What is drawn as nothing (Unicode, default-ignorable code points): no value is hidden by putting some in. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u;
const DASH = /\p{Dash}/u;
const SPACE = /\p{Zs}/u;
const DIGIT = /\p{Nd}/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what ASCII is
const BEYOND_ASCII = /[^\x00-\x7f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what ASCII is
const ASCII = /^[\x00-\x7f]+$/;

/** What each character that was met so far reads as; there are not many different ones in a message. */
const known = new Map<string, string>();
const MOST_KNOWN = 4_096;

/**
 * Makes a text readable to detectors: digits of any script, full-width, mathematical and other styled letters and digits
 * become ASCII (Unicode, NFKC), dashes `-` and spaces ` `; what is invisible is left out. Letters of other scripts stay.
 */
export function readable(original: string): Readable {
  if (!BEYOND_ASCII.test(original)) return { text: original, original: (span) => span };
  const pieces: string[] = [];
  /** Of each unit of the text, where the character that it comes from begins and ends. */
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  for (const character of original) {
    const reads = readingOf(character);
    const end = at + character.length;
    for (let unit = 0; unit < reads.length; unit++) {
      starts.push(reads === character ? at + unit : at);
      ends.push(reads === character ? at + unit + 1 : end);
    }
    pieces.push(reads);
    at = end;
  }
  return {
    text: pieces.join(''),
    original: ({ start, end }) => ({ start: starts[start] ?? at, end: ends[end - 1] ?? at }),
  };
}

function readingOf(character: string): string {
  if (character < '\x80') return character;
  const before = known.get(character);
  if (before !== undefined) return before;
  const reads = read(character);
  if (known.size < MOST_KNOWN) known.set(character, reads);
  return reads;
}

function read(character: string): string {
  if (INVISIBLE.test(character)) return '';
  if (DASH.test(character)) return '-';
  if (SPACE.test(character)) return ' ';
  const folded = character.normalize('NFKC');
  if (ASCII.test(folded)) return folded;
  return DIGIT.test(character) ? String(digitOf(character)) : character;
}

/** Unicode has the digits of each script in a row, from 0 to 9; rows may follow one another. */
function digitOf(character: string): number {
  const point = character.codePointAt(0) ?? 0;
  let zero = point;
  while (DIGIT.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return (point - zero) % 10;
}
