import type { Span } from '../span.js';
import { isDigit, isLetter, isLetterOrDigit } from './characters.js';
import { contextOf, words } from './context.js';
import { isDay } from './dates.js';
import type { Detector } from './detector.js';

/** Far enough for `born in Frankfurt am Main on 31 January 1980`. */
const REACH = { before: 40, after: 18 };
const LONGEST = 32;

const BIRTH = words(
  'birth',
  'birthdate',
  'birthday',
  'born',
  'dob',
  'bday',
  'geburtsdatum',
  'geburtstag',
  'geboren',
  'naissance',
  'nacimiento',
  'nascita',
  'nascimento',
  'geboortedatum',
  'urodzenia',
  'fodelsedatum',
);
/** A part of each of these words, in ASCII however it is spelled. */
const SIGNS = [
  'birth',
  'born',
  'dob',
  'bday',
  'geb',
  'naissance',
  'nacimiento',
  'nasci',
  'urodzenia',
  'delsedatum',
];

/** The first three letters of months in English, German, French, Spanish, Italian, Portuguese, Dutch, Polish and Swedish. */
const MONTHS: ReadonlyMap<string, number> = new Map(
  [
    'jan ene gen sty',
    'feb fev fév lut',
    'mar mär mrt maa',
    'apr avr abr kwi',
    'may mai mag maj mei',
    'jun jui giu cze',
    'jul lug lip',
    'aug aoû aou ago sie',
    'sep set wrz',
    'oct okt ott out paź paz',
    'nov lis',
    'dec dez déc dic gru',
  ].flatMap((names, index) => names.split(' ').map((name) => [name, index + 1] as const)),
);

const YEAR_FIRST = /^(\d{4})([-./ ])(\d{1,2})\2(\d{1,2})(?!\d)/;
const YEAR_LAST = /^(\d{1,2})([-./ ])(\d{1,2})\2(\d{4}|\d{2})(?!\d)/;
const COMPACT = /^(\d{4})(\d\d)(\d\d)(?!\d)/;
const CHINESE = /^(\d{4})年(\d{1,2})月(\d{1,2})日/;
const DAY_MONTH =
  /^(\d{1,2})(?:st|nd|rd|th|[.º])?[ -]?(?:de |of )?(\p{L}{3,12})\.?,?[ -](?:de )?(\d{4})(?!\d)/u;
const MONTH_DAY = /^(\p{L}{3,12})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(?!\d)/u;

/** Days after words for a birth, or in members, fields and columns that are named so. */
export const dateOfBirth: Detector = {
  name: 'date_of_birth',

  signs: SIGNS.map((word) => ({ word })),

  find(text, label) {
    const context = contextOf(text, label, BIRTH, REACH);
    const found: Span[] = [];
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      if (!isLetterOrDigit(unit) || isLetterOrDigit(text.charCodeAt(index - 1))) continue;
      if (isLetter(unit) && monthOf(text.slice(index, index + 3)) === undefined) continue;
      const length = dateLength(text.slice(index, index + LONGEST));
      if (length === 0) continue;
      if (context(index, index + length)) found.push({ start: index, end: index + length });
      index += length - 1;
    }
    return found;
  },
};

/** How much of a text, from its beginning, is a date; 0 where it begins with none. */
function dateLength(text: string): number {
  if (!isDigit(text.charCodeAt(0))) {
    const [written = '', month = '', day, year] = MONTH_DAY.exec(text) ?? [];
    return isBirthday(year, monthOf(month), day) ? written.length : 0;
  }
  const yearFirst = YEAR_FIRST.exec(text);
  if (yearFirst !== null)
    return isBirthday(yearFirst[1], yearFirst[3], yearFirst[4]) ? yearFirst[0].length : 0;
  const yearLast = YEAR_LAST.exec(text);
  if (yearLast !== null) {
    const [written, one, , other, year] = yearLast;
    return isBirthday(year, other, one) || isBirthday(year, one, other) ? written.length : 0;
  }
  const plain = COMPACT.exec(text) ?? CHINESE.exec(text);
  if (plain !== null) return isBirthday(plain[1], plain[2], plain[3]) ? plain[0].length : 0;
  const [written = '', day, month = '', year] = DAY_MONTH.exec(text) ?? [];
  return isBirthday(year, monthOf(month), day) ? written.length : 0;
}

function monthOf(name: string): number | undefined {
  return MONTHS.get(name.slice(0, 3).toLowerCase());
}

/** Whether someone alive can be born that day; a year may have two digits. */
function isBirthday(
  year: string | undefined,
  month: string | number | undefined,
  day: string | undefined,
): boolean {
  if (year === undefined || month === undefined) return false;
  if (year.length === 4 && (Number(year) < 1880 || Number(year) > 2100)) return false;
  return isDay(Number(month), Number(day), year.length === 4 ? Number(year) : undefined);
}
