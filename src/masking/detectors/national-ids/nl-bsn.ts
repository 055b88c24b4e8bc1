import { digitsOf, isUniform, weightedSum } from '../check-digits.js';
import { words } from '../context.js';
import { numberDetector } from '../numbers.js';

const WEIGHTS = [9, 8, 7, 6, 5, 4, 3, 2, -1];

/** Citizen service numbers of the Netherlands: 9 digits that pass the eleven test. */
export const nlBsn = numberDetector({
  name: 'nl_bsn',
  templates: ['000000000'],
  digits: 9,
  holds: (number) => !isUniform(number) && weightedSum(digitsOf(number), WEIGHTS) % 11 === 0,
  words: words('bsn', 'burgerservicenummer', 'burger service nummer', 'sofinummer', 'citizen service number'),
});
