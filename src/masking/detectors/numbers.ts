import type { Span } from '../span.js';
import { asciiSet, followsSingleDigit, isDigit, isLetter, isLetterOrDigit } from './characters.js';
import { type Context, contextOf, type Words } from './context.js';
import type { Detector } from './detector.js';
import { longestRow } from './rows.js';

/** Signs that people put between the parts of a number. */
const isSeparator = asciiSet(' -./_+');
/** So many of them in a row: `078 - 05 - 1120`. Where letters count too, one, so that rows of digits stay rows. */
const MAX_GAP = 3;
/** Places of a template. */
const DIGIT = 0x30;
const LETTER = 0x41;
const DOT = 0x2e;
const HYPHEN = 0x2d;
/** Longest word that may be written right before a number that begins with a digit: `SSN078051120`. */
const MAX_GLUED = 24;

/** How a number of a fixed length is written, and how it is told from others. */
export interface NumberForm {
  readonly name: string;
  /** Each a place: `0` is a digit, `A` a letter, `*` either. Longer ones first, all begin with the same kind of place. */
  readonly templates: readonly string[];
  /** Fewest digits that stand in a row in it, as the sign `digits` counts. */
  readonly digits: number;
  /** Whether the rules of the number hold: check digits, dates, ranges. Gets its letters and digits, in upper case. */
  readonly holds: (compact: string) => boolean;
  /** Words of which one stands beside it. */
  readonly words: Words;
  /** Written so, it is known without a word. Anchored on both sides; gets the number as it stands in the text. */
  readonly telling?: RegExp;
}

/** Makes a detector of numbers of one form. */
export function numberDetector(form: NumberForm): Detector {
  const gap = form.templates.some((template) => /[A*]/.test(template)) ? 1 : MAX_GAP;
  const beginsWithDigit = form.templates[0]?.startsWith('0') === true;
  const shortest = Math.min(...form.templates.map(({ length }) => length));
  return {
    name: form.name,
    signs: [{ digits: form.digits }],
    find(text, label) {
      if (text.length < shortest) return [];
      const context = contextOf(text, label, form.words);
      const found: Span[] = [];
      for (let index = 0; index < text.length; index++) {
        const unit = text.charCodeAt(index);
        if (!isDigit(unit) && (beginsWithDigit || !isLetter(unit))) continue;
        const previous = text.charCodeAt(index - 1);
        if (isDigit(previous) || (!beginsWithDigit && isLetter(previous))) continue;
        if (followsSingleDigit(text, index, isSeparator, gap)) continue;
        const end = numberEnd(text, index, form, gap, context);
        if (end === undefined) continue;
        found.push({ start: index, end });
        index = end - 1;
      }
      return found;
    },
  };
}

function numberEnd(
  text: string,
  start: number,
  form: NumberForm,
  gap: number,
  context: Context,
): number | undefined {
  for (const template of form.templates) {
    const end = templateEnd(text, start, template, gap);
    if (end === undefined || goesOn(text, end) || !begins(text, start, form.words)) continue;
    const written = text.slice(start, end);
    if (longestRow(written) < form.digits) continue;
    const compact = (end - start === template.length ? written : lettersAndDigits(written)).toUpperCase();
    if (!form.holds(compact)) continue;
    if (form.telling?.test(written) === true || context(start, end)) return end;
  }
  return undefined;
}

/** Where a number that fits a template ends, its parts separated by no more than `gap` signs, or undefined. */
export function templateEnd(text: string, start: number, template: string, gap: number): number | undefined {
  let index = start;
  for (let place = 0; place < template.length; place++) {
    let separators = 0;
    while (place > 0 && separators <= gap && isSeparator(text.charCodeAt(index))) {
      separators += 1;
      index += 1;
    }
    if (separators > gap || !fits(text.charCodeAt(index), template.charCodeAt(place))) return undefined;
    index += 1;
  }
  return index;
}

function fits(unit: number, place: number): boolean {
  if (place === DIGIT) return isDigit(unit);
  return place === LETTER ? isLetter(unit) : isLetterOrDigit(unit);
}

/** The letters and digits of a number as it was written. */
export function lettersAndDigits(written: string): string {
  return written.replace(/[^A-Za-z0-9]/g, '');
}

/** Whether a number may begin after what stands before it: no fraction, no longer number, no word of another meaning. */
function begins(text: string, start: number, words: Words): boolean {
  const previous = text.charCodeAt(start - 1);
  if (isLetter(previous)) {
    let from = start - 1;
    while (start - from < MAX_GLUED && isLetter(text.charCodeAt(from - 1))) from -= 1;
    return words.inName(text.slice(from, start));
  }
  return !(isJoint(previous) && isDigit(text.charCodeAt(start - 2)));
}

/** Whether what ends here goes on: with a letter, a digit, or a sign and one more digit. */
function goesOn(text: string, end: number): boolean {
  const next = text.charCodeAt(end);
  if (isLetterOrDigit(next)) return true;
  return (next === HYPHEN || next === DOT) && isDigit(text.charCodeAt(end + 1));
}

function isJoint(unit: number): boolean {
  return unit === DOT || unit === HYPHEN;
}
