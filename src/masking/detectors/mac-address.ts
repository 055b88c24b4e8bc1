import type { Span } from '../span.js';
import { isDigit, isLetterOrDigit } from './characters.js';
import type { Detector } from './detector.js';
import { longestRow } from './rows.js';

/** Six pairs parted by colons or dashes, or three groups of four parted by dots: so long each. */
const PAIRS = 17;
const FOURS = 14;
const FORM = /^(?:[0-9a-f]{2}(?::[0-9a-f]{2}){5}|[0-9a-f]{2}(?:-[0-9a-f]{2}){5})$/i;
const DOTTED = /^[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}$/i;
/** Nobody's: all zeros, and the broadcast address. */
const NOBODYS = /^(?:0+|f+)$/i;
const MIN_DIGITS = 2;
const SEPARATOR = /[:.-]/;

/** Hardware addresses (EUI-48) with at least two digits in a row; as part of a longer row of pairs they are none. */
export const macAddress: Detector = {
  name: 'mac_address',

  signs: [{ digits: MIN_DIGITS }],

  find(text) {
    const found: Span[] = [];
    for (let index = 0; index + FOURS <= text.length; index++) {
      if (!isLetterOrDigit(text.charCodeAt(index)) || isLetterOrDigit(text.charCodeAt(index - 1))) continue;
      const end = addressEnd(text, index);
      if (end === undefined || continues(text, index - 1, index - 2) || continues(text, end, end + 1))
        continue;
      found.push({ start: index, end });
      index = end - 1;
    }
    return found;
  },
};

function addressEnd(text: string, start: number): number | undefined {
  const isOfPairs = SEPARATOR.test(text.charAt(start + 2));
  if (!isOfPairs && !SEPARATOR.test(text.charAt(start + 4))) return undefined;
  const end = start + (isOfPairs ? PAIRS : FOURS);
  const written = text.slice(start, end);
  if (!(isOfPairs ? FORM : DOTTED).test(written)) return undefined;
  return NOBODYS.test(written.replace(/[:.-]/g, '')) || longestRow(written) < MIN_DIGITS ? undefined : end;
}

/** Whether a letter or digit follows, or a sign that parts pairs and one more. */
function continues(text: string, next: number, afterNext: number): boolean {
  if (isLetterOrDigit(text.charCodeAt(next))) return true;
  return (
    SEPARATOR.test(text.charAt(next)) &&
    (isDigit(text.charCodeAt(afterNext)) || /[a-f]/i.test(text.charAt(afterNext)))
  );
}
