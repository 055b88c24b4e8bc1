import { mod, wrongLast } from '../numbers.mjs';

export const hasChecksum = true;
export const isTelling = true;
export const isGrouped = true;
export const words = ['NIR', 'numéro de sécurité sociale', 'insee'];

export function valid(random) {
  const [year, month] = random.day();
  const body = `${random.int(1, 2)}${year.slice(2)}${month}${random.int(10, 95)}${random.digits(6)}`;
  return body + String(97 - mod(body, 97)).padStart(2, '0');
}

export const wrong = (random) => wrongLast(random, valid(random));
