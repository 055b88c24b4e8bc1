import { formatFloat } from './float.js';
import { type Layout, pad } from './layout.js';
import { isPrintable, quoteGo } from './quote.js';

const BASES: Readonly<Record<string, number>> = { v: 10, d: 10, b: 2, o: 8, O: 8, x: 16, X: 16 };
const LAST_CODE_POINT = 0x10ffffn;

/** An integer of 64 bits; undefined where the verb is not for integers. */
export function formatInteger(value: bigint, verb: string, layout: Layout): string | undefined {
  if (verb === 'c') return pad(characterOf(value), layout);
  if (verb === 'q') return pad(quoteGo(characterOf(value), "'", layout.plus ? 'ascii' : 'unicode'), layout);
  if (verb === 'U') return codePoint(BigInt.asUintN(64, value), layout);
  if (!Object.hasOwn(BASES, verb)) return undefined;
  const { width, precision } = layout;
  if (precision === 0 && value === 0n) return pad('', { ...layout, zero: false });
  const sign = signOf(value < 0n, layout);
  const zeros = layout.zero && !layout.minus && width !== undefined ? width - sign.length : 0;
  const digits = digitsOf(value, verb).padStart(precision ?? zeros, '0');
  return pad(sign + prefixOf(verb, digits, layout) + digits, { ...layout, zero: false });
}

/** An integer beyond 64 bits; math/big has rules of its own. */
export function formatBigInteger(value: bigint, verb: string, layout: Layout): string {
  const isKnown = Object.hasOwn(BASES, verb) || verb === 's';
  if (!isKnown) return `%!${verb}(big.Int=${value})`;
  const sign = signOf(value < 0n, layout);
  const digits = digitsOf(value, verb).padStart(layout.precision ?? 0, '0');
  const prefix = verb === 'o' && layout.sharp ? '0' : prefixOf(verb, digits, layout);
  if (!layout.zero || layout.minus || layout.precision !== undefined) {
    return pad(sign + prefix + digits, { ...layout, zero: false });
  }
  return sign + prefix + digits.padStart((layout.width ?? 0) - sign.length - prefix.length, '0');
}

function signOf(isNegative: boolean, layout: Layout): string {
  return isNegative ? '-' : layout.plus ? '+' : layout.space ? ' ' : '';
}

function digitsOf(value: bigint, verb: string): string {
  const digits = (value < 0n ? -value : value).toString(BASES[verb] ?? 10);
  return verb === 'X' ? digits.toUpperCase() : digits;
}

function prefixOf(verb: string, digits: string, { sharp }: Layout): string {
  if (verb === 'O') return sharp && !digits.startsWith('0') ? '0o0' : '0o';
  if (!sharp) return '';
  if (verb === 'o') return digits.startsWith('0') ? '' : '0';
  return verb === 'b' ? '0b' : verb === 'x' ? '0x' : verb === 'X' ? '0X' : '';
}

function characterOf(value: bigint): string {
  const isCharacter = value >= 0n && value <= LAST_CODE_POINT && (value < 0xd800n || value > 0xdfffn);
  return isCharacter ? String.fromCodePoint(Number(value)) : '\ufffd';
}

function codePoint(value: bigint, layout: Layout): string {
  const digits = value
    .toString(16)
    .toUpperCase()
    .padStart(Math.max(layout.precision ?? 0, 4), '0');
  const character = characterOf(value);
  const isShown = layout.sharp && character.codePointAt(0) === Number(value) && isPrintable(character);
  return pad(`U+${digits}${isShown ? ` '${character}'` : ''}`, { ...layout, zero: false });
}

/** A double; undefined where the verb is not for them. */
export function formatDouble(value: number, verb: string, layout: Layout): string | undefined {
  const style = FLOAT_STYLES.get(verb);
  if (style === undefined) return undefined;
  const precision = layout.precision ?? style.precision;
  const written = formatFloat(value, style.verb, precision);
  let text = /^[A-Z]$/.test(verb) && verb !== 'F' ? written.toUpperCase() : written;
  const isNegative = text.startsWith('-');
  if (isNegative) text = text.slice(1);
  if (layout.sharp && verb !== 'b') text = withPoint(text, verb, precision);
  const sign = isNegative ? '-' : layout.plus ? '+' : layout.space ? ' ' : '';
  if (sign === '' || !layout.zero || layout.minus) return pad(sign + text, layout);
  return sign + text.padStart((layout.width ?? 0) - sign.length, '0');
}

const FLOAT_STYLES: ReadonlyMap<string, { verb: 'b' | 'e' | 'f' | 'g' | 'x'; precision: number }> = new Map([
  ['v', { verb: 'g', precision: -1 }],
  ['g', { verb: 'g', precision: -1 }],
  ['G', { verb: 'g', precision: -1 }],
  ['b', { verb: 'b', precision: -1 }],
  ['x', { verb: 'x', precision: -1 }],
  ['X', { verb: 'x', precision: -1 }],
  ['e', { verb: 'e', precision: 6 }],
  ['E', { verb: 'e', precision: 6 }],
  ['f', { verb: 'f', precision: 6 }],
  ['F', { verb: 'f', precision: 6 }],
]);

/** `#` demands a decimal point, and of `g` and `x` the zeros at the end. */
function withPoint(text: string, verb: string, precision: number): string {
  const isHexadecimal = verb === 'x' || verb === 'X';
  const tailAt = text.search(isHexadecimal ? /[pP]/ : /[eE]/);
  const number = tailAt < 0 ? text : text.slice(0, tailAt);
  const tail = tailAt < 0 ? '' : text.slice(tailAt);
  let missing = ['v', 'g', 'G', 'x'].includes(verb) ? (precision < 0 ? 6 : precision) : 0;
  missing -= number.replace('.', '').replace(/^0+/, '').length;
  if (number === '0') missing -= 1;
  const point = number.includes('.') ? '' : '.';
  return number + point + '0'.repeat(Math.max(missing, 0)) + tail;
}
