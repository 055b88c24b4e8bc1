import type { Pseudorandom } from './pseudorandom.js';
import { digit, letter } from './shape.js';

/** Country, check digits, and the account: ISO 13616-1. */
const FORM = /^[a-z]{2}\d{2}[a-z0-9]{11,30}$/i;
const LONGEST = 64;
const SPACES = /[\s-]/g;

/** Whether a text is an IBAN by its form and its check digits. */
export function isIbanShaped(text: string): boolean {
  if (text.length > LONGEST) return false;
  const plain = text.replaceAll(SPACES, '');
  return FORM.test(plain) && remainder(plain.slice(4) + plain.slice(0, 4)) === 1;
}

/** An IBAN of the same country and form with right check digits, in the same groups. */
export function fakeIban(text: string, random: Pseudorandom): string {
  const plain = text.replaceAll(SPACES, '');
  const country = plain.slice(0, 2);
  const account = [...plain.slice(4)]
    .map((character) => {
      if (/\d/.test(character)) return digit(random);
      const other = letter(random);
      return character === character.toUpperCase() ? other.toUpperCase() : other;
    })
    .join('');
  const check = String(98 - remainder(`${account}${country}00`)).padStart(2, '0');
  const characters = [...country, ...check, ...account];
  return [...text]
    .map((character) => (SPACES_ONE.test(character) ? character : (characters.shift() ?? '')))
    .join('');
}

const SPACES_ONE = /[\s-]/;

/** ISO 7064, MOD 97-10, letters as 10 to 35. */
function remainder(text: string): number {
  let result = 0;
  for (const character of text.toUpperCase()) {
    const value = Number.parseInt(character, 36);
    result = (result * (value > 9 ? 100 : 10) + value) % 97;
  }
  return result;
}
