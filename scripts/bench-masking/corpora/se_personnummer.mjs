import { completed, luhn, wrongLast } from '../numbers.mjs';

export const hasChecksum = true;
export const isGrouped = true;
export const words = ['personnummer', 'personnr', 'swedish personal number'];
export const valid = (random) =>
  completed(random.day().join('').slice(2) + random.digits(3), luhn).replace(/(....)$/, '-$1');
export const wrong = (random) => wrongLast(random, valid(random));
