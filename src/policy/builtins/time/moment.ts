import { BuiltinError } from '../builtin.js';
import { type CivilDate, dateOf, daysOf, SECONDS_PER_DAY } from './civil.js';
import type { Zone } from './zones.js';

/** A point in time as the clocks of a zone show it; weekdays count from 0, Sunday. */
export interface Moment extends CivilDate {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  readonly weekday: number;
  /** Seconds ahead of UTC. */
  readonly offset: number;
  readonly zoneName: string;
}

const NANOSECONDS = 1_000_000_000n;

/** @param nanoseconds since 1970-01-01T00:00:00Z */
export function momentOf(nanoseconds: bigint, zone: Zone): Moment {
  const nanosecond = ((nanoseconds % NANOSECONDS) + NANOSECONDS) % NANOSECONDS;
  const seconds = Number((nanoseconds - nanosecond) / NANOSECONDS);
  const offset = zone.offsetAt(seconds);
  const days = Math.floor((seconds + offset) / SECONDS_PER_DAY);
  const clock = seconds + offset - days * SECONDS_PER_DAY;
  return {
    ...dateOf(days),
    hour: Math.trunc(clock / 3600),
    minute: Math.trunc(clock / 60) % 60,
    second: clock % 60,
    nanosecond: Number(nanosecond),
    weekday: (((days + 4) % 7) + 7) % 7,
    offset,
    get zoneName() {
      return zone.nameAt(seconds);
    },
  };
}

export type TimeOfDay = Pick<Moment, 'hour' | 'minute' | 'second' | 'nanosecond'>;

/**
 * The nanoseconds of when clocks of a zone show a time; of a time that they skip or show twice, the one that Go takes.
 *
 * @throws BuiltinError where 64 bits can't hold them, which is so before 1677-09-21 and after 2262-04-11
 * Source: https://pkg.go.dev/time#Date
 */
export function nanosecondsOf(date: CivilDate, time: TimeOfDay, zone: Zone): bigint {
  const shown = daysOf(date) * SECONDS_PER_DAY + time.hour * 3600 + time.minute * 60 + time.second;
  if (!(Math.abs(shown) < 1e10)) throw outOfRange();
  const guess = zone.offsetAt(shown);
  const offset = guess === 0 ? 0 : zone.offsetAt(shown - guess);
  const nanoseconds = BigInt(shown - offset) * NANOSECONDS + BigInt(time.nanosecond);
  if (BigInt.asIntN(64, nanoseconds) !== nanoseconds) throw outOfRange();
  return nanoseconds;
}

function outOfRange(): BuiltinError {
  return new BuiltinError('time outside of valid range');
}
