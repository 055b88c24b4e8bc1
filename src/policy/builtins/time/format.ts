import { daysOf } from './civil.js';
import { type Element, type LayoutPart, layoutParts, MONTHS, WEEKDAYS } from './layout.js';
import type { Moment } from './moment.js';

/**
 * A moment as a layout, or one that has a name, asks for.
 *
 * Source: https://pkg.go.dev/time#Time.Format
 */
export function formatTime(moment: Moment, layout: string): string {
  return layoutParts(layout)
    .map((part) => formatPart(moment, part))
    .join('');
}

function formatPart(moment: Moment, part: LayoutPart): string {
  switch (part.kind) {
    case 'literal':
      return part.text;
    case 'element':
      return FORMATS[part.element](moment);
    case 'fraction': {
      const digits = padded(moment.nanosecond, 9).slice(0, part.digits);
      const shown = part.trims ? digits.replace(/0+$/, '') : digits;
      return shown === '' ? '' : part.separator + shown;
    }
  }
}

const FORMATS: Readonly<Record<Element, (moment: Moment) => string>> = {
  January: ({ month }) => MONTHS[month - 1] ?? '',
  Jan: ({ month }) => (MONTHS[month - 1] ?? '').slice(0, 3),
  1: ({ month }) => String(month),
  '01': ({ month }) => padded(month, 2),
  Monday: ({ weekday }) => WEEKDAYS[weekday] ?? '',
  Mon: ({ weekday }) => (WEEKDAYS[weekday] ?? '').slice(0, 3),
  2: ({ day }) => String(day),
  _2: ({ day }) => String(day).padStart(2),
  '02': ({ day }) => padded(day, 2),
  __2: (moment) => String(dayOfYear(moment)).padStart(3),
  '002': (moment) => padded(dayOfYear(moment), 3),
  15: ({ hour }) => padded(hour, 2),
  3: ({ hour }) => String(hour % 12 || 12),
  '03': ({ hour }) => padded(hour % 12 || 12, 2),
  4: ({ minute }) => String(minute),
  '04': ({ minute }) => padded(minute, 2),
  5: ({ second }) => String(second),
  '05': ({ second }) => padded(second, 2),
  PM: ({ hour }) => (hour >= 12 ? 'PM' : 'AM'),
  pm: ({ hour }) => (hour >= 12 ? 'pm' : 'am'),
  2006: ({ year }) => padded(year, 4),
  '06': ({ year }) => padded(year % 100, 2),
  MST: ({ zoneName }) => zoneName,
  '-07': ({ offset }) => offsetText(offset, 1, ''),
  '-0700': ({ offset }) => offsetText(offset, 2, ''),
  '-07:00': ({ offset }) => offsetText(offset, 2, ':'),
  '-070000': ({ offset }) => offsetText(offset, 3, ''),
  '-07:00:00': ({ offset }) => offsetText(offset, 3, ':'),
  Z07: ({ offset }) => (offset === 0 ? 'Z' : offsetText(offset, 1, '')),
  Z0700: ({ offset }) => (offset === 0 ? 'Z' : offsetText(offset, 2, '')),
  'Z07:00': ({ offset }) => (offset === 0 ? 'Z' : offsetText(offset, 2, ':')),
  Z070000: ({ offset }) => (offset === 0 ? 'Z' : offsetText(offset, 3, '')),
  'Z07:00:00': ({ offset }) => (offset === 0 ? 'Z' : offsetText(offset, 3, ':')),
};

function padded(number: number, width: number): string {
  return String(number).padStart(width, '0');
}

function dayOfYear({ year, month, day }: Moment): number {
  return daysOf({ year, month, day }) - daysOf({ year, month: 1, day: 1 }) + 1;
}

/** @param units how many of hours, minutes and seconds */
function offsetText(offset: number, units: number, separator: string): string {
  const seconds = Math.abs(offset);
  const parts = [Math.trunc(seconds / 3600), Math.trunc(seconds / 60) % 60, seconds % 60];
  const shown = parts.slice(0, units).map((part) => padded(part, 2));
  return (offset <= -60 ? '-' : '+') + shown.join(separator);
}
