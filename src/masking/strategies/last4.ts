import { type Strategy, textReplacement } from './strategy.js';

const SHOWN = 4;
const LETTER_OR_DIGIT = /[\p{L}\p{M}\p{N}]/u;
/** Kept in place. Other signs are starred: a password may consist of them. */
const SEPARATOR = /[\s\-./:@_(),+]/u;

/**
 * Stars everything but the last four letters and digits and the separators between. With four of them or fewer
 * nothing is shown, and nothing of a value that is neither string nor number.
 */
export const last4: Strategy = ({ kind, text }) => {
  if (kind !== 'string' && kind !== 'number') return textReplacement('*'.repeat(SHOWN));
  const characters = [...text];
  let hidden = characters.filter((character) => LETTER_OR_DIGIT.test(character)).length - SHOWN;
  if (hidden <= 0) return textReplacement('*'.repeat(characters.length));
  const shown = characters.map((character) => {
    if (LETTER_OR_DIGIT.test(character)) return hidden-- > 0 ? '*' : character;
    return SEPARATOR.test(character) ? character : '*';
  });
  return textReplacement(shown.join(''));
};
