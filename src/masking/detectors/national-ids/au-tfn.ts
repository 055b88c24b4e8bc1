import { digitsOf, isUniform, weightedSum } from '../check-digits.js';
import { words } from '../context.js';
import { numberDetector } from '../numbers.js';

const WEIGHTS = [1, 4, 3, 7, 5, 8, 6, 9, 10];
const SHORT_WEIGHTS = [10, 7, 8, 4, 6, 3, 5, 1];

/** Tax file numbers of Australia: 9 digits, older ones 8, weighted to a multiple of 11. */
export const auTfn = numberDetector({
  name: 'au_tfn',
  templates: ['000000000', '00000000'],
  digits: 8,
  holds: (number) => {
    const weights = number.length === WEIGHTS.length ? WEIGHTS : SHORT_WEIGHTS;
    return !isUniform(number) && weightedSum(digitsOf(number), weights) % 11 === 0;
  },
  words: words('tfn', 'tax file'),
});
