import { NAMED } from '../surroundings.mjs';

const FIRST = ['Alice', 'Jürgen', 'José', 'Anne-Marie', 'Daan', 'Élodie', 'Wiktoria'];
const LAST = ['Smith', 'Müller', 'García López', "O'Hara", 'van den Berg', 'Nowak'];

export const hasChecksum = false;
export const ways = NAMED;
export const words = ['first name', 'last name', 'full name', 'customer name'];
export const valid = (random) =>
  random.pick([random.pick(FIRST), `${random.pick(FIRST)} ${random.pick(LAST)}`]);
export const wrong = (random) =>
  random.pick(['null', 'unknown', random.digits(5), `user${random.digits(3)}`, `${random.hex(9)}1`]);
