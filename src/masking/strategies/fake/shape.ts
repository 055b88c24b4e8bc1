import type { Pseudorandom } from './pseudorandom.js';

const DIGIT = /\p{N}/u;
const LETTER = /[\p{L}\p{M}]/u;
const UPPER_CASE = /\p{Lu}/u;
/** Kept in place. Other signs become letters: a password may consist of them. */
const SEPARATOR = /[\s\-./:@_(),+]/u;

const A = 0x61;
const LETTERS = 26;
const ZERO = 0x30;
const FULL_WIDTH_ZERO = 0xff10;

export function letter(random: Pseudorandom): string {
  return String.fromCharCode(A + random.below(LETTERS));
}

export function digit(random: Pseudorandom): string {
  return String(random.below(10));
}

/** Another text of as many characters: digits for digits, letters for letters in their case, separators where they are. */
export function sameShape(text: string, random: Pseudorandom): string {
  return [...text]
    .map((character) => {
      if (SEPARATOR.test(character)) return character;
      if (DIGIT.test(character)) return digit(random);
      return UPPER_CASE.test(character) ? letter(random).toUpperCase() : letter(random);
    })
    .join('');
}

/** The same without separators: for texts that have nothing else. */
export function sameLength(text: string, random: Pseudorandom): string {
  return [...text].map(() => letter(random)).join('');
}

/** Whether anything of a text would be another in {@link sameShape}. */
export function hasShape(text: string): boolean {
  return [...text].some((character) => !SEPARATOR.test(character));
}

/** The digits of a text, full-width ones as ASCII. */
export function digitsOf(text: string): string {
  return [...text].map((character) => asciiDigit(character) ?? '').join('');
}

/** Puts digits in the places of a text's own, in the width that these have. */
export function withDigits(text: string, digits: string): string {
  let next = 0;
  return [...text]
    .map((character) => {
      if (asciiDigit(character) === undefined) return character;
      const code = digits.charCodeAt(next);
      next += 1;
      return isFullWidth(character)
        ? String.fromCharCode(code - ZERO + FULL_WIDTH_ZERO)
        : String.fromCharCode(code);
    })
    .join('');
}

/** Whether a text has letters in it. */
export function hasLetters(text: string): boolean {
  return LETTER.test(text);
}

function asciiDigit(character: string): string | undefined {
  if (character >= '0' && character <= '9') return character;
  return isFullWidth(character) ? String(character.charCodeAt(0) - FULL_WIDTH_ZERO) : undefined;
}

function isFullWidth(character: string): boolean {
  const code = character.charCodeAt(0);
  return code >= FULL_WIDTH_ZERO && code <= FULL_WIDTH_ZERO + 9;
}
