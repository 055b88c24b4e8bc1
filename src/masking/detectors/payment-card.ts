import type { Span } from '../span.js';
import type { Detector } from './detector.js';
import { isIssued, MAX_CARD_DIGITS, MIN_CARD_DIGITS } from './issuers.js';

/** Fewer digits stand together only in a card number's last group: `3782 822463 10005`, `4222 2222 2222 2`. */
const MIN_GROUP = 4;
/** Signs between two groups: `4111-1111`, `4111 - 1111`. */
const MAX_SEPARATORS = 3;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
const DOT = 0x2e;
/** Spaces and dashes, also the typographic ones. */
const SEPARATORS = new Set([
  0x20, 0x2d, 0xa0, 0x2007, 0x2009, 0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x202f, 0x2212, 0x3000,
]);
/** Soft hyphen, zero-width characters, word joiner, byte-order mark: read as if they were not there. */
const INVISIBLE = new Set([0xad, 0x200b, 0x200c, 0x200d, 0x2060, 0xfeff]);

/** Digits that stand together. */
interface Group {
  readonly start: number;
  readonly end: number;
  readonly digits: readonly number[];
}

/**
 * Payment card numbers: 13 to 19 digits, in one piece or in groups parted by spaces or dashes, of a known issuer and
 * with a right check digit (ISO/IEC 7812-1, Luhn). Full-width digits count, invisible characters between digits do
 * not hide them. Digits that are part of a longer run or of a decimal fraction are none.
 */
export const paymentCard: Detector = {
  name: 'payment_card',

  mayOccur(bytes) {
    let digits = 0;
    for (let index = 0; index < bytes.length; index++) {
      const byte = bytes[index] ?? 0;
      if (byte >= 0x30 && byte <= 0x39) digits += 1;
      else if (byte >= 0x80) digits += isFullWidthDigit(bytes, index) ? 1 : 0;
      else if (byte === BACKSLASH) {
        const escaped = escapedUnit(bytes, index);
        if (escaped === undefined) digits = 0;
        else if (digitOf(escaped) !== undefined) digits += 1;
        index += escaped === undefined ? 1 : 5;
      } else if (byte !== 0x20 && byte !== 0x2d) digits = 0;
      if (digits >= MIN_CARD_DIGITS) return true;
    }
    return false;
  },

  find(text) {
    const found: Span[] = [];
    let chain: Group[] = [];
    for (let index = 0; index < text.length; ) {
      if (digitOf(text.charCodeAt(index)) === undefined) {
        index += 1;
        continue;
      }
      const group = groupAt(text, index);
      const last = chain.at(-1);
      if (last !== undefined && !joined(text, last.end, group.start)) {
        collect(chain, text, found);
        chain = [];
      }
      chain.push(group);
      index = group.end;
    }
    collect(chain, text, found);
    return found;
  },
};

function digitOf(unit: number): number | undefined {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30;
  if (unit >= 0xff10 && unit <= 0xff19) return unit - 0xff10;
  return undefined;
}

/** Full-width digits are EF BC 90 to EF BC 99 in UTF-8. */
function isFullWidthDigit(bytes: Buffer, index: number): boolean {
  const last = bytes[index + 2] ?? 0;
  return bytes[index] === 0xef && bytes[index + 1] === 0xbc && last >= 0x90 && last <= 0x99;
}

/** The UTF-16 unit that a `\uXXXX` escape stands for; undefined for the short escapes. */
function escapedUnit(bytes: Buffer, backslash: number): number | undefined {
  if (bytes[backslash + 1] !== LETTER_U) return undefined;
  return Number.parseInt(bytes.toString('latin1', backslash + 2, backslash + 6), 16);
}

function groupAt(text: string, start: number): Group {
  const digits: number[] = [];
  let end = start;
  for (let index = start; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    const digit = digitOf(unit);
    if (digit !== undefined) {
      // One more than fits says that the run is too long; the rest of it only has to be passed over.
      if (digits.length <= MAX_CARD_DIGITS) digits.push(digit);
      end = index + 1;
    } else if (!INVISIBLE.has(unit)) break;
  }
  return { start, end, digits };
}

/** Whether two groups of digits may belong to one number, by what stands between them. */
function joined(text: string, from: number, to: number): boolean {
  let separators = 0;
  for (let index = from; index < to; index++) {
    const unit = text.charCodeAt(index);
    if (SEPARATORS.has(unit)) separators += 1;
    else if (!INVISIBLE.has(unit)) return false;
    if (separators > MAX_SEPARATORS) return false;
  }
  return true;
}

/** Adds the card numbers of a chain of groups: from the left, the longest first. */
function collect(chain: readonly Group[], text: string, found: Span[]): void {
  for (let first = 0; first < chain.length; first++) {
    const last = lastGroupOfCard(chain, first, text);
    const [from, to] = [chain[first], last === undefined ? undefined : chain[last]];
    if (last === undefined || from === undefined || to === undefined) continue;
    found.push({ start: from.start, end: to.end });
    first = last;
  }
}

/** The index of the group with which the longest card number that starts at a group ends, or undefined. */
function lastGroupOfCard(chain: readonly Group[], first: number, text: string): number | undefined {
  const start = chain[first]?.start ?? 0;
  if (text.charCodeAt(start - 1) === DOT && digitOf(text.charCodeAt(start - 2)) !== undefined)
    return undefined;
  let found: number | undefined;
  const digits: number[] = [];
  for (let index = first; index < chain.length; index++) {
    const group = chain[index]?.digits ?? [];
    digits.push(...group);
    if (digits.length > MAX_CARD_DIGITS) break;
    if (digits.length >= MIN_CARD_DIGITS && isIssued(digits) && hasCheckDigit(digits)) found = index;
    if (group.length < MIN_GROUP) break;
  }
  return found;
}

/** ISO/IEC 7812-1, annex B. */
function hasCheckDigit(digits: readonly number[]): boolean {
  let sum = 0;
  digits.forEach((digit, index) => {
    const doubled = (digits.length - index) % 2 === 0 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  });
  return sum % 10 === 0;
}
