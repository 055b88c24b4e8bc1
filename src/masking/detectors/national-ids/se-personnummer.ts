import { digitsOf, hasLuhnDigit } from '../check-digits.js';
import { words } from '../context.js';
import { isDay } from '../dates.js';
import { numberDetector } from '../numbers.js';

/** A coordination number's day is the birth day plus 60. */
const COORDINATION = 60;

/** Personal identity and coordination numbers of Sweden: a birth date, with or without century, and Luhn's check digit. */
export const sePersonnummer = numberDetector({
  name: 'se_personnummer',
  templates: ['000000000000', '0000000000'],
  digits: 10,
  holds: (number) => {
    const short = number.slice(-10);
    const day = Number(short.slice(4, 6));
    return (
      /^(?:18|19|20)?\d{10}$/.test(number) &&
      isDay(Number(short.slice(2, 4)), day > COORDINATION ? day - COORDINATION : day) &&
      hasLuhnDigit(digitsOf(short))
    );
  },
  words: words('personnummer', 'person nummer', 'personnr', 'samordningsnummer', 'swedish personal', 'PNR'),
});
