import { isDigit, isLetter } from './characters.js';
import { type Table, tableOf } from './table.js';

/** How far from a number a word still speaks of it, in UTF-16 units. */
export interface Reach {
  readonly before: number;
  readonly after: number;
}

const REACH: Reach = { before: 48, after: 36 };
/** Between a number of so many digits and the next one, a word of so many letters begins to speak of that one. */
const OTHER_DIGITS = 6;
const OTHER_WORD = 4;
/** A phrase of at least so many letters is also known when its words are written as one. */
const LONG = 8;
/** Members' names recur: of so many it is kept what they tell. Of longer ones, the rest tells nothing. */
const MOST_KNOWN = 1_000;
const MAX_NAME = 100;
const ASCII_ONLY = /^[ -~\s]*$/;
const LETTER = /\p{L}/u;

/** Words that stand beside what is looked for, ready to be looked for. */
export interface Words {
  /** Whether one of them is among those of a text. */
  in(text: string): boolean;
  /** Whether one of them is among those of a member's name, whatever its case. */
  inName(name: string): boolean;
}

/**
 * Prepares words and phrases. Case and accents do not count, `socialSecurityNumber` and `social_security_number` are three
 * words, and a plural in `s` is the word too. One in capitals, which in small letters means something else in some language
 * (`SIN`), has to stand in capitals in a text, or before `:` or `=`, and in any case in a member's name.
 */
export function words(...phrases: readonly string[]): Words {
  const anyCase = phrases.filter((phrase) => !isCapital(phrase)).map((phrase) => plain(phrase).toLowerCase());
  const capital = phrases.filter(isCapital).map(plain);
  const all = [...anyCase, ...capital.map((phrase) => phrase.toLowerCase())];
  const field = new RegExp(
    `(?<![a-z])(?:${capital.map((phrase) => phrase.trim()).join('|')})["'\\\\\\s]*[:=]`,
    'i',
  );
  const known = new Map<string, boolean>();
  return {
    in: (text) => {
      const spoken = plain(text);
      if (holds(spoken.toLowerCase(), anyCase)) return true;
      return capital.length > 0 && (holds(spoken, capital) || field.test(text));
    },
    inName: (name) => {
      const before = known.get(name);
      if (before !== undefined) return before;
      const is = holds(plain(name.slice(0, MAX_NAME)).toLowerCase(), all);
      if (known.size < MOST_KNOWN && name.length <= MAX_NAME) known.set(name, is);
      return is;
    },
  };
}

/** Whether words stand beside parts of one text. Parts must be asked about from the left to the right. */
export type Context = (start: number, end: number) => boolean;

/**
 * What speaks of a part of a text: words that stand near, the name of the member whose value the text is, or the head of its
 * column, where the text is a table of separated values.
 */
export function contextOf(
  text: string,
  label: string | undefined,
  telling: Words,
  reach: Reach = REACH,
): Context {
  let table: Table | undefined | 'unread' = 'unread';
  return (start, end) => {
    if (label !== undefined && telling.inName(label)) return true;
    if (table === 'unread') table = tableOf(text, telling.inName);
    const body = table !== undefined && start >= table.body ? table.body : 0;
    if (body > 0 && table?.isInColumn(start) === true) return true;
    return (
      // The names of all columns stand before the first row: there they tell nothing.
      telling.in(sinceOther(before(text, start, Math.min(reach.before, start - body)))) ||
      (reach.after > 0 && telling.in(untilOther(after(text, end, reach.after))))
    );
  };
}

/** The whole words in the units before an offset. */
function before(text: string, offset: number, units: number): string {
  let from = Math.max(0, offset - units);
  if (from > 0 && LETTER.test(text.charAt(from - 1))) {
    while (from < offset && LETTER.test(text.charAt(from))) from += 1;
  }
  return text.slice(from, offset);
}

/** The whole words in the units after an offset. */
function after(text: string, offset: number, units: number): string {
  let to = Math.min(text.length, offset + units);
  if (to < text.length && LETTER.test(text.charAt(to))) {
    while (to > offset && LETTER.test(text.charAt(to - 1))) to -= 1;
  }
  return text.slice(offset, to);
}

/** What stands before a number without what belongs to the number before that. */
function sinceOther(text: string): string {
  let letters = 0;
  let digits = 0;
  let isOtherWord = false;
  for (let index = text.length - 1; index >= 0; index--) {
    const unit = text.charCodeAt(index);
    letters = isLetter(unit) || unit > 0x7f ? letters + 1 : 0;
    if (letters >= OTHER_WORD) isOtherWord = true;
    if (letters > 0) digits = 0;
    else if (isDigit(unit)) digits += 1;
    if (isOtherWord && digits >= OTHER_DIGITS) return text.slice(index + digits);
  }
  return text;
}

/** What stands after a number, if no other number comes: of that one the words speak too. */
function untilOther(text: string): string {
  let digits = 0;
  for (let index = 0; index < text.length; index++) {
    if (isDigit(text.charCodeAt(index))) digits += 1;
    if (digits >= OTHER_DIGITS) return '';
  }
  return text;
}

function isCapital(phrase: string): boolean {
  return phrase !== phrase.toLowerCase();
}

/** A text's words with one space around each, without accents. */
function plain(text: string): string {
  const letters = ASCII_ONLY.test(text) ? text : text.normalize('NFD').replace(/\p{M}/gu, '');
  const parted = letters.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/([A-Z])([A-Z][a-z]{2})/g, '$1 $2');
  return ` ${parted.replace(/[^\p{L}]+/gu, ' ').trim()} `;
}

function holds(spoken: string, phrases: readonly string[]): boolean {
  let joined: string | undefined;
  return phrases.some((phrase) => {
    if (spoken.includes(phrase) || spoken.includes(`${phrase.slice(0, -1)}s `)) return true;
    if (phrase.length < LONG + 2 && ASCII_ONLY.test(phrase)) return false;
    joined ??= spoken.replaceAll(' ', '');
    return joined.includes(phrase.replaceAll(' ', ''));
  });
}
