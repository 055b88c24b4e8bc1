import { wrongLast } from '../numbers.mjs';

export const hasChecksum = true;
export const isTelling = true;
export const isGrouped = true;
export const words = ['CPF', 'cadastro de pessoas físicas', 'cpf'];

export function valid(random) {
  let digits = random.digits(9);
  for (const from of [10, 11]) {
    const rest = [...digits].reduce((sum, digit, index) => sum + Number(digit) * (from - index), 0) % 11;
    digits += rest < 2 ? 0 : 11 - rest;
  }
  return digits.replace(/^(...)(...)(...)(..)$/, '$1.$2.$3-$4');
}

export const wrong = (random) => wrongLast(random, valid(random));
