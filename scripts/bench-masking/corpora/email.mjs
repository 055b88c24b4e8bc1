export const hasChecksum = false;
export const isTelling = true;
export const words = ['email', 'mail', 'contact'];
const letters = (random, from, to) => random.string(random.int(from, to), 'abcdefghijklmnopqrstuvwxyz');
export const valid = (random) =>
  `${letters(random, 4, 8)}${random.pick(['', '.', '+', '_'])}${letters(random, 2, 5)}@${letters(random, 4, 9)}.${random.pick(['com', 'org', 'de', 'co.uk', 'example'])}`;
export const wrong = (random) =>
  random.pick([
    `@${letters(random, 4, 9)}`,
    `${letters(random, 4, 9)}@${random.digits(2)}`,
    `${letters(random, 4, 9)} at ${letters(random, 4, 9)}.com`,
    `logo@2x.png`,
    `${letters(random, 4, 9)}@localhost`,
  ]);
