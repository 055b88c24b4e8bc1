import { createHmac } from 'node:crypto';
import { type Strategy, textReplacement } from './strategy.js';

/** Half of a SHA-256: no two values of one message will meet. */
const BYTES = 16;

/** `hash:` and the hex of a keyed hash (RFC 2104), so equal values can be told equal and none can be guessed. */
export const hash: Strategy = ({ text }, { hashKey }) => {
  const digest = createHmac('sha256', hashKey).update(text, 'utf8').digest();
  return textReplacement(`hash:${digest.toString('hex', 0, BYTES)}`);
};
