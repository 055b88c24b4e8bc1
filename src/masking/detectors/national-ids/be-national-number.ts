import { remainder } from '../check-digits.js';
import { words } from '../context.js';
import { numberDetector } from '../numbers.js';

/** Year, month (plus 20 or 40 in BIS numbers, 00 where unknown), day (00 where unknown), serial, check digits. */
const FORM = /^\d{2}(?:[024]\d|[135][0-2])(?:[0-2]\d|3[01])\d{5}$/;

/**
 * Numbers of the Belgian national register, BIS numbers among them: the check digits are 97 less the rest by 97 of the nine
 * digits before, to which a 2 is prefixed for those born since 2000.
 */
export const beNationalNumber = numberDetector({
  name: 'be_national_number',
  templates: ['00000000000'],
  digits: 11,
  holds: (number) => {
    const check = Number(number.slice(9));
    const isRight = (decimal: string) => 97 - remainder(decimal, 97) === check;
    return FORM.test(number) && (isRight(number.slice(0, 9)) || isRight(`2${number.slice(0, 9)}`));
  },
  telling: /^\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}$/,
  words: words(
    'rijksregisternummer',
    'rijksregister',
    'registre national',
    'numero national',
    'nationaal nummer',
    'nationalregisternummer',
    'national register',
    'national number',
    'niss',
    'insz',
    'rrn',
  ),
});
