import { completed, weighted, wrongLast } from '../numbers.mjs';

const passes = weighted([1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1], 10);

export const hasChecksum = true;
export const isGrouped = true;
export const words = ['PESEL', 'numer PESEL', 'pesel'];
export const valid = (random) =>
  completed(random.day(1930, 1999).join('').slice(2) + random.digits(4), passes);
export const wrong = (random) => wrongLast(random, valid(random));
