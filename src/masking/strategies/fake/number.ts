import type { Pseudorandom } from './pseudorandom.js';
import { digit } from './shape.js';

/** A JSON number (RFC 8259, section 6): what comes before its digits, these, and how large it is. */
const NUMBER = /^(-?)(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** Whether a text is a number as JSON writes it. */
export function isNumber(text: string): boolean {
  return NUMBER.test(text);
}

/** Another number of as many digits, with the same sign and exponent. */
export function fakeNumber(text: string, random: Pseudorandom): string {
  const [, sign = '', whole = '', fraction = '', exponent = ''] = NUMBER.exec(text) ?? [];
  const others = [...fraction].map((character) => (character === '.' ? '.' : digit(random))).join('');
  // A leading zero is no JSON, and "0.25" stays below one.
  const first = whole === '0' && fraction !== '' ? '0' : String(1 + random.below(9));
  const rest = [...whole.slice(1)].map(() => digit(random)).join('');
  return sign + first + rest + others + exponent;
}
