import { mod } from '../numbers.mjs';

const BANKS = {
  DE: (random) => random.digits(18),
  FR: (random) => random.digits(23),
  ES: (random) => random.digits(20),
  GB: (random) => random.capitals(4) + random.digits(14),
  NL: (random) => random.capitals(4) + random.digits(10),
  IT: (random) => random.capitals(1) + random.digits(22),
  CH: (random) => random.digits(17),
  NO: (random) => random.digits(11),
  PL: (random) => random.digits(24),
};

export const hasChecksum = true;
export const isTelling = true;
export const isGrouped = true;
export const words = ['IBAN', 'account', 'iban'];

export function valid(random) {
  return made(random, 0);
}

export function wrong(random) {
  return made(random, random.int(1, 90));
}

/** An account whose check digits are off by so much. */
function made(random, off) {
  const [country, bank] = random.pick(Object.entries(BANKS));
  const account = bank(random);
  const number = [...`${account}${country}00`].map((sign) => Number.parseInt(sign, 36)).join('');
  const check = ((98 - mod(number, 97) - 2 + off) % 97) + 2;
  const written = country + String(check).padStart(2, '0') + account;
  return random.pick([written, written.match(/.{1,4}/g).join(' '), written.toLowerCase()]);
}
