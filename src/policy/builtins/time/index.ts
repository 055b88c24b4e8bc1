import { isArray, isNumber, type RegoValue } from '../../rego/value.js';
import { BuiltinError, type BuiltinTable, integerOperand, stringOperand, typeName } from '../builtin.js';
import { int64Operand, smallest } from '../numbers.js';
import { daysInMonth } from './civil.js';
import { parseDuration } from './duration.js';
import { formatTime } from './format.js';
import { WEEKDAYS } from './layout.js';
import { type Moment, momentOf, nanosecondsOf } from './moment.js';
import { parseTime } from './parse.js';
import { UTC, type Zone, zoneOf } from './zones.js';

/** Source: https://www.openpolicyagent.org/docs/policy-reference/builtins/time */
export const TIME = {
  'time.now_ns': ({ nowNanoseconds }) => smallest(nowNanoseconds),
  'time.parse_ns': (_evaluation, layout, text) =>
    smallest(parseTime(stringOperand(layout, 1), stringOperand(text, 2))),
  'time.parse_rfc3339_ns': (_evaluation, text) => smallest(parseTime('RFC3339', stringOperand(text, 1))),
  'time.parse_duration_ns': (_evaluation, text) => smallest(parseDuration(stringOperand(text, 1))),
  'time.format': (_evaluation, operand) => {
    const { nanoseconds, zone, layout } = timeOperand(operand);
    return formatTime(momentOf(nanoseconds, zone), layout || 'RFC3339Nano');
  },
  'time.date': (_evaluation, operand) => {
    const { year, month, day } = momentOperand(operand);
    return [year, month, day];
  },
  'time.clock': (_evaluation, operand) => {
    const { hour, minute, second } = momentOperand(operand);
    return [hour, minute, second];
  },
  'time.weekday': (_evaluation, operand) => WEEKDAYS[momentOperand(operand).weekday],
  'time.add_date': (_evaluation, operand, years, months, days) =>
    addDate(timeOperand(operand), int64Operand(years, 2), int64Operand(months, 3), int64Operand(days, 4)),
  'time.diff': (_evaluation, left, right) => difference(timeOperand(left), timeOperand(right)),
} satisfies BuiltinTable;

/** Nanoseconds, or an array of them, a zone and a layout, of which each may be left out from the end. */
interface TimeOperand {
  readonly nanoseconds: bigint;
  readonly zone: Zone;
  readonly layout: string;
}

function timeOperand(value: RegoValue | undefined): TimeOperand {
  if (value === undefined || value === null || (!isNumber(value) && !isArray(value))) {
    throw new BuiltinError(
      `operand 1 must be either number (ns) or [number (ns), string (tz)] but got ${typeName(value)}`,
    );
  }
  const [time, zone, layout] = isNumber(value) ? [value] : value;
  const nanoseconds = integerOperand(time, 1);
  if (BigInt.asIntN(64, nanoseconds) !== nanoseconds) throw new BuiltinError('timestamp too big');
  return {
    nanoseconds,
    zone: zone === undefined ? UTC : zoneOf(stringOperand(zone, 1)),
    layout: layout === undefined ? '' : stringOperand(layout, 1),
  };
}

function momentOperand(value: RegoValue | undefined): Moment {
  const { nanoseconds, zone } = timeOperand(value);
  return momentOf(nanoseconds, zone);
}

function addDate({ nanoseconds, zone }: TimeOperand, years: bigint, months: bigint, days: bigint): RegoValue {
  const moment = momentOf(nanoseconds, zone);
  const date = {
    year: moment.year + Number(years),
    month: moment.month + Number(months),
    day: moment.day + Number(days),
  };
  return smallest(nanosecondsOf(date, moment, zone));
}

/** Years, months, days, hours, minutes and seconds between two times, as the clocks of the first one's zone show them. */
function difference(one: TimeOperand, other: TimeOperand): RegoValue[] {
  const [from, to] = [one.nanoseconds, other.nanoseconds]
    .sort((left, right) => (left < right ? -1 : left > right ? 1 : 0))
    .map((nanoseconds) => momentOf(nanoseconds, one.zone));
  if (from === undefined || to === undefined) return [];
  // What is negative borrows from the unit before it.
  const second = to.second - from.second;
  const minute = to.minute - from.minute - Number(second < 0);
  const hour = to.hour - from.hour - Number(minute < 0);
  const day = to.day - from.day - Number(hour < 0);
  const month = to.month - from.month - Number(day < 0);
  const year = to.year - from.year - Number(month < 0);
  const wrap = (value: number, size: number): number => (value < 0 ? value + size : value);
  return [
    year,
    wrap(month, 12),
    wrap(day, daysInMonth(from.year, from.month)),
    wrap(hour, 24),
    wrap(minute, 60),
    wrap(second, 60),
  ];
}
