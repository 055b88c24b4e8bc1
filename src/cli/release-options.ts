import { InvalidArgumentError } from 'commander';

/** A bundle's serial. @throws InvalidArgumentError */
export function serial(text: string): number {
  const value = Number(text);
  if (/^\d{1,16}$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('It is no whole number from 0 to 9007199254740991.');
}

/** When a bundle expires. @throws InvalidArgumentError */
export function time(text: string): Date {
  const value = new Date(text);
  const written = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) && !Number.isNaN(value.getTime());
  // `Date` takes the 30th of February for the 2nd of March.
  if (written && value.toISOString().startsWith(text.slice(0, -1))) return value;
  throw new InvalidArgumentError('It is no time in UTC such as 2027-01-31T00:00:00Z.');
}

const UNIT_SECONDS = new Map([
  ['m', 60],
  ['h', 3_600],
  ['d', 86_400],
]);

/** After how long a bundle expires. @throws InvalidArgumentError */
export function duration(text: string): { afterSeconds: number } {
  const [, amount, unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  const afterSeconds = Number(amount) * (UNIT_SECONDS.get(unit) ?? 0);
  if (afterSeconds > 0) return { afterSeconds };
  throw new InvalidArgumentError('It is no duration such as 90d, 12h or 30m.');
}
