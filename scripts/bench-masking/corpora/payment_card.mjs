import { completed, luhn, wrongLast } from '../numbers.mjs';

const PREFIXES = { 4: 16, 51: 16, 2221: 16, 34: 15, 37: 15, 6011: 16, 3528: 16, 62: 16, 36: 14 };

export const hasChecksum = true;
export const isTelling = true;
export const isGrouped = true;
export const words = ['card', 'credit card', 'card number'];

export function valid(random) {
  const [prefix, length] = random.pick(Object.entries(PREFIXES));
  const number = completed(prefix + random.digits(length - prefix.length - 1), luhn);
  return random.pick([number, number.match(/.{1,4}/g).join(' '), number.match(/.{1,4}/g).join('-')]);
}

export const wrong = (random) => wrongLast(random, valid(random));
