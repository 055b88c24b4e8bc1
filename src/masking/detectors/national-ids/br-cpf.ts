import { digitsOf, isUniform, weightedSum } from '../check-digits.js';
import { words } from '../context.js';
import { numberDetector } from '../numbers.js';

const FIRST = [10, 9, 8, 7, 6, 5, 4, 3, 2];
const SECOND = [11, ...FIRST];

/** Taxpayer numbers of persons in Brazil: 9 digits and two check digits (mod 11). */
export const brCpf = numberDetector({
  name: 'br_cpf',
  templates: ['00000000000'],
  digits: 11,
  holds: (number) => {
    const digits = digitsOf(number);
    const checks = [FIRST, SECOND].map((weights) => ((weightedSum(digits, weights) * 10) % 11) % 10);
    return !isUniform(number) && digits[9] === checks[0] && digits[10] === checks[1];
  },
  telling: /^\d{3}\.\d{3}\.\d{3}-\d{2}$/,
  words: words('cpf', 'cadastro de pessoas', 'contribuinte'),
});
