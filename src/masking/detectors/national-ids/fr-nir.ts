import { remainder } from '../check-digits.js';
import { words } from '../context.js';
import { numberDetector } from '../numbers.js';

/** Sex, year, month (beyond 12 where it is unknown), department, commune, serial. */
const FORM = /^[123478]\d{2}(?:0[1-9]|1[0-2]|[2-35-9]\d|4[0-2])\d[\dAB]\d{8}$/;

/**
 * Numbers of the French register of persons (NIR, numéro de sécurité sociale) with their key, which is 97 less the rest of
 * the thirteen digits by 97; Corsica's 2A and 2B count as 19 and 18.
 */
export const frNir = numberDetector({
  name: 'fr_nir',
  templates: ['000000*00000000'],
  digits: 14,
  holds: (number) => {
    if (!FORM.test(number)) return false;
    const decimal = number.replace('2A', '19').replace('2B', '18');
    return /^\d{15}$/.test(decimal) && 97 - remainder(decimal.slice(0, 13), 97) === Number(decimal.slice(13));
  },
  telling: /^[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?\d[\dABab] ?\d{3} ?\d{3} ?\d{2}$/,
  words: words('nir', 'insee', 'securite sociale', 'secu', 'carte vitale', 'french social security'),
});
