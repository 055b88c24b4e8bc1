import { completed, luhn, wrongLast } from '../numbers.mjs';

export const hasChecksum = true;
export const isGrouped = true;
export const words = ['SIN number', 'social insurance number'];
export const valid = (random) =>
  completed(random.int(1, 7) + random.digits(7), luhn).replace(/^(...)(...)(...)$/, '$1 $2 $3');
export const wrong = (random) => wrongLast(random, valid(random));
