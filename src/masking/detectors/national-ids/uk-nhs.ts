import { digitsOf, isUniform, weightedSum } from '../check-digits.js';
import { words } from '../context.js';
import { numberDetector } from '../numbers.js';

const WEIGHTS = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1];

/** NHS numbers of England, Wales and the Isle of Man: 10 digits, the last a check digit (mod 11). */
export const ukNhs = numberDetector({
  name: 'uk_nhs',
  templates: ['0000000000'],
  digits: 10,
  // A remainder of 1 would need a check digit of 10: such numbers are not given out, and 10 is no digit.
  holds: (number) => !isUniform(number) && weightedSum(digitsOf(number), WEIGHTS) % 11 === 0,
  words: words('nhs', 'national health', 'health service number'),
});
