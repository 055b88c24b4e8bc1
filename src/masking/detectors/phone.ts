import {
  type CountryCode,
  getCountries,
  getCountryCallingCode,
  Metadata,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import type { Span } from '../span.js';
import { asciiSet, followsSingleDigit, isDigit, isLetterOrDigit } from './characters.js';
import { type Context, contextOf, words } from './context.js';
import type { Detector } from './detector.js';

/** E.164 allows 15 digits; fewer than 7 are a number within a company or for emergencies. */
const MAX_DIGITS = 15;
const MIN_DIGITS = 7;
/** Signs between groups: `+49 (0) 30 / 1234-567`. */
const isSeparator = asciiSet(' -./()');
const MAX_SEPARATORS = 4;
const PLUS = 0x2b;
const BRACKET = 0x28;
const ZERO = 0x30;
const DATE =
  /^(?:19|20)\d\d[-./]?(?:0\d|1[0-2])[-./]?[0-3]\d(?!\d)|^\d{1,2}([-./])\d{1,2}\1(?:19|20)\d\d(?!\d)/;
const MAX_DATE = 11;
const REACH = { before: 32, after: 12 };

const PHONE = words(
  'phone',
  'telephone',
  'tel',
  'mobile',
  'mobile number',
  'cell',
  'cell number',
  'cellphone',
  'fax',
  'whatsapp',
  'msisdn',
  'landline',
  'telefon',
  'telefonnummer',
  'handy',
  'mobil',
  'rufnummer',
  'telefono',
  'telefone',
  'telefoon',
  'celular',
  'movil',
  'portable',
  'cellulare',
  'komorka',
  '电话',
  '手机',
);

/** The lengths that numbers have in the countries of each calling code. */
const lengths = new Map<string, ReadonlySet<number>>();
for (const country of getCountries()) {
  const code = String(getCountryCallingCode(country));
  lengths.set(code, new Set([...(lengths.get(code) ?? []), ...lengthsIn(country)]));
}

/** A place at which a number may end, and how many digits it has until there. */
interface Stop {
  readonly end: number;
  readonly digits: number;
}

/**
 * Telephone numbers. International ones, after `+` or `00`, are held to the numbering plan of their country; national ones
 * are known only beside a word for a telephone, by having 7 to 15 digits and none of the forms of a date.
 */
export const phone: Detector = {
  name: 'phone',

  signs: [{ digits: MIN_DIGITS }],

  find(text, label) {
    const found: Span[] = [];
    if (text.length < MIN_DIGITS) return found;
    const context = contextOf(text, label, PHONE, REACH);
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      if (unit !== PLUS && unit !== BRACKET && !isDigit(unit)) continue;
      if (isDigit(unit) && isDigit(text.charCodeAt(index - 1))) continue;
      if (isDigit(unit) && followsSingleDigit(text, index, isSeparator, MAX_SEPARATORS)) continue;
      const { isPhone, end } = lookAt(text, index, context);
      if (isPhone) found.push({ start: index, end });
      index = Math.max(index, end - 1);
    }
    return found;
  },
};

/** Whether a number begins at an offset, and how far was looked: behind that, nothing nearer to a word begins. */
function lookAt(text: string, start: number, context: Context): { isPhone: boolean; end: number } {
  if (isPartOfOther(text, start)) return { isPhone: false, end: start };
  const isPlus = text.charCodeAt(start) === PLUS;
  const stops = stopsFrom(text, isPlus ? start + 1 : start).filter(({ digits }) => digits >= MIN_DIGITS);
  const [first] = stops;
  if (first === undefined) return { isPhone: false, end: start };
  const valid = isPlus || text.startsWith('00', start) ? internationalEnd(text, start, stops) : undefined;
  if (valid !== undefined) return { isPhone: true, end: valid };
  const isNational = isPlus || !DATE.test(text.slice(start, start + MAX_DATE));
  return { isPhone: isNational && context(start, first.end), end: stops.at(-1)?.end ?? first.end };
}

function isPartOfOther(text: string, start: number): boolean {
  const previous = text.charAt(start - 1);
  return /[\p{L}\p{N}_+]/u.test(previous) || (/[-.:]/.test(previous) && isDigit(text.charCodeAt(start - 2)));
}

/** The ends of the groups of digits from an offset on, as far as one number can go. */
function stopsFrom(text: string, start: number): Stop[] {
  const stops: Stop[] = [];
  let digits = 0;
  let separators = 0;
  for (let index = start; ; index++) {
    if (isDigit(text.charCodeAt(index))) {
      digits += 1;
      separators = 0;
      // A national prefix, or `00`, may come on top.
      if (digits > MAX_DIGITS + 2) return stops;
      if (isDigit(text.charCodeAt(index + 1))) continue;
      if (isLetterOrDigit(text.charCodeAt(index + 1))) return stops;
      stops.push({ end: index + 1, digits });
      continue;
    }
    separators += 1;
    if (separators > MAX_SEPARATORS || !isSeparator(text.charCodeAt(index))) return stops;
  }
}

/** Where the longest number with a country's calling code ends that is valid there, or undefined. */
function internationalEnd(text: string, start: number, stops: readonly Stop[]): number | undefined {
  for (const { end } of stops.toReversed()) {
    const digits = text
      .slice(start, end)
      .replace('(0)', '')
      .replace(/[^0-9]/g, '');
    const number = text.charCodeAt(start) === PLUS ? digits : digits.slice(2);
    if (number.charCodeAt(0) === ZERO || !hasPossibleLength(number)) continue;
    if (parsePhoneNumberFromString(`+${number}`)?.isValid() === true) return end;
  }
  return undefined;
}

/** Asked first: it is far cheaper than the numbering plan. */
function hasPossibleLength(number: string): boolean {
  for (let digits = 1; digits <= 3; digits++) {
    const known = lengths.get(number.slice(0, digits));
    if (known !== undefined) return known.has(number.length - digits);
  }
  return number.length <= MAX_DIGITS;
}

function lengthsIn(country: CountryCode): readonly number[] {
  const metadata = new Metadata();
  metadata.selectNumberingPlan(country);
  return metadata.numberingPlan?.possibleLengths() ?? [];
}
