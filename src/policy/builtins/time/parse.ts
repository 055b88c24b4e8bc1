import { BuiltinError } from '../builtin.js';
import { daysInMonth, isLeapYear } from './civil.js';
import { type Element, type LayoutPart, layoutParts, MONTHS, WEEKDAYS } from './layout.js';
import { nanosecondsOf } from './moment.js';

/** What was read so far; what no part of the layout asks for keeps its default. */
interface Reading {
  year: number;
  month: number | undefined;
  day: number | undefined;
  dayOfYear: number | undefined;
  hour: number;
  minute: number;
  second: number;
  nanosecond: number;
  half: 'am' | 'pm' | undefined;
  /** Seconds ahead of UTC. */
  offset: number;
}

/** The rest of the text that is being read. */
interface Input {
  rest: string;
}

/**
 * The nanoseconds since 1970-01-01T00:00:00Z of a time that is written as a layout, or one that has a name, says.
 *
 * @throws BuiltinError where it is not, or 64 bits can't hold it
 * Source: https://pkg.go.dev/time#Parse
 */
export function parseTime(layout: string, text: string): bigint {
  const reading = read(layout, text);
  const zone = { offsetAt: () => reading.offset, nameAt: () => '' };
  return nanosecondsOf(dateOf(reading), { ...reading, hour: hourOf(reading) }, zone);
}

/** Whether a time is written as a layout says, be it of any year. */
export function isTime(layout: string, text: string): boolean {
  try {
    dateOf(read(layout, text));
    return true;
  } catch (error) {
    if (error instanceof BuiltinError) return false;
    throw error;
  }
}

function read(layout: string, text: string): Reading {
  const input: Input = { rest: text };
  const reading: Reading = {
    ...{ year: 0, month: undefined, day: undefined, dayOfYear: undefined },
    ...{ hour: 0, minute: 0, second: 0, nanosecond: 0, half: undefined, offset: 0 },
  };
  const parts = layoutParts(layout);
  for (const [index, part] of parts.entries()) {
    if (part.kind === 'literal') skip(input, part.text);
    else if (part.kind === 'fraction') readFraction(input, reading, part);
    else {
      READERS[part.element](input, reading);
      const isSecond = part.element === '5' || part.element === '05';
      if (isSecond) readUnaskedFraction(input, reading, parts.slice(index + 1, index + 3));
    }
  }
  if (input.rest !== '') throw mismatch('the end', input);
  return reading;
}

/** A run of spaces stands for any run of spaces. */
function skip(input: Input, literal: string): void {
  const words = literal.split(/( +)/);
  for (const word of words) {
    if (word.startsWith(' ')) {
      if (input.rest !== '' && !input.rest.startsWith(' ')) throw mismatch('a space', input);
      input.rest = input.rest.replace(/^ +/, '');
    } else if (input.rest.startsWith(word)) input.rest = input.rest.slice(word.length);
    else throw mismatch(JSON.stringify(word), input);
  }
}

const READERS: Readonly<Record<Element, (input: Input, reading: Reading) => void>> = {
  January: (input, reading) => {
    reading.month = readName(input, MONTHS) + 1;
  },
  Jan: (input, reading) => {
    reading.month = readName(input, SHORT_MONTHS) + 1;
  },
  1: (input, reading) => {
    reading.month = inRange(readNumber(input, 1, 2), 1, 12);
  },
  '01': (input, reading) => {
    reading.month = inRange(readNumber(input, 2, 2), 1, 12);
  },
  Monday: (input) => {
    readName(input, WEEKDAYS);
  },
  Mon: (input) => {
    readName(input, SHORT_WEEKDAYS);
  },
  2: (input, reading) => {
    reading.day = readNumber(input, 1, 2);
  },
  _2: (input, reading) => {
    input.rest = input.rest.replace(/^ /, '');
    reading.day = readNumber(input, 1, 2);
  },
  '02': (input, reading) => {
    reading.day = readNumber(input, 2, 2);
  },
  __2: (input, reading) => {
    input.rest = input.rest.replace(/^ {1,2}/, '');
    reading.dayOfYear = readNumber(input, 1, 3);
  },
  '002': (input, reading) => {
    reading.dayOfYear = readNumber(input, 3, 3);
  },
  15: (input, reading) => {
    reading.hour = inRange(readNumber(input, 1, 2), 0, 23);
  },
  3: (input, reading) => {
    reading.hour = inRange(readNumber(input, 1, 2), 0, 12);
  },
  '03': (input, reading) => {
    reading.hour = inRange(readNumber(input, 2, 2), 0, 12);
  },
  4: (input, reading) => {
    reading.minute = inRange(readNumber(input, 1, 2), 0, 59);
  },
  '04': (input, reading) => {
    reading.minute = inRange(readNumber(input, 2, 2), 0, 59);
  },
  5: (input, reading) => {
    reading.second = inRange(readNumber(input, 1, 2), 0, 59);
  },
  '05': (input, reading) => {
    reading.second = inRange(readNumber(input, 2, 2), 0, 59);
  },
  PM: (input, reading) => {
    reading.half = take(input, /^[AP]M/, 'AM or PM') === 'AM' ? 'am' : 'pm';
  },
  pm: (input, reading) => {
    reading.half = take(input, /^[ap]m/, 'am or pm') === 'am' ? 'am' : 'pm';
  },
  2006: (input, reading) => {
    reading.year = readNumber(input, 4, 4);
  },
  // Go reads a sign here too.
  '06': (input, reading) => {
    const year = signedNumber(take(input, /^(?:[0-9]{2}|[-+][0-9])/, 'a year'));
    reading.year = year + (year >= 69 ? 1900 : 2000);
  },
  MST: readZoneName,
  '-07': (input, reading) => readOffset(input, reading, /^([-+])([0-9]{2})/),
  '-0700': (input, reading) => readOffset(input, reading, /^([-+])([0-9]{2})([0-9]{2})/),
  '-07:00': (input, reading) => readOffset(input, reading, /^([-+])([0-9]{2}):([0-9]{2})/),
  '-070000': (input, reading) => readOffset(input, reading, /^([-+])([0-9]{2})([0-9]{2})([0-9]{2})/),
  '-07:00:00': (input, reading) => readOffset(input, reading, /^([-+])([0-9]{2}):([0-9]{2}):([0-9]{2})/),
  Z07: (input, reading) => readOffset(input, reading, /^(?:Z|([-+])([0-9]{2}))/),
  Z0700: (input, reading) => readOffset(input, reading, /^(?:Z|([-+])([0-9]{2})([0-9]{2}))/),
  'Z07:00': (input, reading) => readOffset(input, reading, /^(?:Z|([-+])([0-9]{2}):([0-9]{2}))/),
  Z070000: (input, reading) => readOffset(input, reading, /^(?:Z|([-+])([0-9]{2})([0-9]{2})([0-9]{2}))/),
  'Z07:00:00': (input, reading) =>
    readOffset(input, reading, /^(?:Z|([-+])([0-9]{2}):([0-9]{2}):([0-9]{2}))/),
};

const SHORT_MONTHS = MONTHS.map((name) => name.slice(0, 3));
const SHORT_WEEKDAYS = WEEKDAYS.map((name) => name.slice(0, 3));

function take(input: Input, pattern: RegExp, expected: string): string {
  const text = pattern.exec(input.rest)?.[0];
  if (text === undefined) throw mismatch(expected, input);
  input.rest = input.rest.slice(text.length);
  return text;
}

function readNumber(input: Input, least: number, most: number): number {
  const digits = /^[0-9]*/.exec(input.rest.slice(0, most))?.[0] ?? '';
  if (digits.length < least) throw mismatch('a number', input);
  input.rest = input.rest.slice(digits.length);
  return Number(digits);
}

function inRange(number: number, least: number, most: number): number {
  if (number < least || number > most) throw new BuiltinError(`${number} is out of range`);
  return number;
}

/** @returns the index of the name; case counts for nothing */
function readName(input: Input, names: readonly string[]): number {
  const index = names.findIndex(
    (name) => input.rest.slice(0, name.length).toLowerCase() === name.toLowerCase(),
  );
  if (index < 0) throw mismatch('a name', input);
  input.rest = input.rest.slice(names[index]?.length);
  return index;
}

function readOffset(input: Input, reading: Reading, pattern: RegExp): void {
  const [text, sign, hours = '0', minutes = '0', seconds = '0'] = pattern.exec(input.rest) ?? [];
  if (text === undefined) throw mismatch('a zone offset', input);
  input.rest = input.rest.slice(text.length);
  const offset =
    inRange(Number(hours), 0, 24) * 3600 +
    inRange(Number(minutes), 0, 60) * 60 +
    inRange(Number(seconds), 0, 60);
  reading.offset = sign === '-' ? -offset : offset;
}

/** A zone's abbreviation says nothing sure of its offset, and so Go reads such a time as one of UTC, be it `GMT-3`. */
function readZoneName(input: Input): void {
  const name =
    /^(?:UTC|ChST|MeST|GMT|WITA(?![A-Z])|[A-Z]{3,4}T(?![A-Z])|[A-Z]{3}(?![A-Z]))/.exec(input.rest)?.[0] ?? '';
  const hours = name === '' || name === 'GMT' ? signedHours(input.rest.slice(name.length)) : '';
  if (name + hours === '') throw mismatch('a zone', input);
  input.rest = input.rest.slice(name.length + hours.length);
}

function signedHours(text: string): string {
  const hours = /^[-+][0-9]+/.exec(text)?.[0] ?? '';
  return Math.abs(Number(hours)) > 23 ? '' : hours;
}

function signedNumber(text: string): number {
  return Number(text.replace(/^\+/, ''));
}

function readFraction(
  input: Input,
  reading: Reading,
  part: LayoutPart & { readonly kind: 'fraction' },
): void {
  if (part.trims) {
    if (/^[.,][0-9]/.test(input.rest)) readUnaskedFraction(input, reading, []);
    return;
  }
  const text = input.rest.slice(0, part.digits + 1);
  if (text.length <= part.digits || !/^[.,][-+]?[0-9]*$/.test(text))
    throw mismatch('a fraction of a second', input);
  setFraction(reading, text);
  input.rest = input.rest.slice(text.length);
}

/** Seconds may have a fraction that the layout doesn't ask for. */
function readUnaskedFraction(input: Input, reading: Reading, next: readonly LayoutPart[]): void {
  if (next.find((part) => part.kind !== 'literal')?.kind === 'fraction') return;
  const text = /^[.,][0-9]+/.exec(input.rest)?.[0];
  if (text === undefined) return;
  setFraction(reading, text);
  input.rest = input.rest.slice(text.length);
}

/** Digits behind the ninth are dropped. */
function setFraction(reading: Reading, text: string): void {
  const digits = text.slice(1, 10);
  const nanosecond = signedNumber(digits.replace(/^[-+]$/, '0')) * 10 ** (9 - digits.length);
  reading.nanosecond = inRange(nanosecond, 0, 999_999_999);
}

function hourOf({ hour, half }: Reading): number {
  if (half === 'pm' && hour < 12) return hour + 12;
  return half === 'am' && hour === 12 ? 0 : hour;
}

function dateOf(reading: Reading): { year: number; month: number; day: number } {
  const { year, dayOfYear } = reading;
  if (dayOfYear === undefined) {
    const month = reading.month ?? 1;
    return { year, month, day: inRange(reading.day ?? 1, 1, daysInMonth(year, month)) };
  }
  let day = inRange(dayOfYear, 1, isLeapYear(year) ? 366 : 365);
  let month = 1;
  for (; day > daysInMonth(year, month); month += 1) day -= daysInMonth(year, month);
  if ((reading.month ?? month) !== month || (reading.day ?? day) !== day) {
    throw new BuiltinError('day-of-year does not match the date');
  }
  return { year, month, day };
}

function mismatch(expected: string, { rest }: Input): BuiltinError {
  return new BuiltinError(`cannot parse ${JSON.stringify(rest.slice(0, 100))} as ${expected}`);
}
