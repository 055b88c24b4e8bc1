import type { Span } from '../span.js';
import { asciiSet, followsSingleDigit, isDigit } from './characters.js';
import { hasLuhnDigit } from './check-digits.js';
import { type Context, contextOf, words } from './context.js';
import type { Detector } from './detector.js';
import { isIssued, MAX_CARD_DIGITS, MIN_CARD_DIGITS } from './issuers.js';

/** Signs between two groups: `4111-1111`, `4111 - 1111`, `4111.1111`. */
const isSeparator = asciiSet(' -./_');
const MAX_SEPARATORS = 3;
const DOT = 0x2e;
const ZERO = 0x30;

const CARD = words(
  'card',
  'credit card',
  'cardnumber',
  'cc number',
  'ccn',
  'PAN',
  'visa',
  'mastercard',
  'amex',
  'american express',
  'kreditkarte',
  'kartennummer',
  'carte bancaire',
  'tarjeta',
  'carta di credito',
  'cartao',
);

/** Digits that stand together, and what stands between them and those before. */
interface Group {
  readonly gap: string;
  readonly end: number;
  readonly size: number;
}

/**
 * Payment card numbers: 13 to 19 digits of a known issuer with a right check digit (ISO/IEC 7812-1, Luhn). In one piece, or
 * in groups as `isWrittenAsCard` knows them, or in any groups where a word says that it is a card. Digits that are part of
 * a longer run or of a decimal fraction are none.
 */
export const paymentCard: Detector = {
  name: 'payment_card',

  signs: [{ digits: MIN_CARD_DIGITS }],

  find(text, label) {
    const found: Span[] = [];
    if (text.length < MIN_CARD_DIGITS) return found;
    const context = contextOf(text, label, CARD);
    for (let index = 0; index < text.length; index++) {
      if (!isDigit(text.charCodeAt(index)) || isDigit(text.charCodeAt(index - 1))) continue;
      if (followsSingleDigit(text, index, isSeparator, MAX_SEPARATORS)) continue;
      const end = cardEnd(text, index, context);
      if (end === undefined) continue;
      found.push({ start: index, end });
      index = end - 1;
    }
    return found;
  },
};

/** Where the longest card number that starts with a group of digits ends, or undefined. */
function cardEnd(text: string, start: number, context: Context): number | undefined {
  if (text.charCodeAt(start - 1) === DOT && isDigit(text.charCodeAt(start - 2))) return undefined;
  const digits: number[] = [];
  const groups: Group[] = [];
  let found: number | undefined;
  let foundByWord: number | undefined;
  for (let at: number | undefined = start; at !== undefined; ) {
    const end = groupEnd(text, at, digits);
    if (digits.length > MAX_CARD_DIGITS) break;
    groups.push({ gap: text.slice(groups.at(-1)?.end ?? at, at), end, size: end - at });
    if (digits.length >= MIN_CARD_DIGITS && isIssued(digits) && hasLuhnDigit(digits)) {
      if (isWrittenAsCard(text, start, groups)) found = end;
      else foundByWord = end;
    }
    at = nextGroup(text, end);
  }
  if (found !== undefined || foundByWord === undefined) return found;
  return context(start, foundByWord) ? foundByWord : undefined;
}

/** Adds the digits of a group to those before, at most one more than a card has. */
function groupEnd(text: string, start: number, digits: number[]): number {
  let end = start;
  for (; isDigit(text.charCodeAt(end)) && digits.length <= MAX_CARD_DIGITS; end++) {
    digits.push(text.charCodeAt(end) - ZERO);
  }
  return end;
}

/** Where the digits go on after no more than a few signs, or undefined. */
function nextGroup(text: string, end: number): number | undefined {
  let next = end;
  while (next - end <= MAX_SEPARATORS && isSeparator(text.charCodeAt(next))) next += 1;
  return next - end <= MAX_SEPARATORS && isDigit(text.charCodeAt(next)) ? next : undefined;
}

/**
 * Whether groups are those of a card, not a row of numbers: all of one piece; of four digits or more but for the last, parted
 * by spaces and dashes or, if three or more, by another sign that is always the same; or each digit apart, and no more of them
 * before or after.
 */
function isWrittenAsCard(text: string, start: number, groups: readonly Group[]): boolean {
  const [, ...gaps] = groups.map(({ gap }) => gap);
  const first = gaps[0];
  if (first === undefined) return true;
  const isSame = gaps.every((gap) => gap === first);
  if (groups.slice(0, -1).every(({ size }) => size >= 4)) {
    return gaps.every((gap) => /^[ -]+$/.test(gap)) || (isSame && first.length === 1 && gaps.length > 1);
  }
  const isApart = isSame && /^[ -]$/.test(first) && groups.every(({ size }) => size === 1);
  return isApart && !goesOn(text, start, groups.at(-1)?.end ?? start);
}

/** Whether more digits stand right beside digits that are each apart. */
function goesOn(text: string, start: number, end: number): boolean {
  return isDigit(text.charCodeAt(start - 2)) || isDigit(text.charCodeAt(end + 1));
}
