import { completed, wrongLast } from '../numbers.mjs';

/** Verhoeff's scheme with symmetries of a pentagon: a turn by so many corners, perhaps after a flip. */
const STEP = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

function after([turn, flip], digit) {
  const [other, flips] = [digit % 5, digit > 4];
  return [(flip ? turn - other + 5 : turn + other) % 5, flip !== flips];
}

function passes(number) {
  let state = [0, false];
  [...number].reverse().forEach((sign, place) => {
    let digit = Number(sign);
    for (let step = 0; step < place % 8; step += 1) digit = STEP[digit];
    state = after(state, digit);
  });
  return state[0] === 0 && !state[1];
}

export const hasChecksum = true;
export const isGrouped = true;
export const words = ['Aadhaar', 'aadhaar number', 'UIDAI'];
export const valid = (random) =>
  completed(random.int(2, 9) + random.digits(10), passes).replace(/^(....)(....)(....)$/, '$1 $2 $3');
export const wrong = (random) => wrongLast(random, valid(random));
