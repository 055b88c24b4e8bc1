import { completed, until, weighted, wrongLast } from '../numbers.mjs';

const passes = weighted([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 11);

export const hasChecksum = true;
export const isGrouped = true;
export const words = ['NHS number', 'nhs', 'NHS no'];
export const valid = (random) =>
  until(() => completed(random.digits(9), passes)).replace(/^(...)(...)(.*)$/, '$1 $2 $3');
export const wrong = (random) => wrongLast(random, valid(random));
