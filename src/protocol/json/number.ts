import { ProtocolError } from '../error.js';
import { byteAt, DIGIT_0, DIGIT_9, LETTER_E, MINUS, PLUS, POINT } from './bytes.js';
import { refuseGrammar } from './refuse.js';

/** The largest double has 309 digits; what is shorter and has no exponent cannot overflow. */
const SURELY_FINITE = 308;

/**
 * The offset just past a number's last digit (RFC 8259, section 6).
 *
 * @throws ProtocolError not_json; number_range where a double would be infinite, since policy computes with doubles
 */
export function numberEnd(bytes: Buffer, at: number): number {
  const integer = byteAt(bytes, at) === MINUS ? at + 1 : at;
  let end = byteAt(bytes, integer) === DIGIT_0 ? integer + 1 : digitsEnd(bytes, integer);
  if (byteAt(bytes, end) === POINT) end = digitsEnd(bytes, end + 1);
  const hasExponent = (byteAt(bytes, end) | 0x20) === LETTER_E;
  if (hasExponent) {
    const sign = byteAt(bytes, end + 1);
    end = digitsEnd(bytes, sign === PLUS || sign === MINUS ? end + 2 : end + 1);
  }
  if (hasExponent || end - at > SURELY_FINITE) mustBeFinite(bytes, at, end);
  return end;
}

/** The offset just past one or more digits. */
function digitsEnd(bytes: Buffer, at: number): number {
  let end = at;
  for (;;) {
    const byte = byteAt(bytes, end);
    if (byte < DIGIT_0 || byte > DIGIT_9) return end > at ? end : refuseGrammar(bytes, end);
    end += 1;
  }
}

function mustBeFinite(bytes: Buffer, at: number, end: number): void {
  if (Number.isFinite(Number(bytes.toString('latin1', at, end)))) return;
  throw new ProtocolError('number_range', 'a number is too large for a double', at);
}
