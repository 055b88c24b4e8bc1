import { BuiltinError } from '../builtin.js';

const NANOSECONDS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['\u00b5s', 1_000n],
  ['\u03bcs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);
const HOURS: ReadonlyMap<string, number> = new Map([
  ['d', 24],
  ['w', 7 * 24],
  ['y', 365 * 24],
]);
const LARGEST = 2n ** 63n;

/**
 * The nanoseconds of a duration such as `-1.5h`, `2h45m` or `1w2d`; a year has 365 days.
 *
 * @throws BuiltinError where the text is no duration, or is longer than 64 bits can hold
 * Source: https://pkg.go.dev/time#ParseDuration and OPA's extension of it by `d`, `w` and `y`
 */
export function parseDuration(text: string): bigint {
  const standard = /[dwy]/.test(text) ? inHours(text) : text;
  const [, sign = '', rest = ''] = /^([-+]?)(.*)$/s.exec(standard) ?? [];
  if (rest === '0') return 0n;
  let total = 0n;
  for (const term of terms(rest, /([0-9]*)(?:\.([0-9]*))?([^.0-9]+)/y)) {
    total = bounded(total + nanosecondsOf(term));
  }
  if (sign === '-') return -total;
  if (total === LARGEST) throw invalid();
  return total;
}

/** What a pattern finds one after the other, without anything in between. */
function terms(text: string, pattern: RegExp): RegExpExecArray[] {
  const found: RegExpExecArray[] = [];
  for (let at = 0; at < text.length; at = pattern.lastIndex) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) throw invalid();
    found.push(match);
  }
  if (found.length === 0) throw invalid();
  return found;
}

/** Writes days, weeks and years as hours, through doubles as OPA does. */
function inHours(text: string): string {
  const [, sign = '', rest = ''] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  const hours = terms(rest, /([0-9.]+)(ms|us|\u00b5s|ns|[a-z])/y).map(([term, digits = '', unit = '']) => {
    const factor = HOURS.get(unit);
    if (factor === undefined) return term;
    if (!/^(?:[0-9]+\.?[0-9]*|\.[0-9]+)$/.test(digits)) throw invalid();
    return `${decimal(Number(digits) * factor)}h`;
  });
  return sign + hours.join('');
}

/** A double's digits without an exponent. */
function decimal(value: number): string {
  const text = String(value);
  if (!text.includes('e')) return text;
  if (value >= 1) throw invalid();
  const [digits = '', exponent] = text.split('e-');
  return `0.${'0'.repeat(Number(exponent) - 1)}${digits.replace('.', '')}`;
}

function nanosecondsOf([, whole = '', fraction = '', unit = '']: RegExpExecArray): bigint {
  const nanoseconds = NANOSECONDS.get(unit);
  if (nanoseconds === undefined || (whole === '' && fraction === '')) throw invalid();
  const most = LARGEST / nanoseconds;
  const digits = whole.replace(/^0+/, '');
  if (digits.length > 19 || BigInt(digits || '0') > most) throw invalid();
  const value = BigInt(digits || '0') * nanoseconds;
  return bounded(value + fractionOf(fraction, Number(nanoseconds)));
}

/** Digits that no longer fit into 63 bits are dropped, and what is left is a double: so does Go. */
function fractionOf(digits: string, unit: number): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    if (value > (LARGEST - 1n) / 10n) break;
    const next = value * 10n + BigInt(digit);
    if (next > LARGEST) break;
    value = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(value) * (unit / scale)));
}

function bounded(nanoseconds: bigint): bigint {
  if (nanoseconds > LARGEST) throw invalid();
  return nanoseconds;
}

function invalid(): BuiltinError {
  return new BuiltinError('invalid duration');
}
