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

/** Readings by code point, in pages that are made when one of their characters is first met. */
const PAGE_BITS = 8;
const pages: (Uint16Array | undefined)[] = [];
/** Every reading that was met so far; Unicode has 400. A page holds its index here, after two numbers with a meaning. */
const readings: string[] = [];
const UNKNOWN = 0;
const ITSELF = 1;
const FIRST_READING = 2;

/**
 * Makes a text readable to detectors: digits of any script, full-width, mathematical and other styled letters and digits
 * become ASCII (Unicode, NFKC), dashes `-` and spaces ` `; what is invisible is left out. Letters of other scripts stay.
 */
export function readable(original: string): Readable {
  if (!BEYOND_ASCII.test(original)) return { text: original, original: unchanged };
  const { froms, tos, heres, pieces } = changesIn(original);
  if (froms.length === 0) return { text: original, original: unchanged };
  /** The last change that begins at or before an offset of the text; -1 for none. */
  const changeAt = (offset: number) => {
    let [low, high] = [-1, heres.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((heres[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  const unit = (offset: number): Span => {
    const change = changeAt(offset);
    if (change === -1) return { start: offset, end: offset + 1 };
    const beyond = offset - (heres[change] ?? 0) - (pieces[2 * change + 1] ?? '').length;
    const past = tos[change] ?? 0;
    if (beyond < 0) return { start: froms[change] ?? 0, end: past };
    return { start: past + beyond, end: past + beyond + 1 };
  };
  return {
    text: pieces.join(''),
    original: ({ start, end }) => ({ start: unit(start).start, end: unit(end - 1).end }),
  };
}

function unchanged(span: Span): Span {
  return span;
}

/**
 * What a character beyond ASCII reads as, where that is not itself: ASCII, or nothing.
 *
 * @param point - its code point
 */
export function readingOf(point: number): string | undefined {
  let page = pages[point >> PAGE_BITS];
  if (page === undefined) {
    page = new Uint16Array(1 << PAGE_BITS);
    pages[point >> PAGE_BITS] = page;
  }
  const place = point & ((1 << PAGE_BITS) - 1);
  let number = page[place] ?? UNKNOWN;
  if (number === UNKNOWN) {
    number = numberOf(String.fromCodePoint(point));
    page[place] = number;
  }
  return number === ITSELF ? undefined : readings[number - FIRST_READING];
}

/** The characters of a text that do not read as themselves: where they stand, in the original and as read. */
function changesIn(original: string) {
  const froms: number[] = [];
  const tos: number[] = [];
  const heres: number[] = [];
  /** What stands before each change, and its reading, in turn; at last what stands behind. */
  const pieces: string[] = [];
  let past = 0;
  let length = 0;
  for (let at = original.search(BEYOND_ASCII); at >= 0 && at < original.length; at++) {
    if (original.charCodeAt(at) < 0x80) continue;
    const point = original.codePointAt(at) ?? 0;
    const reads = readingOf(point);
    const end = at + (point > 0xffff ? 2 : 1);
    if (reads !== undefined) {
      pieces.push(original.slice(past, at), reads);
      length += at - past;
      froms.push(at);
      tos.push(end);
      heres.push(length);
      length += reads.length;
      past = end;
    }
    at = end - 1;
  }
  pieces.push(original.slice(past));
  return { froms, tos, heres, pieces };
}

function numberOf(character: string): number {
  const reads = read(character);
  if (reads === character) return ITSELF;
  const known = readings.indexOf(reads);
  if (known !== -1) return known + FIRST_READING;
  return readings.push(reads) - 1 + FIRST_READING;
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
