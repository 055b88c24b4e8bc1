import { BuiltinError } from '../builtin.js';
import { daysOf, SECONDS_PER_DAY } from './civil.js';
import { ZONE_NAMES } from './zone-names.js';

/** A time zone; seconds are those since 1970-01-01T00:00:00Z. */
export interface Zone {
  /** How many seconds its clocks are ahead of UTC. */
  offsetAt(seconds: number): number;
  /** What its clocks are called, such as `CEST`. */
  nameAt(seconds: number): string;
}

interface ClockName {
  readonly name: string;
  readonly offset: number;
  readonly since: number;
}

export const UTC: Zone = { offsetAt: () => 0, nameAt: () => 'UTC' };

const zones = new Map<string, Zone>();

/**
 * The zone that IANA calls so. `Local` is UTC: where the gateway runs is no business of a policy.
 *
 * Offsets are those of the JavaScript engine, which are IANA's; for a few zones it knows less of the time before 1970.
 *
 * @throws BuiltinError where there is no such zone
 */
export function zoneOf(name: string): Zone {
  if (name === '' || name === 'UTC' || name === 'Local') return UTC;
  const known = zones.get(name);
  if (known !== undefined) return known;
  const names = clockNames().get(name);
  if (names === undefined) throw new BuiltinError(`unknown time zone ${name}`);
  const zone = makeZone(name, names);
  zones.set(name, zone);
  return zone;
}

function makeZone(timeZone: string, names: readonly ClockName[]): Zone {
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const offsetAt = (seconds: number): number => {
    const shown = clock.format(seconds * 1000).match(/\d+/g) ?? [];
    const [month = 1, day = 1, year = 1970, hour = 0, minute = 0, second = 0] = shown.map(Number);
    return daysOf({ year, month, day }) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second - seconds;
  };
  const nameAt = (seconds: number): string => {
    const offset = offsetAt(seconds);
    const sameOffset = names.filter((name) => name.offset === offset);
    const current = sameOffset.findLast((name) => name.since <= seconds) ?? sameOffset[0];
    return current?.name ?? (seconds < 0 && offset % 60 !== 0 ? 'LMT' : offsetName(offset));
  };
  return { offsetAt, nameAt };
}

function offsetName(offset: number): string {
  const minutes = Math.abs(Math.trunc(offset / 60));
  const digits = (number: number): string => String(number).padStart(2, '0');
  const hour = (offset < 0 ? '-' : '+') + digits(Math.trunc(minutes / 60));
  return minutes % 60 === 0 ? hour : hour + digits(minutes % 60);
}

let namesByZone: ReadonlyMap<string, readonly ClockName[]> | undefined;

function clockNames(): ReadonlyMap<string, readonly ClockName[]> {
  namesByZone ??= new Map(
    ZONE_NAMES.trim()
      .split(/\n(?! )/)
      .flatMap((paragraph) => {
        const [names = '', zoneList = ''] = paragraph.split(/\s=\s+/);
        const clocks = names === '-' ? [] : names.split(/\s+/).map(clockName);
        return zoneList.split(/\s+/).map((zone) => [zone, clocks] as const);
      }),
  );
  return namesByZone;
}

function clockName(text: string): ClockName {
  const [name = '', minutes, since] = text.split(/[:@]/);
  return { name, offset: Number(minutes) * 60, since: since === undefined ? -Infinity : Number(since) };
}
