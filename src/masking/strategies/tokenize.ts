import { redact } from './redact.js';
import { type Strategy, textReplacement } from './strategy.js';

/** A token, which policy may have turned back into the value later. What is too large to be kept is redacted. */
export const tokenize: Strategy = (value, terms) => {
  const token = terms.tokenOf?.(value);
  return token === undefined ? redact(value, terms) : textReplacement(token);
};
