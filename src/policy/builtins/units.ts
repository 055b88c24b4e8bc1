import { numberOf, RegoDecimal, type RegoNumber } from '../rego/number.js';
import type { RegoValue } from '../rego/value.js';
import { BuiltinError, type BuiltinTable, type Evaluation, stringOperand } from './builtin.js';

/** Source: https://www.openpolicyagent.org/docs/policy-reference/builtins/units */
export const UNITS = {
  'units.parse': parseUnits,
  'units.parse_bytes': parseBytes,
} satisfies BuiltinTable;

interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const PREFIXES = ['k', 'm', 'g', 't', 'p', 'e'];
/** Each unit in lower case, without a final `b`. */
const FACTORS: ReadonlyMap<string, bigint> = new Map([
  ['', 1n],
  ...PREFIXES.map((prefix, index) => [prefix, 1000n ** BigInt(index + 1)] as const),
  ...PREFIXES.map((prefix, index) => [`${prefix}i`, 1024n ** BigInt(index + 1)] as const),
]);
/** OPA's thousandth is the double next to it. */
const MILLI: Fraction = { numerator: 1152921504606847n, denominator: 2n ** 60n };

function parseUnits(evaluation: Evaluation, operand: RegoValue | undefined): RegoNumber {
  const { amount, unit } = quantity(stringOperand(operand, 1).replaceAll('"', ''));
  const factor = unitFactor(unit);
  const { numerator, denominator } = fractionOf(evaluation, amount);
  return decimal(numerator * factor.numerator, denominator * factor.denominator);
}

/** Upper and lower case mean the same, but `m` is a thousandth and `M` a million. */
function unitFactor(unit: string): Fraction {
  const first = unit.slice(0, 1);
  const rest = lowerCase(unit.slice(1));
  if (first === 'm' && rest === '') return MILLI;
  const numerator = FACTORS.get((/[A-Z]/.test(first) ? first.toLowerCase() : first) + rest);
  if (numerator === undefined) throw new BuiltinError(`units.parse: unit ${unit} not recognized`);
  return { numerator, denominator: 1n };
}

function parseBytes(evaluation: Evaluation, operand: RegoValue | undefined): RegoNumber {
  const { amount, unit } = quantity(lowerCase(stringOperand(operand, 1)).replaceAll('"', ''));
  const factor = unit === 'b' ? undefined : FACTORS.get(unit.endsWith('b') ? unit.slice(0, -1) : unit);
  if (factor === undefined) throw new BuiltinError(`units.parse_bytes: byte unit ${unit} not recognized`);
  const { numerator, denominator } = rounded(fractionOf(evaluation, amount));
  const product = rounded({ numerator: numerator * factor, denominator });
  return numberOf(String(product.numerator / product.denominator));
}

/** As Go does it, which maps each character to one. */
function lowerCase(text: string): string {
  return text.replaceAll('İ', 'i').toLowerCase();
}

/** Splits a text before its unit; an `e` is of the number where a digit or a sign follows. */
function quantity(text: string): { amount: string; unit: string } {
  if (text.includes(' ')) throw new BuiltinError('spaces not allowed in resource strings');
  const amount = /^(?:[0-9.+-]|[eE](?=[0-9+-]))*/.exec(text)?.[0] ?? '';
  if (amount === '') throw new BuiltinError('no amount provided');
  if (/[eE][+-]?[0-9]{7}/.test(amount)) throw new BuiltinError('exponent too large');
  return { amount, unit: text.slice(amount.length) };
}

const AMOUNT = /^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?$/;
/** OPA takes no greater powers of ten either. */
const MAX_EXPONENT = 1_000_000;

function fractionOf(evaluation: Evaluation, amount: string): Fraction {
  const [matched, sign, whole = '', decimals = '', power = '0'] = AMOUNT.exec(amount) ?? [];
  if (matched === undefined || whole + decimals === '') {
    throw new BuiltinError('could not parse amount to a number');
  }
  const exponent = Number(power) - decimals.length;
  if (Math.abs(exponent) > MAX_EXPONENT) throw new BuiltinError('exponent too large');
  // To read and write an integer takes more than linear time.
  evaluation.spend(Math.ceil((amount.length + Math.abs(exponent)) ** 1.5 / 100));
  const digits = BigInt((sign === '-' ? '-' : '') + whole + decimals);
  if (exponent >= 0) return { numerator: digits * 10n ** BigInt(exponent), denominator: 1n };
  return { numerator: digits, denominator: 10n ** BigInt(-exponent) };
}

/** An integer as it is, and anything else with ten decimals. */
function decimal(numerator: bigint, denominator: bigint): RegoNumber {
  if (numerator % denominator === 0n) return numberOf(String(numerator / denominator));
  const magnitude = numerator < 0n ? -numerator : numerator;
  const scaled = (2n * magnitude * 10n ** 10n + denominator) / (2n * denominator);
  const digits = String(scaled).padStart(11, '0');
  return new RegoDecimal(`${numerator < 0n ? '-' : ''}${digits.slice(0, -10)}.${digits.slice(-10)}`);
}

/** With 64 significant bits, the nearest and of two the even one: OPA counts bytes in such floating-point numbers. */
function rounded({ numerator, denominator }: Fraction): Fraction {
  if (numerator < 0n) {
    const positive = rounded({ numerator: -numerator, denominator });
    return { numerator: -positive.numerator, denominator: positive.denominator };
  }
  if (numerator === 0n) return { numerator, denominator };
  let shift = bitLength(numerator) - bitLength(denominator) - 64;
  if (numerator >= shifted(denominator, shift + 64)) shift += 1;
  const dividend = shifted(numerator, -shift);
  const divisor = shifted(denominator, shift);
  const quotient = dividend / divisor;
  const twice = 2n * (dividend % divisor);
  const up = twice > divisor || (twice === divisor && quotient % 2n === 1n);
  const mantissa = quotient + (up ? 1n : 0n);
  return { numerator: shifted(mantissa, shift), denominator: shifted(1n, -shift) };
}

/** To the left; nothing where there is nothing to the left, so that a fraction's two halves can share one shift. */
function shifted(value: bigint, bits: number): bigint {
  return bits > 0 ? value << BigInt(bits) : value;
}

function bitLength(value: bigint): number {
  const digits = value.toString(16);
  return digits.length * 4 - Math.clz32(Number.parseInt(digits.slice(0, 1), 16)) + 28;
}
