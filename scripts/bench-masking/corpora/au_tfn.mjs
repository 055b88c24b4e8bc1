import { completed, until, weighted, wrongLast } from '../numbers.mjs';

const passes = weighted([1, 4, 3, 7, 5, 8, 6, 9, 10], 11);

export const hasChecksum = true;
export const isGrouped = true;
export const words = ['TFN', 'tax file number', 'tfn'];
export const valid = (random) =>
  until(() => completed(random.int(1, 9) + random.digits(7), passes)).replace(
    /^(...)(...)(...)$/,
    '$1 $2 $3',
  );
export const wrong = (random) => wrongLast(random, valid(random));
