import { wrongLast } from '../numbers.mjs';

export const hasChecksum = true;
export const isTelling = true;
export const isGrouped = true;
export const words = ['CNPJ', 'cnpj', 'pessoa jurídica'];

export function valid(random) {
  let digits = `${random.digits(8)}0001`;
  for (const length of [12, 13]) {
    const rest =
      [...digits].reduce((sum, digit, index) => sum + Number(digit) * (((length - 1 - index) % 8) + 2), 0) %
      11;
    digits += rest < 2 ? 0 : 11 - rest;
  }
  return digits.replace(/^(..)(...)(...)(....)(..)$/, '$1.$2.$3/$4-$5');
}

export const wrong = (random) => wrongLast(random, valid(random));
