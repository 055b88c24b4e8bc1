import { NAMED } from '../surroundings.mjs';

export const hasChecksum = false;
export const ways = NAMED;
export const words = ['street', 'street address', 'address line', 'billing address'];
export const valid = (random) =>
  random.pick([
    `${random.int(1, 99)} Main St, Springfield`,
    `Hauptstraße ${random.int(1, 99)}`,
    `Calle Mayor ${random.int(1, 99)}`,
  ]);
export const wrong = (random) =>
  random.pick(['null', 'unknown', random.digits(6), `https://example.com/${random.hex(4)}`, 'a@example.com']);
