import { ProtocolError } from '../error.js';
import { BACKSLASH, byteAt, LETTER_U, QUOTE, SPACE } from './bytes.js';
import { refuseGrammar } from './refuse.js';

/** What may follow a backslash, `u` apart: `" \ / b f n r t`. */
const SHORT_ESCAPES = Uint8Array.from({ length: 256 }, (_, byte) =>
  '"\\/bfnrt'.includes(String.fromCharCode(byte)) ? 1 : 0,
);

/** 1 for each byte that does not stand for itself inside a string: the quote, the backslash, control characters. */
const STOPS = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte === QUOTE || byte === BACKSLASH || byte < SPACE ? 1 : 0,
);

/** After so many bytes a string counts as long, and four at a time runs through it at twice the speed. */
const SHORT = 16;

/** The offset of the first byte from `at` on that does not stand for itself inside a string. */
export function plainEnd(bytes: Buffer, at: number): number {
  const length = bytes.length;
  const nearby = Math.min(at + SHORT, length);
  let end = at;
  while (end < nearby && stops(bytes, end) === 0) end += 1;
  if (end < nearby) return end;
  for (; end + 3 < length; end += 4) {
    if (stops(bytes, end) | stops(bytes, end + 1) | stops(bytes, end + 2) | stops(bytes, end + 3)) break;
  }
  while (end < length && stops(bytes, end) === 0) end += 1;
  return end;
}

function stops(bytes: Buffer, at: number): number {
  return STOPS[bytes[at] ?? 0] ?? 1;
}

/**
 * The offset just past a string's closing quote, from any offset inside it (RFC 8259, section 7).
 *
 * @throws ProtocolError not_json, lone_surrogate
 */
export function stringEnd(bytes: Buffer, at: number): number {
  let end = plainEnd(bytes, at);
  while (byteAt(bytes, end) === BACKSLASH) end = plainEnd(bytes, escapeEnd(bytes, end));
  return byteAt(bytes, end) === QUOTE ? end + 1 : refuseGrammar(bytes, end);
}

function escapeEnd(bytes: Buffer, backslash: number): number {
  const letter = byteAt(bytes, backslash + 1);
  if (SHORT_ESCAPES[letter] === 1) return backslash + 2;
  if (letter !== LETTER_U) refuseGrammar(bytes, backslash + 1);
  const unit = hexUnit(bytes, backslash + 2);
  if (unit < 0xd800 || unit > 0xdfff) return backslash + 6;
  if (unit > 0xdbff || !isLowSurrogate(bytes, backslash + 6)) {
    // Decoders turn half a pair into different texts, so policy and receiver would not read the same.
    throw new ProtocolError('lone_surrogate', 'half a surrogate pair is escaped', backslash);
  }
  return backslash + 12;
}

function isLowSurrogate(bytes: Buffer, at: number): boolean {
  if (byteAt(bytes, at) !== BACKSLASH || byteAt(bytes, at + 1) !== LETTER_U) return false;
  const unit = hexUnit(bytes, at + 2);
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** The four hexadecimal digits from `at` on as a number. */
function hexUnit(bytes: Buffer, at: number): number {
  let unit = 0;
  for (let digit = at; digit < at + 4; digit += 1) unit = unit * 16 + hexDigit(bytes, digit);
  return unit;
}

function hexDigit(bytes: Buffer, at: number): number {
  const byte = byteAt(bytes, at);
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : refuseGrammar(bytes, at);
}
