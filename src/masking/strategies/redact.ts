import { type Strategy, textReplacement } from './strategy.js';

/** Says that something stood here and, where a detector found it, what kind. */
export const redact: Strategy = (_value, { detector }) =>
  textReplacement(detector === undefined ? '[redacted]' : `[redacted:${detector}]`);
