import { textWith } from '../go/text.js';

/*
 * A string of Go holds any bytes. As a text, a byte that is of no UTF-8 sequence stands as U+DC00 plus the byte: a
 * surrogate without its other half, which no text that comes from outside has.
 */
const ESCAPE = 0xdc00;
const ESCAPED = /[\udc80-\udcff]/gu;
const IS_ESCAPED = /[\udc80-\udcff]/u;

/** The bytes of a string of Go. */
export function goBytes(text: string): Buffer {
  if (!IS_ESCAPED.test(text)) return Buffer.from(text);
  const parts: Buffer[] = [];
  let plain = 0;
  for (const { index } of text.matchAll(ESCAPED)) {
    parts.push(Buffer.from(text.slice(plain, index)), Buffer.of(text.charCodeAt(index) - ESCAPE));
    plain = index + 1;
  }
  return Buffer.concat([...parts, Buffer.from(text.slice(plain))]);
}

/** The string of Go that has these bytes. */
export function goText(bytes: Buffer): string {
  return textWith(bytes, escapedByte);
}

/** A byte from 0x80 on that stands alone. */
export function escapedByte(byte: number): string {
  return String.fromCharCode(ESCAPE + byte);
}

/** The byte that a character stands for, if it stands for one. */
export function byteOf(character: string): number | undefined {
  return IS_ESCAPED.test(character) ? character.charCodeAt(0) - ESCAPE : undefined;
}

/** What was put together from several strings: bytes that were parts of a character may have become one. */
export function joined(text: string): string {
  return IS_ESCAPED.test(text) ? goText(goBytes(text)) : text;
}

/** As text without such bytes: U+FFFD stands for each of them, as where Go writes JSON. */
export function wellFormed(text: string): string {
  return text.replace(ESCAPED, '\ufffd');
}
