import { wrongLast } from '../numbers.mjs';

const ODD = {
  0: 1,
  1: 0,
  2: 5,
  3: 7,
  4: 9,
  5: 13,
  6: 15,
  7: 17,
  8: 19,
  9: 21,
  A: 1,
  B: 0,
  C: 5,
  D: 7,
  E: 9,
  F: 13,
  G: 15,
  H: 17,
};
Object.assign(ODD, {
  I: 19,
  J: 21,
  K: 2,
  L: 4,
  M: 18,
  N: 20,
  O: 11,
  P: 3,
  Q: 6,
  R: 8,
  S: 12,
  T: 14,
  U: 16,
  V: 10,
  W: 22,
  X: 25,
});
Object.assign(ODD, { Y: 24, Z: 23 });
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

export const hasChecksum = true;
export const isTelling = true;
export const isGrouped = true;
export const words = ['codice fiscale', 'cod. fiscale'];

export function valid(random) {
  const day = String(random.int(1, 28) + random.pick([0, 40])).padStart(2, '0');
  const month = random.string(1, 'ABCDEHLMPRST');
  const code = random.capitals(6) + random.digits(2) + month + day + random.capitals(1) + random.digits(3);
  let sum = 0;
  for (const [index, sign] of [...code].entries()) {
    sum += index % 2 === 0 ? ODD[sign] : /\d/.test(sign) ? Number(sign) : ALPHABET.indexOf(sign);
  }
  return code + ALPHABET[sum % 26];
}

export const wrong = (random) => wrongLast(random, valid(random), ALPHABET);
