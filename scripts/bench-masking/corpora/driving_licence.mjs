import { BEFORE } from '../surroundings.mjs';

export const hasChecksum = false;
export const ways = BEFORE;
export const words = ['driving licence', 'driver license', 'Führerschein'];
export const valid = (random) =>
  random.pick([
    random.digits(9),
    random.capitals(1) + random.digits(7),
    `${random.capitals(5)}${random.digits(6)}${random.capitals(2)}9${random.capitals(2)}`,
  ]);
export const wrong = (random) =>
  random.pick([random.digits(3), random.capitals(8), random.digits(24), 'required']);
