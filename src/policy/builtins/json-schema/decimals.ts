import { numberText, type RegoNumber } from '../../rego/number.js';
import { BuiltinError, type Evaluation } from '../builtin.js';

/** A number as ±digits × 10^exponent; digits have no zeros at their ends. */
interface Decimal {
  readonly isNegative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

/** More than anybody counts with, and little enough to divide. */
const LONGEST = 10_000;

function decimalOf(value: RegoNumber): Decimal {
  const [, minus, whole = '', fraction = '', power = '0'] =
    /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([-+]?[0-9]+))?$/.exec(numberText(value)) ?? [];
  const all = (whole + fraction).replace(/^0+/, '');
  const end = all.length - trailingZeros(all);
  const digits = all.slice(0, end);
  const exponent = digits === '' ? 0 : Number(power) - fraction.length + (all.length - end);
  return { isNegative: minus === '-', digits: digits || '0', exponent };
}

function trailingZeros(digits: string): number {
  let count = 0;
  while (count < digits.length && digits[digits.length - 1 - count] === '0') count += 1;
  return count;
}

export function isInteger(value: RegoNumber): boolean {
  return decimalOf(value).exponent >= 0;
}

/** @throws BuiltinError where the two are too far apart to be divided */
export function isMultiple(evaluation: Evaluation, value: RegoNumber, factor: RegoNumber): boolean {
  const dividend = decimalOf(value);
  const divisor = decimalOf(factor);
  if (dividend.digits === '0') return true;
  const shift = dividend.exponent - divisor.exponent;
  if (Math.abs(shift) + dividend.digits.length + divisor.digits.length > LONGEST) {
    throw new BuiltinError('a number is too long to be divided');
  }
  evaluation.spend(Math.abs(shift));
  const zeros = '0'.repeat(Math.abs(shift));
  const [upper, lower] = shift < 0 ? ['', zeros] : [zeros, ''];
  return BigInt(dividend.digits + upper) % BigInt(divisor.digits + lower) === 0n;
}

/** A number as OPA's messages write it: with an exponent from a million on, and below a ten thousandth. */
export function boundText(value: RegoNumber): string {
  const { isNegative, digits, exponent } = decimalOf(value);
  const sign = isNegative && digits !== '0' ? '-' : '';
  const power = digits.length + exponent - 1;
  if (power < -4 || power >= 6) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
    const powerDigits = String(Math.abs(power)).padStart(2, '0');
    return `${sign}${digits[0]}${fraction}e${power < 0 ? '-' : '+'}${powerDigits}`;
  }
  if (exponent >= 0) return sign + digits + '0'.repeat(exponent);
  const padded = digits.padStart(1 - exponent, '0');
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}
