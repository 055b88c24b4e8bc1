import type { Pseudorandom } from './pseudorandom.js';
import { digit, digitsOf, hasLetters, withDigits } from './shape.js';

/**
 * Major industry 9 is for national standards bodies, whose country follows in three digits (ISO/IEC 7812-1); 999 is one
 * of those that ISO 3166 gives to no country. So no issuer has these numbers, and no detector takes them for cards.
 */
const NOBODYS = '9999';
const SHORTEST = 13;
const LONGEST = 19;

/** Whether a text is a card number by its form: so many digits, with a right check digit (Luhn), and no letters. */
export function isCardShaped(text: string): boolean {
  const digits = digitsOf(text);
  return (
    digits.length >= SHORTEST &&
    digits.length <= LONGEST &&
    !hasLetters(text) &&
    checkDigit(digits.slice(0, -1)) === digits.at(-1)
  );
}

/** A card number of nobody's, of as many digits in the same groups, with a right check digit. */
export function fakeCard(text: string, random: Pseudorandom): string {
  const { length } = digitsOf(text);
  let digits = NOBODYS;
  while (digits.length < length - 1) digits += digit(random);
  return withDigits(text, digits + checkDigit(digits));
}

/** ISO/IEC 7812-1, annex B: the digit that goes behind these. */
function checkDigit(digits: string): string {
  let sum = 0;
  [...digits].reverse().forEach((character, index) => {
    const value = Number(character) * (index % 2 === 0 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  });
  return String((10 - (sum % 10)) % 10);
}
