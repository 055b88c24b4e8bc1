import { numberOf, type RegoNumber, scientific } from './number.js';

/**
 * A number as OPA calculates with fractions: Go's `big.Float`, which is mantissa × 2^exponent, rounded half to even to so many
 * bits.
 *
 * Source: https://pkg.go.dev/math/big#Float
 */
export interface BinaryFloat {
  readonly mantissa: bigint;
  readonly exponent: number;
  /** How many bits the mantissa may have. */
  readonly precision: number;
}

/** Go's for a float that is made from text. */
const PRECISION = 64;
/** Beyond these powers of ten, and of two, calculating takes long, and is left to whoever asks. */
const MOST_TENS = 1_000;
const MOST_TWOS = 5_000;

/** The nearest float, or undefined where the number is very large, very small or very long. */
export function floatOf(value: RegoNumber): BinaryFloat | undefined {
  const { sign, digits, exponent } = scientific(value);
  if (Math.abs(exponent) > MOST_TENS || digits.length > MOST_TENS) return undefined;
  const whole = BigInt(sign) * BigInt(digits);
  const power = 10n ** BigInt(Math.abs(exponent));
  return exponent < 0 ? rounded(whole, power, 0, PRECISION) : rounded(whole * power, 1n, 0, PRECISION);
}

export function add(a: BinaryFloat, b: BinaryFloat): BinaryFloat {
  const exponent = Math.min(a.exponent, b.exponent);
  return rounded(shifted(a, exponent) + shifted(b, exponent), 1n, exponent, a.precision);
}

export function subtract(a: BinaryFloat, b: BinaryFloat): BinaryFloat {
  return add(a, { ...b, mantissa: -b.mantissa });
}

export function multiply(a: BinaryFloat, b: BinaryFloat): BinaryFloat {
  return rounded(a.mantissa * b.mantissa, 1n, a.exponent + b.exponent, a.precision);
}

/** Undefined where the divisor is 0. */
export function divide(a: BinaryFloat, b: BinaryFloat): BinaryFloat | undefined {
  if (b.mantissa === 0n) return undefined;
  const [dividend, divisor] = b.mantissa < 0n ? [-a.mantissa, -b.mantissa] : [a.mantissa, b.mantissa];
  return rounded(dividend, divisor, a.exponent - b.exponent, a.precision);
}

/** Without the fraction. */
export function truncated(float: BinaryFloat): BinaryFloat {
  if (isWhole(float)) return float;
  return normal(float.mantissa / (1n << BigInt(-float.exponent)), 0, float.precision);
}

export function isWhole({ mantissa, exponent }: BinaryFloat): boolean {
  return exponent >= 0 || mantissa % (1n << BigInt(-exponent)) === 0n;
}

/** With the fewest digits that mean this float and no other, or undefined where it is very large or very small. */
export function numberOfFloat(float: BinaryFloat): RegoNumber | undefined {
  const { mantissa, exponent } = float;
  if (Math.abs(exponent) > MOST_TWOS) return undefined;
  if (mantissa === 0n) return 0;
  const { digits, tens } = shortest(float);
  return numberOf((mantissa < 0n ? '-' : '') + written(digits, tens, isWhole(float)));
}

/** numerator / denominator × 2^exponent */
function rounded(numerator: bigint, denominator: bigint, exponent: number, precision: number): BinaryFloat {
  if (numerator === 0n) return normal(0n, 0, precision);
  const size = numerator < 0n ? -numerator : numerator;
  // So that the quotient has as many bits as there may be, or one more.
  const shift = precision + 1 + bits(denominator) - bits(size);
  const [over, under] =
    shift > 0 ? [size << BigInt(shift), denominator] : [size, denominator << BigInt(-shift)];
  const quotient = over / under;
  const surplus = BigInt(bits(quotient) - precision);
  const kept = quotient >> surplus;
  const lost = (quotient - (kept << surplus)) * under + (over % under);
  const half = under << surplus;
  const up = lost * 2n > half || (lost * 2n === half && kept % 2n === 1n);
  const mantissa = up ? kept + 1n : kept;
  return normal(numerator < 0n ? -mantissa : mantissa, exponent - shift + Number(surplus), precision);
}

/** Without zeros at the mantissa's end, which an exponent says more briefly. */
function normal(mantissa: bigint, exponent: number, precision: number): BinaryFloat {
  if (mantissa === 0n) return { mantissa, exponent: 0, precision };
  let [short, power] = [mantissa, exponent];
  for (let step = 32; step > 0; step >>= 1) {
    while (BigInt.asUintN(step, short) === 0n) {
      short >>= BigInt(step);
      power += step;
    }
  }
  return { mantissa: short, exponent: power, precision };
}

/** The digits 0.d₁d₂… × 10^tens that lie nearest of the shortest between this float's neighbours' halfway points. */
function shortest({ mantissa, exponent, precision }: BinaryFloat): { digits: string; tens: number } {
  const size = mantissa < 0n ? -mantissa : mantissa;
  // One bit more than there may be, so that the last one is half the distance to the next float.
  const filling = precision + 1 - bits(size);
  const [full, power] = [size << BigInt(filling), exponent - filling];
  const [exact, lower, upper] = [full, full - 1n, full + 1n].map((bound) => decimal(bound, power));
  if (exact === undefined || lower === undefined || upper === undefined) throw new RangeError('no bounds');
  const inclusive = ((full >> 1n) & 1n) === 0n;
  for (let index = 0; index < exact.digits.length; index += 1) {
    const [low, digit, high] = [lower, exact, upper].map(({ digits }) => Number(digits[index] ?? '0'));
    if (low === undefined || digit === undefined || high === undefined) break;
    const down = low !== digit || (inclusive && index + 1 === lower.digits.length);
    const up = digit !== high && (inclusive || digit + 1 < high || index + 1 < upper.digits.length);
    if (!down && !up) continue;
    return cut(exact, index + 1, down && up ? 'nearest' : down ? 'down' : 'up');
  }
  return exact;
}

interface Decimal {
  readonly digits: string;
  readonly tens: number;
}

/** mantissa × 2^exponent, exactly */
function decimal(mantissa: bigint, exponent: number): Decimal {
  const whole = exponent >= 0 ? mantissa << BigInt(exponent) : mantissa * 5n ** BigInt(-exponent);
  const text = String(whole);
  return { digits: text.replace(/0+$/, ''), tens: text.length + Math.min(exponent, 0) };
}

function cut({ digits, tens }: Decimal, length: number, way: 'nearest' | 'down' | 'up'): Decimal {
  if (length >= digits.length) return { digits, tens };
  const kept = digits.slice(0, length);
  if (way === 'down' || (way === 'nearest' && !isNearerAbove(digits, length))) {
    return { digits: kept.replace(/0+$/, ''), tens };
  }
  const next = String(BigInt(kept) + 1n);
  return { digits: next.replace(/0+$/, ''), tens: tens + next.length - length };
}

/** Halfway goes to the even digit. */
function isNearerAbove(digits: string, length: number): boolean {
  const next = digits[length] ?? '0';
  if (next === '5' && length + 1 === digits.length) return Number(digits[length - 1]) % 2 === 1;
  return next >= '5';
}

/** As Go writes a float without saying how: fractions with an exponent where that is less than -4 or 6 or more. */
function written(digits: string, tens: number, whole: boolean): string {
  if (whole) return digits.padEnd(tens, '0');
  const power = tens - 1;
  if (power < -4 || power >= 6) {
    const [first, rest] = [digits.slice(0, 1), digits.slice(1)];
    const exponent = String(Math.abs(power)).padStart(2, '0');
    return `${first}${rest === '' ? '' : `.${rest}`}e${power < 0 ? '-' : '+'}${exponent}`;
  }
  if (tens <= 0) return `0.${'0'.repeat(-tens)}${digits}`;
  return `${digits.slice(0, tens)}.${digits.slice(tens)}`;
}

function shifted({ mantissa, exponent }: BinaryFloat, target: number): bigint {
  return mantissa << BigInt(exponent - target);
}

function bits(value: bigint): number {
  const hex = value.toString(16);
  return hex.length * 4 - Math.clz32(parseInt(hex.slice(0, 1), 16)) + 28;
}
