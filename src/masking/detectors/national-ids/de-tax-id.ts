import { digitsOf } from '../check-digits.js';
import { words } from '../context.js';
import { numberDetector } from '../numbers.js';

/**
 * Tax identification numbers of Germany (Abgabenordnung § 139b): of the first ten digits one comes two or three times and
 * the others once at most; the eleventh is a check digit (ISO 7064, mod 11,10).
 */
export const deTaxId = numberDetector({
  name: 'de_tax_id',
  templates: ['00000000000'],
  digits: 11,
  holds: (number) => {
    const digits = digitsOf(number);
    return (
      digits[0] !== 0 && repeatsOne(digits.slice(0, 10)) && digits[10] === checkDigit(digits.slice(0, 10))
    );
  },
  telling: /^\d{2} \d{3} \d{3} \d{3}$/,
  words: words(
    'steuer id',
    'steueridentifikationsnummer',
    'identifikationsnummer',
    'steuerliche identifikationsnummer',
    'steuernummer',
    'steuer nr',
    'idnr',
    'id nr',
    'german tax',
    'tax id',
    'tax number',
    'tax identification',
    'TIN',
  ),
});

function repeatsOne(digits: readonly number[]): boolean {
  const times = new Map<number, number>();
  for (const digit of digits) times.set(digit, (times.get(digit) ?? 0) + 1);
  const repeated = [...times.values()].filter((count) => count > 1);
  return repeated.length === 1 && (repeated[0] ?? 0) <= 3;
}

function checkDigit(digits: readonly number[]): number {
  let product = 10;
  for (const digit of digits) product = (((digit + product) % 10 || 10) * 2) % 11;
  return (11 - product) % 10;
}
