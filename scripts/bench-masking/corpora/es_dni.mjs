import { wrongLast } from '../numbers.mjs';

const LETTERS = 'TRWAGMYFPDXBNJZSQVHLCKE';

export const hasChecksum = true;
export const isTelling = true;
export const isGrouped = true;
export const words = ['DNI', 'NIE', 'documento nacional de identidad'];

export function valid(random) {
  const first = random.pick(['X', 'Y', 'Z', ...'0123456789']);
  const rest = random.digits(7);
  const value = Number((/\d/.test(first) ? first : 'XYZ'.indexOf(first)) + rest);
  return first + rest + LETTERS[value % 23];
}

export const wrong = (random) => wrongLast(random, valid(random), LETTERS);
