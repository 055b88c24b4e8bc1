import { completed, until, weighted, wrongLast } from '../numbers.mjs';

const passes = weighted([9, 8, 7, 6, 5, 4, 3, 2, -1], 11);

export const hasChecksum = true;
export const isGrouped = true;
export const words = ['BSN', 'burgerservicenummer', 'citizen service number'];
export const valid = (random) => until(() => completed(random.digits(8), passes));
export const wrong = (random) => wrongLast(random, valid(random));
