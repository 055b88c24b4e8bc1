import { BuiltinError } from '../builtin.js';
import { escapedByte, joined } from '../go-format/bytes.js';
import type { Value } from './values.js';

/**
 * The string that a literal of Go stands for.
 *
 * @param literal with its quotes, `"` or `` ` ``
 * @throws BuiltinError where it has an escape that Go has not
 * Source: https://go.dev/ref/spec#String_literals
 */
export function stringLiteral(literal: string): string {
  const inner = literal.slice(1, -1);
  if (literal.startsWith('`')) return inner.replaceAll('\r', '');
  return joined(
    inner.replace(ESCAPE, (written) => {
      const { code, isByte } = escaped(written, '"');
      return isByte && code >= 0x80 ? escapedByte(code) : String.fromCodePoint(code);
    }),
  );
}

/**
 * What a number or a character stands for; undefined for an integer that is one only without a sign, which Go tells
 * when it is used.
 *
 * @throws BuiltinError where it is none
 */
export function numberLiteral(literal: string, kind: 'number' | 'complex' | 'character'): Value | undefined {
  if (kind === 'character') return { type: 'int', value: BigInt(characterCode(literal.slice(1, -1))) };
  if (literal.endsWith('i')) return complexNumber(literal);
  const isHexadecimal = /^0[xX][^pP]/.test(literal) && !/[pP]/.test(literal);
  const looksLikeDouble = !isHexadecimal && /[.eEpP]/.test(literal);
  const integer = integerNumber(literal);
  if (integer !== undefined && integer === BigInt.asIntN(64, integer)) {
    return looksLikeDouble ? { type: 'float64', value: Number(integer) } : { type: 'int', value: integer };
  }
  const isSigned = /^[+-]/.test(literal);
  if (integer !== undefined && !isSigned && integer === BigInt.asUintN(64, integer)) return undefined;
  const double = doubleNumber(literal);
  if (double === undefined || !looksLikeDouble) throw new BuiltinError('illegal number syntax');
  return { type: 'float64', value: double };
}

const ESCAPE = /\\(?:x[0-9a-fA-F]{2}|[0-7]{3}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)/gsu;
const SINGLE: ReadonlyMap<string, number> = new Map([
  ['a', 0x07],
  ['b', 0x08],
  ['f', 0x0c],
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
  ['v', 0x0b],
  ['\\', 0x5c],
]);

/** What an escape stands for: a character, or one byte. */
function escaped(written: string, quote: '"' | "'"): { code: number; isByte: boolean } {
  const letter = written.slice(1, 2);
  const single = letter === quote ? quote.charCodeAt(0) : SINGLE.get(letter);
  if (single !== undefined) return { code: single, isByte: false };
  const isOctal = /^[0-7]{3}$/.test(written.slice(1));
  const code = isOctal ? Number.parseInt(written.slice(1), 8) : Number.parseInt(written.slice(2), 16);
  const isByte = isOctal || letter === 'x';
  const isCharacter = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  if (written.length < 4 || !(isByte ? code <= 0xff : isCharacter)) {
    throw new BuiltinError(`an escape ${written} is none of Go's`);
  }
  return { code, isByte };
}

function characterCode(inner: string): number {
  const isEscape = inner.startsWith('\\');
  const [first = ''] = isEscape ? (inner.match(ESCAPE) ?? []) : inner;
  if (first === '' || first.length !== inner.length) throw new BuiltinError(`malformed character '${inner}'`);
  return isEscape ? escaped(first, "'").code : (first.codePointAt(0) ?? 0);
}

function complexNumber(literal: string): Value {
  const parts = /^(.*[^eEpP])([+-].*)i$/.exec(literal);
  const real = parts === null ? 0 : doubleNumber(parts[1] ?? '');
  const imaginary = doubleNumber(parts === null ? literal.slice(0, -1) : (parts[2] ?? ''));
  if (real === undefined || imaginary === undefined) {
    throw new BuiltinError('illegal number syntax');
  }
  return { type: 'complex128', real, imaginary };
}

const INTEGER = /^([+-]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/;
/** More digits, in whatever base, are of no number of 64 bits. */
const MOST_DIGITS = 64;

/** An integer as Go writes it; undefined where it is none, or has far more than 64 bits. */
function integerNumber(literal: string): bigint | undefined {
  const [, sign, hexadecimal, binary, octal, decimal] = INTEGER.exec(withoutUnderscores(literal)) ?? [];
  if (sign === undefined) return undefined;
  const digits = (hexadecimal ?? binary ?? octal ?? decimal ?? '').replace(/^0+/, '');
  if (digits.length > MOST_DIGITS) return undefined;
  const prefix =
    hexadecimal !== undefined ? '0x' : binary !== undefined ? '0b' : octal !== undefined ? '0o' : '';
  const magnitude = digits === '' ? 0n : BigInt(prefix + digits);
  return sign === '-' ? -magnitude : magnitude;
}

const DECIMAL_DOUBLE = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const HEXADECIMAL_DOUBLE = /^([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?[pP]([+-]?[0-9]+)$/;

/** A double as Go writes it; undefined where it is none, or none that is finite. */
function doubleNumber(literal: string): number | undefined {
  const text = withoutUnderscores(literal);
  const value = DECIMAL_DOUBLE.test(text) ? Number(text) : hexadecimalDouble(text);
  return Number.isFinite(value) ? value : undefined;
}

function hexadecimalDouble(text: string): number {
  const [, sign, whole = '', fraction = '', power] = HEXADECIMAL_DOUBLE.exec(text) ?? [];
  const digits = whole + fraction;
  if (power === undefined || digits === '') return Number.NaN;
  const exponent = Number(power) - 4 * fraction.length;
  const half = Math.floor(exponent / 2);
  const magnitude = Number(BigInt(`0x${digits}`)) * 2 ** half * 2 ** (exponent - half);
  return sign === '-' ? -magnitude : magnitude;
}

/** Underscores may stand between digits, and behind what says the base; elsewhere they stay and spoil the number. */
function withoutUnderscores(literal: string): string {
  const isHexadecimal = /^[+-]?0[xX]/.test(literal);
  const between = isHexadecimal ? /(?<=[0-9a-fA-FxX])_(?=[0-9a-fA-F])/g : /(?<=[0-9bBoO])_(?=[0-9])/g;
  return literal.replace(between, '');
}
