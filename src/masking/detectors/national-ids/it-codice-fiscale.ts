import { digitsOf } from '../check-digits.js';
import { words } from '../context.js';
import { numberDetector } from '../numbers.js';

/** Name, year, month, day (women's plus 40) and place; letters of its number where two people would have the same code. */
const FORM = /^[A-Z]{6}\d{2}[ABCDEHLMPRST](?:[04][1-9]|[1256]\d|[37][01])[A-Z][\dLMNPQRSTUV]{3}[A-Z]$/;
/** What letters and digits count at odd places; at even ones a digit counts itself and a letter its place. */
const ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

/** Tax codes of Italy (decreto ministeriale 23 dicembre 1976): 16 signs, the last a check letter (mod 26). */
export const itCodiceFiscale = numberDetector({
  name: 'it_codice_fiscale',
  templates: ['AAAAAA00A00A***A'],
  digits: 4,
  holds: (code) => FORM.test(code) && checkLetter(code) === code.charAt(15),
  // Nothing else has this form.
  telling: /^/,
  words: words('codice fiscale', 'cod fisc', 'italian tax code'),
});

function checkLetter(code: string): string {
  const places = digitsOf(code.slice(0, 15)).map((value) => (value > 9 ? value - 10 : value));
  const sum = places.reduce(
    (total, place, index) => total + (index % 2 === 0 ? (ODD[place] ?? 0) : place),
    0,
  );
  return String.fromCharCode(0x41 + (sum % 26));
}
