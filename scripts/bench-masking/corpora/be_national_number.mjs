import { mod, wrongLast } from '../numbers.mjs';

export const hasChecksum = true;
export const isTelling = true;
export const isGrouped = true;
export const words = ['rijksregisternummer', 'numéro national', 'NISS'];

export function valid(random) {
  const [year, month, day] = random.day();
  const body = year.slice(2) + month + day + random.digits(3);
  const check = 97 - mod((year < '2000' ? '' : '2') + body, 97);
  return (body + String(check).padStart(2, '0')).replace(/^(..)(..)(..)(...)(..)$/, '$1.$2.$3-$4.$5');
}

export const wrong = (random) => wrongLast(random, valid(random));
