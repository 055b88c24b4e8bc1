import { BEFORE } from '../surroundings.mjs';

export const hasChecksum = false;
export const ways = BEFORE;
export const words = ['passport number', 'passport', 'Reisepass'];
export const valid = (random) =>
  random.pick([
    random.digits(9),
    random.capitals(1) + random.digits(7),
    `${random.capitals(1)}${random.digits(2)}X${random.digits(4)}`,
  ]);
export const wrong = (random) =>
  random.pick([random.digits(3), random.capitals(8), random.digits(14), 'required']);
