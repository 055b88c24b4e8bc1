import type { Span } from '../span.js';
import { isDigit, isLetterOrDigit } from './characters.js';
import { contextOf, type Words } from './context.js';
import type { Detector } from './detector.js';

/** Near enough for `passport no. is C01X00T47`. */
const REACH = { before: 40, after: 0 };
const MIN_DIGITS = 4;

/** How the number of a document is written, which only a word tells from any other number. */
export interface DocumentForm {
  readonly name: string;
  /** Fewest and most letters and digits. */
  readonly lengths: readonly [number, number];
  readonly words: Words;
}

/** Makes a detector of letters and digits in one piece, four of them digits, right after a word that names the document. */
export function documentDetector({ name, lengths: [shortest, longest], words }: DocumentForm): Detector {
  return {
    name,
    signs: [{ digits: MIN_DIGITS }],
    find(text, label) {
      const found: Span[] = [];
      if (text.length < shortest) return found;
      const context = contextOf(text, label, words, REACH);
      for (let index = 0; index < text.length; index++) {
        if (!isLetterOrDigit(text.charCodeAt(index))) continue;
        const start = index;
        let digits = 0;
        let row = 0;
        for (; isLetterOrDigit(text.charCodeAt(index)); index++) {
          if (isDigit(text.charCodeAt(index))) digits += 1;
          row = isDigit(text.charCodeAt(index)) ? row + 1 : 0;
        }
        const length = index - start;
        if (digits < MIN_DIGITS || length < shortest || length > longest) continue;
        if (context(start, index)) found.push({ start, end: index });
      }
      return found;
    },
  };
}
