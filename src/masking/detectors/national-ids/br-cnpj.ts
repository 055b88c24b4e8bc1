import { isUniform, weightedSum } from '../check-digits.js';
import { words } from '../context.js';
import { numberDetector } from '../numbers.js';

const FIRST = [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];
const SECOND = [6, ...FIRST];

/**
 * Taxpayer numbers of legal entities in Brazil, sole traders among them: twelve digits and, since 2026, capitals, and
 * two check digits (mod 11; a letter counts its ASCII code less 48).
 */
export const brCnpj = numberDetector({
  name: 'br_cnpj',
  templates: ['************00'],
  digits: 4,
  holds: (number) => {
    const values = [...number].map((character) => character.charCodeAt(0) - 0x30);
    const checks = [FIRST, SECOND].map((weights) => ((weightedSum(values, weights) * 10) % 11) % 10);
    return !isUniform(number) && values[12] === checks[0] && values[13] === checks[1];
  },
  telling: /^[\dA-Z]{2}\.[\dA-Z]{3}\.[\dA-Z]{3}\/[\dA-Z]{4}-\d{2}$/,
  words: words('cnpj', 'pessoa juridica'),
});
