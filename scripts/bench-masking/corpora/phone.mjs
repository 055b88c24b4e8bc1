const PLANS = [
  (random) =>
    `+1 ${random.pick(['212', '415', '305', '617'])} ${random.pick(['236', '448', '757'])} ${random.digits(4)}`,
  (random) => `+49 ${random.pick(['170', '171'])} ${random.int(1000000, 9999999)}`,
  (random) => `+44 7${random.pick(['400', '401', '402'])} ${random.digits(6)}`,
  (random) => `+33 6 1${random.digits(1)} ${random.digits(2)} ${random.digits(2)} ${random.digits(2)}`,
  (random) => `+91 98${random.digits(3)}-${random.digits(5)}`,
  (random) => `0049 30 ${random.int(200000, 999999)}`,
];

export const hasChecksum = false;
export const isTelling = true;
export const words = ['phone', 'mobile', 'telephone number'];
export const valid = (random) => random.pick(PLANS)(random);
/** Beside a word, whatever has as many digits as a number is taken for one. */
export const wrong = (random) =>
  random.pick([
    `+${random.digits(3)}`,
    `${random.int(1, 9)}.${random.digits(2)}.${random.digits(1)}`,
    random.day(2015, 2024).join('-'),
    `${random.digits(2)}:${random.digits(2)}`,
  ]);
