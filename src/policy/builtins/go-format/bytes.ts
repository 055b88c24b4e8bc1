import { isUtf8 } from 'node:buffer';

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
  if (isUtf8(bytes)) return bytes.toString();
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = characterLength(bytes, at);
    parts.push(length === 0 ? escapedByte(bytes[at] ?? 0) : bytes.toString('utf8', at, at + length));
    at += length || 1;
  }
  return parts.join('');
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

/** How many bytes the character that begins here has; 0 where none does. */
function characterLength(bytes: Buffer, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length += 1) {
    if (isUtf8(bytes.subarray(at, at + length))) return length;
  }
  return 0;
}
