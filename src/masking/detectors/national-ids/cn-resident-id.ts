import { digitsOf, weightedSum } from '../check-digits.js';
import { words } from '../context.js';
import { isDay } from '../dates.js';
import { numberDetector } from '../numbers.js';

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS = '10X98765432';
/** Provinces (GB/T 2260), and a birth year. */
const FORM = /^(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])\d{4}(?:18|19|20)\d{9}[\dX]$/;

/** Resident identity numbers of China (GB 11643): place, birth date, serial and a check digit or X (ISO 7064, mod 11-2). */
export const cnResidentId = numberDetector({
  name: 'cn_resident_id',
  templates: ['00000000000000000*'],
  digits: 17,
  holds: (number) =>
    FORM.test(number) &&
    isDay(Number(number.slice(10, 12)), Number(number.slice(12, 14)), Number(number.slice(6, 10))) &&
    CHECKS[weightedSum(digitsOf(number.slice(0, 17)), WEIGHTS) % 11] === number.charAt(17),
  // Place, date and check digit together are rarely right by chance.
  telling: /^/,
  words: words('resident id', 'resident identity', '身份证', '公民身份'),
});
