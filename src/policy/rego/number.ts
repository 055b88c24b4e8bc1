/**
 * An integer is a `number` up to 2^53 and a `bigint` beyond; whatever was written with a fraction or an exponent is a
 * {@link RegoDecimal}. A built-in may answer with any finite `number`.
 */
export type RegoNumber = number | bigint | RegoDecimal;

/** A number as it was written, such as `1.50` or `1e400`. */
export class RegoDecimal {
  readonly text: string;

  /** @param text a JSON number */
  constructor(text: string) {
    this.text = text;
  }
}

/** A number as ±digits × 10^exponent, where digits are without trailing zeros, so that equal numbers are alike. */
export interface Scientific {
  readonly sign: -1 | 0 | 1;
  readonly digits: string;
  readonly exponent: number;
}

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** The order of two numbers, exactly, be they of any size. */
export function compareNumbers(left: RegoNumber, right: RegoNumber): number {
  if (!(left instanceof RegoDecimal) && !(right instanceof RegoDecimal)) {
    return left < right ? -1 : left > right ? 1 : 0;
  }
  const a = scientific(left);
  const b = scientific(right);
  if (a.sign !== b.sign) return a.sign - b.sign;
  return a.sign * compareMagnitudes(a, b);
}

/** The integer that a number is, or undefined where it is none or has more than 10,000 digits. */
export function integerOf(value: RegoNumber): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  const { sign, digits, exponent } = scientific(value);
  if (exponent < 0 || exponent > 10_000) return undefined;
  return BigInt(sign) * BigInt(digits + '0'.repeat(exponent));
}

/** The nearest double; ±Infinity beyond what doubles hold. */
export function doubleOf(value: RegoNumber): number {
  return value instanceof RegoDecimal ? Number(value.text) : Number(value);
}

/** A number as it stands in JSON. */
export function numberText(value: RegoNumber): string {
  if (value instanceof RegoDecimal) return value.text;
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError('JSON has no such number');
  return String(value);
}

/** The number that a JSON text means; see {@link RegoNumber} for which kind. */
export function numberOf(text: string): RegoNumber {
  if (text.length < 16) {
    const value = Number(text);
    if (Number.isSafeInteger(value) && isInteger(text)) return value;
  }
  if (!isInteger(text)) return new RegoDecimal(text);
  const integer = BigInt(text);
  const value = Number(integer);
  return Number.isSafeInteger(value) ? value : integer;
}

function isInteger(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === '.' || character === 'e' || character === 'E') return false;
  }
  return true;
}

/** A number's digits and its size. */
export function scientific(value: RegoNumber): Scientific {
  const [, minus, whole = '', fraction = '', power = '0'] = NUMBER.exec(numberText(value)) ?? [];
  const all = (whole + fraction).replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  if (digits === '') return { sign: 0, digits: '0', exponent: 0 };
  const exponent = Number(power) - fraction.length + (all.length - digits.length);
  return { sign: minus === '-' ? -1 : 1, digits, exponent };
}

function compareMagnitudes(a: Scientific, b: Scientific): number {
  const tens = a.digits.length + a.exponent - (b.digits.length + b.exponent);
  if (tens !== 0) return tens;
  const length = Math.max(a.digits.length, b.digits.length);
  const left = a.digits.padEnd(length, '0');
  const right = b.digits.padEnd(length, '0');
  return left < right ? -1 : left > right ? 1 : 0;
}
