import { isDigit } from './characters.js';

/** More other characters than this between two digits end a row of them: see the sign `digits`. */
const MAX_BETWEEN = 3;

/** The most digits that stand in a row in a text, as the sign `digits` counts them. */
export function longestRow(text: string): number {
  let longest = 0;
  let row = 0;
  let between = 0;
  for (let index = 0; index < text.length; index++) {
    if (isDigit(text.charCodeAt(index))) {
      row = between > MAX_BETWEEN ? 1 : row + 1;
      between = 0;
      longest = Math.max(longest, row);
    } else between += 1;
  }
  return longest;
}
