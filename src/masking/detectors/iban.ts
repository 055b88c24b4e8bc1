import type { Span } from '../span.js';
import { isLetter, isLetterOrDigit } from './characters.js';
import { digitsOf, remainder } from './check-digits.js';
import type { Detector } from './detector.js';
import { ibanTemplates } from './iban-countries.js';
import { lettersAndDigits, templateEnd } from './numbers.js';
import { longestRow } from './rows.js';

const MAX_GAP = 3;
/** No bank numbers accounts with fewer, though the registry's structures would allow it. */
const MIN_DIGITS = 8;
const GLUED = 'iban';

/**
 * International bank account numbers (ISO 13616): of a country's length and structure in SWIFT's registry, with right check
 * digits (ISO 7064, mod 97-10). In any case, in one piece or parted by up to three signs.
 */
export const iban: Detector = {
  name: 'iban',

  signs: [{ digits: MIN_DIGITS }],

  find(text) {
    const found: Span[] = [];
    for (let index = 0; index < text.length; index++) {
      if (!isLetter(text.charCodeAt(index))) continue;
      const isInWord = isLetterOrDigit(text.charCodeAt(index - 1));
      if (isInWord && text.slice(Math.max(0, index - GLUED.length), index).toLowerCase() !== GLUED) continue;
      const end = ibanEnd(text, index);
      if (end === undefined) continue;
      found.push({ start: index, end });
      index = end - 1;
    }
    return found;
  },
};

function ibanEnd(text: string, start: number): number | undefined {
  const country = lettersAndDigits(text.slice(start, start + 2 + MAX_GAP)).slice(0, 2);
  const template = ibanTemplates.get(country.toUpperCase());
  const end = template === undefined ? undefined : templateEnd(text, start, template, MAX_GAP);
  if (end === undefined || isLetterOrDigit(text.charCodeAt(end))) return undefined;
  const written = text.slice(start, end);
  return longestRow(written) >= MIN_DIGITS && hasCheckDigits(lettersAndDigits(written)) ? end : undefined;
}

function hasCheckDigits(compact: string): boolean {
  const rotated = compact.slice(4) + compact.slice(0, 4);
  return remainder(digitsOf(rotated).join(''), 97) === 1;
}
