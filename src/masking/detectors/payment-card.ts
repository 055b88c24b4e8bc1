import type { Span } from '../span.js';
import type { Detector } from './detector.js';
import { isIssued, MAX_CARD_DIGITS, MIN_CARD_DIGITS } from './issuers.js';

/** Fewer digits stand together only in a card number's last group: `3782 822463 10005`, `4222 2222 2222 2`. */
const MIN_GROUP = 4;
/** Signs between two groups: `4111-1111`, `4111 - 1111`. */
const MAX_SEPARATORS = 3;
const DOT = 0x2e;
const SPACE = 0x20;
const HYPHEN = 0x2d;

/** Digits that stand together. */
interface Group {
  readonly start: number;
  readonly end: number;
  readonly digits: readonly number[];
}

/**
 * Payment card numbers: 13 to 19 digits, in one piece or in groups parted by spaces or dashes, of a known issuer and
 * with a right check digit (ISO/IEC 7812-1, Luhn). Digits that are part of a longer run or of a decimal fraction are none.
 */
export const paymentCard: Detector = {
  name: 'payment_card',

  signs: [{ digits: MIN_CARD_DIGITS }],

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
  return unit >= 0x30 && unit <= 0x39 ? unit - 0x30 : undefined;
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
    } else break;
  }
  return { start, end, digits };
}

/** Whether two groups of digits may belong to one number, by what stands between them. */
function joined(text: string, from: number, to: number): boolean {
  let separators = 0;
  for (let index = from; index < to; index++) {
    const unit = text.charCodeAt(index);
    if (unit !== SPACE && unit !== HYPHEN) return false;
    separators += 1;
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
