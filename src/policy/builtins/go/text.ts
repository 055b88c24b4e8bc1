import { isUtf8 } from 'node:buffer';

/**
 * Bytes as text, with U+FFFD in place of each byte that is of no UTF-8 sequence. JavaScript's own decoders put one in
 * place of several bytes.
 */
export function textOf(bytes: Buffer): string {
  return textWith(bytes, () => '\ufffd');
}

/** The same, with whatever a byte of no sequence is to become. */
export function textWith(bytes: Buffer, stray: (byte: number) => string): string {
  if (isUtf8(bytes)) return bytes.toString();
  let text = '';
  let plain = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length === 0) {
      text += bytes.toString('utf8', plain, at) + stray(bytes[at] ?? 0);
      plain = at + 1;
    }
    at += Math.max(length, 1);
  }
  return text + bytes.toString('utf8', plain);
}

/** How many bytes the sequence has that begins here; 0 where none does. Source: RFC 3629, section 4 */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4) return 0;
  for (let index = 1; index < length; index += 1) {
    if (((bytes[at + index] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  const second = bytes[at + 1] ?? 0;
  // Overlong forms, surrogates, and what lies beyond U+10FFFF.
  const forbidden =
    (first === 0xe0 && second < 0xa0) ||
    (first === 0xed && second > 0x9f) ||
    (first === 0xf0 && second < 0x90) ||
    (first === 0xf4 && second > 0x8f);
  return forbidden ? 0 : length;
}
