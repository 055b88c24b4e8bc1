import { digitsOf, weightedSum } from '../check-digits.js';
import { words } from '../context.js';
import { isDay } from '../dates.js';
import { numberDetector } from '../numbers.js';

const WEIGHTS = [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1];

/** PESEL numbers of Poland: a birth date, whose month tells the century too, a serial and a check digit (mod 10). */
export const plPesel = numberDetector({
  name: 'pl_pesel',
  templates: ['00000000000'],
  digits: 11,
  holds: (number) =>
    isDay(Number(number.slice(2, 4)) % 20, Number(number.slice(4, 6))) &&
    weightedSum(digitsOf(number), WEIGHTS) % 10 === 0,
  words: words('pesel', 'numer ewidencyjny', 'polish national id'),
});
