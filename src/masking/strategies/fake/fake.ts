import { redact } from '../redact.js';
import { type Strategy, textReplacement } from '../strategy.js';
import { fakeCard, isCardShaped } from './card.js';
import { fakeEmail, isEmailShaped } from './email.js';
import { fakeIban, isIbanShaped } from './iban.js';
import { fakeNumber, isNumber } from './number.js';
import { Pseudorandom } from './pseudorandom.js';
import { hasShape, sameLength, sameShape } from './shape.js';

/** Of values so short that nearly all fakes of them are the value itself, one of the first few is another. */
const TRIES = 64;

/**
 * Another value of the same form, the same for equal values and never the value itself. What has no form is redacted:
 * objects, arrays, booleans and null.
 */
export const fake: Strategy = (value, terms) => {
  const { kind, text } = value;
  if ((kind !== 'string' && kind !== 'number') || text === '') return redact(value, terms);
  const make = makerOf(text, terms.detector);
  for (let attempt = 0; attempt < TRIES; attempt++) {
    // Of what it stands as, nothing goes into the seed: a number and the text of it have the same fake.
    const random = new Pseudorandom(terms.fakeKey, JSON.stringify([terms.detector ?? '', attempt, text]));
    const other = make(text, random);
    if (other !== text) return { ...textReplacement(other), ...(isNumber(other) && { number: other }) };
  }
  return redact(value, terms);
};

type Maker = (text: string, random: Pseudorandom) => string;

/** What a value is, by the detector that found it or by its own form: a mask of a whole value names no detector. */
function makerOf(text: string, detector: string | undefined): Maker {
  if ((detector === 'email' || detector === undefined) && isEmailShaped(text)) return fakeEmail;
  if ((detector === 'iban' || detector === undefined) && isIbanShaped(text)) return fakeIban;
  if ((detector === 'payment_card' || detector === undefined) && isCardShaped(text)) return fakeCard;
  if (isNumber(text)) return fakeNumber;
  return hasShape(text) ? sameShape : sameLength;
}
