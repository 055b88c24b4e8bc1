/** A number as 0.digits × 10^point, without zeros at the end. */
interface Decimal {
  readonly digits: string;
  readonly point: number;
}

/**
 * A double as Go's strconv.FormatFloat writes it.
 *
 * @param precision digits behind the point (of `g` all digits); -1 for as few as tell the number from all others
 */
export function formatFloat(value: number, verb: 'b' | 'e' | 'f' | 'g' | 'x', precision: number): string {
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const magnitude = Math.abs(value);
  switch (verb) {
    case 'b':
      return sign + binary(magnitude);
    case 'x':
      return sign + hexadecimal(magnitude, precision);
    case 'e':
      return sign + scientific(magnitude, precision);
    case 'f':
      return sign + fixed(magnitude, precision);
    case 'g':
      return sign + general(magnitude, precision);
  }
}

function scientific(value: number, precision: number): string {
  const decimal = precision < 0 ? shortest(value) : rounded(exact(value), precision + 1);
  return writeScientific(decimal, precision < 0 ? Math.max(decimal.digits.length - 1, 0) : precision);
}

function fixed(value: number, precision: number): string {
  if (precision < 0) {
    const decimal = shortest(value);
    return writeFixed(decimal, Math.max(decimal.digits.length - decimal.point, 0));
  }
  const all = exact(value);
  return writeFixed(rounded(all, all.point + precision), precision);
}

function general(value: number, precision: number): string {
  const decimal = precision < 0 ? shortest(value) : rounded(exact(value), Math.max(precision, 1));
  const length = decimal.digits.length;
  const most = precision < 0 ? length : Math.max(precision, 1);
  let threshold = precision < 0 ? 6 : most;
  if (precision >= 0 && most > length && length >= decimal.point) threshold = length;
  const exponent = decimal.point - 1;
  if (exponent < -4 || exponent >= threshold) return writeScientific(decimal, Math.min(most, length) - 1);
  return writeFixed(decimal, Math.max(length - decimal.point, 0));
}

function writeScientific({ digits, point }: Decimal, precision: number): string {
  const fraction = precision > 0 ? `.${digits.slice(1, precision + 1).padEnd(precision, '0')}` : '';
  const exponent = digits === '' ? 0 : point - 1;
  const power = String(Math.abs(exponent)).padStart(2, '0');
  return `${digits.slice(0, 1) || '0'}${fraction}e${exponent < 0 ? '-' : '+'}${power}`;
}

function writeFixed({ digits, point }: Decimal, precision: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  if (precision <= 0) return whole;
  const leading = '0'.repeat(Math.min(Math.max(-point, 0), precision));
  const fraction = (leading + digits.slice(Math.max(point, 0))).slice(0, precision).padEnd(precision, '0');
  return `${whole}.${fraction}`;
}

function shortest(value: number): Decimal {
  if (value === 0) return { digits: '', point: 0 };
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e');
  return { digits: mantissa.replace('.', ''), point: Number(exponent) + 1 };
}

function exact(value: number): Decimal {
  const { mantissa, exponent } = bitsOf(value);
  if (mantissa === 0n) return { digits: '', point: 0 };
  const digits = String(exponent < 0 ? mantissa * 5n ** BigInt(-exponent) : mantissa << BigInt(exponent));
  return { digits: digits.replace(/0+$/, ''), point: digits.length + Math.min(exponent, 0) };
}

/** To so many digits, the nearest and of two the even one. */
function rounded({ digits, point }: Decimal, length: number): Decimal {
  if (length < 0) return { digits: '', point: 0 };
  if (digits.length <= length) return { digits, point };
  const kept = digits.slice(0, length);
  const rest = digits.slice(length);
  const isOdd = length > 0 && Number(kept.at(-1)) % 2 === 1;
  const isUp = rest > '5' || (rest === '5' && isOdd);
  if (!isUp) return trimmed(kept, point);
  const raised = String(BigInt(kept === '' ? '0' : kept) + 1n).padStart(length, '0');
  return trimmed(raised, point + raised.length - length);
}

function trimmed(digits: string, point: number): Decimal {
  const without = digits.replace(/0+$/, '');
  return without === '' ? { digits: '', point: 0 } : { digits: without, point };
}

/** A double as mantissa × 2^exponent. */
function bitsOf(value: number): { mantissa: bigint; exponent: number } {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const all = bits.getBigUint64(0);
  const exponent = Number((all >> 52n) & 0x7ffn);
  const fraction = all & (2n ** 52n - 1n);
  if (exponent === 0) return { mantissa: fraction, exponent: -1074 };
  return { mantissa: fraction + 2n ** 52n, exponent: exponent - 1075 };
}

function binary(value: number): string {
  const { mantissa, exponent } = bitsOf(value);
  return `${mantissa}p${exponent < 0 ? '' : '+'}${exponent}`;
}

function hexadecimal(value: number, precision: number): string {
  let { mantissa, exponent } = bitsOf(value);
  exponent = mantissa === 0n ? 0 : exponent + 52;
  // The leading bit stands at 60, so that 15 digits follow it.
  mantissa <<= 8n;
  while (mantissa !== 0n && mantissa < 2n ** 60n) {
    mantissa <<= 1n;
    exponent -= 1;
  }
  if (precision >= 0 && precision < 15) {
    const dropped = 2n ** BigInt(60 - precision * 4);
    const rest = mantissa % dropped;
    mantissa -= rest;
    const isOdd = (mantissa / dropped) % 2n === 1n;
    if (rest * 2n > dropped || (rest * 2n === dropped && isOdd)) mantissa += dropped;
    if (mantissa >= 2n ** 61n) {
      mantissa >>= 1n;
      exponent += 1;
    }
  }
  const digits = (mantissa % 2n ** 60n).toString(16).padStart(15, '0');
  const fraction =
    precision < 0 ? digits.replace(/0+$/, '') : digits.padEnd(precision, '0').slice(0, precision);
  const power = String(Math.abs(exponent)).padStart(2, '0');
  const point = fraction === '' ? '' : '.';
  return `0x${mantissa >> 60n}${point}${fraction}p${exponent < 0 ? '-' : '+'}${power}`;
}
