import { digitsOf, hasLuhnDigit, isUniform } from '../check-digits.js';
import { words } from '../context.js';
import { numberDetector } from '../numbers.js';

/** Social insurance numbers of Canada: 9 digits, the last Luhn's check digit. */
export const caSin = numberDetector({
  name: 'ca_sin',
  templates: ['000000000'],
  digits: 9,
  holds: (number) => !isUniform(number) && hasLuhnDigit(digitsOf(number)),
  words: words('SIN', 'NAS', 'sin number', 'social insurance', 'assurance sociale'),
});
