import { wrongLast } from '../numbers.mjs';

export const hasChecksum = true;
export const isTelling = true;
export const isGrouped = true;
export const words = ['resident ID', '身份证', 'resident identity card'];

export function valid(random) {
  const place = random.pick(['110101', '310104', '440305', '510107', '330106']);
  const body = place + random.day().join('') + random.digits(3);
  const sum = [...body].reduce((total, digit, index) => total + Number(digit) * (2 ** (17 - index) % 11), 0);
  const check = (12 - (sum % 11)) % 11;
  return body + (check === 10 ? 'X' : check);
}

export const wrong = (random) => wrongLast(random, valid(random), '0123456789X');
