const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
/** Says that what looked like an escape is none. */
export const NO_ESCAPE = -1;

/** What the letter after a backslash makes of it, 0 for nothing (RFC 8259, section 7); `\u` is read apart. */
export const SHORT_ESCAPES = new Uint8Array(256);
for (const [letter, stands] of ['""', '\\\\', '//', 'b\b', 'f\f', 'n\n', 'r\r', 't\t'].map((pair) => [
  ...pair,
]))
  SHORT_ESCAPES[letter?.charCodeAt(0) ?? 0] = stands?.charCodeAt(0) ?? 0;

/** The code point that `\uXXXX`, or a pair of these, stands for; NO_ESCAPE where none begins at the offset. */
export function escapedPoint(bytes: Buffer, at: number, end: number): number {
  const first = escapedUnit(bytes, at, end);
  if (first < 0xd800 || first > 0xdbff) return first;
  const second = escapedUnit(bytes, at + 6, end);
  if (second < 0xdc00 || second > 0xdfff) return first;
  return 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
}

/** How many bytes an escaped code point takes. */
export function escapeWidth(point: number): number {
  return point > 0xffff ? 12 : 6;
}

/** The code point whose UTF-8 begins at an offset. */
export function characterAt(bytes: Buffer, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return lead;
  if (lead < 0xe0) return ((lead & 0x1f) << 6) | trail(bytes, at + 1);
  if (lead < 0xf0) return ((lead & 0x0f) << 12) | (trail(bytes, at + 1) << 6) | trail(bytes, at + 2);
  return (
    ((lead & 0x07) << 18) | (trail(bytes, at + 1) << 12) | (trail(bytes, at + 2) << 6) | trail(bytes, at + 3)
  );
}

/** How many bytes a code point takes in UTF-8. */
export function characterWidth(point: number): number {
  if (point < 0x80) return 1;
  if (point < 0x800) return 2;
  return point > 0xffff ? 4 : 3;
}

function trail(bytes: Buffer, at: number): number {
  return (bytes[at] ?? 0) & 0x3f;
}

function escapedUnit(bytes: Buffer, at: number, end: number): number {
  if (at + 6 > end || bytes[at] !== BACKSLASH || bytes[at + 1] !== LETTER_U) return NO_ESCAPE;
  let unit = 0;
  for (let digit = at + 2; digit < at + 6; digit++) {
    const value = hexValue(bytes[digit] ?? 0);
    if (value === NO_ESCAPE) return NO_ESCAPE;
    unit = unit * 16 + value;
  }
  return unit;
}

/** What a hexadecimal digit stands for; NO_ESCAPE for any other byte. */
export function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : NO_ESCAPE;
}
