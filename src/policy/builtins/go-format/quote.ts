import { byteOf } from './bytes.js';

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['\\', '\\\\'],
]);

/** A text as a literal of Go, such as strconv.Quote writes; with `ascii` all other characters are escaped. */
export function quoteGo(
  text: string,
  quote: '"' | "'" = '"',
  charset: 'ascii' | 'unicode' = 'unicode',
): string {
  return quote + [...text].map((character) => quoteCharacter(character, quote, charset)).join('') + quote;
}

/** Whether Go would show a character: letters, marks, numbers, punctuation, symbols, and the ASCII space. */
export function isPrintable(character: string): boolean {
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character);
}

function quoteCharacter(character: string, quote: string, charset: 'ascii' | 'unicode'): string {
  if (character === quote) return `\\${quote}`;
  const known = ESCAPES.get(character);
  if (known !== undefined) return known;
  const byte = byteOf(character);
  if (byte !== undefined) return `\\x${byte.toString(16)}`;
  const code = character.codePointAt(0) ?? 0;
  if (isPrintable(character) && (charset === 'unicode' || code < 0x80)) return character;
  const hex = code.toString(16);
  if (code < 0x80) return `\\x${hex.padStart(2, '0')}`;
  return code > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`;
}
