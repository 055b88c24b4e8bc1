/** What a layout can ask for, by how it is written: the moment `Mon Jan 2 15:04:05 2006 MST`, or a part of it. */
export type Element =
  | ('January' | 'Jan' | '1' | '01')
  | ('Monday' | 'Mon')
  | ('2' | '_2' | '02' | '__2' | '002')
  | ('15' | '3' | '03' | '4' | '04' | '5' | '05' | 'PM' | 'pm')
  | ('2006' | '06')
  | ('MST' | `${'Z' | '-'}${'07' | '0700' | '07:00' | '070000' | '07:00:00'}`);

/** Part of a layout; a fraction of a second has `digits` digits, trailing zeros or not, behind a point or comma. */
export type LayoutPart =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'element'; readonly element: Element }
  | {
      readonly kind: 'fraction';
      readonly separator: string;
      readonly digits: number;
      readonly trims: boolean;
    };

/** The layouts that have a name. */
const NAMED: ReadonlyMap<string, string> = new Map([
  ['ANSIC', 'Mon Jan _2 15:04:05 2006'],
  ['UnixDate', 'Mon Jan _2 15:04:05 MST 2006'],
  ['RubyDate', 'Mon Jan 02 15:04:05 -0700 2006'],
  ['RFC822', '02 Jan 06 15:04 MST'],
  ['RFC822Z', '02 Jan 06 15:04 -0700'],
  ['RFC850', 'Monday, 02-Jan-06 15:04:05 MST'],
  ['RFC1123', 'Mon, 02 Jan 2006 15:04:05 MST'],
  ['RFC1123Z', 'Mon, 02 Jan 2006 15:04:05 -0700'],
  ['RFC3339', '2006-01-02T15:04:05Z07:00'],
  ['RFC3339Nano', '2006-01-02T15:04:05.999999999Z07:00'],
]);

export const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
];
export const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** The first alternative that fits counts. `_2006` is a year behind an underscore. */
const PARTS = new RegExp(
  [
    'January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|0[1-6]|002|15|1|2006|2|_2(?!006)|__2|3|4|5|PM|pm',
    '[-Z](?:070000|07:00:00|0700|07:00|07)',
    '[.,](?:0+|9+)(?![0-9])',
  ].join('|'),
  'g',
);

/**
 * Takes a layout apart, be it one or the name of one.
 *
 * Source: https://pkg.go.dev/time#pkg-constants
 */
export function layoutParts(layoutOrName: string): LayoutPart[] {
  const layout = NAMED.get(layoutOrName) ?? layoutOrName;
  const parts: LayoutPart[] = [];
  let end = 0;
  for (const match of layout.matchAll(PARTS)) {
    if (match.index > end) parts.push({ kind: 'literal', text: layout.slice(end, match.index) });
    parts.push(partOf(match[0]));
    end = match.index + match[0].length;
  }
  if (end < layout.length) parts.push({ kind: 'literal', text: layout.slice(end) });
  return parts;
}

function partOf(text: string): LayoutPart {
  const separator = text[0] ?? '';
  if (separator !== '.' && separator !== ',') return { kind: 'element', element: text as Element };
  return { kind: 'fraction', separator, digits: text.length - 1, trims: text[1] === '9' };
}
