/** What stands in messages everywhere and is nobody's: each looks like something to some detector. */
const LOOK_ALIKES = [
  (random) => `ORD-${random.digits(8)}`,
  (random) => `#${random.digits(random.int(5, 9))}`,
  (random) => `INV-2024-${random.digits(6)}`,
  (random) => `17${random.digits(8)}`,
  (random) => `17${random.digits(11)}`,
  (random) => `${random.day(2015, 2024).join('-')}T12:34:56.${random.digits(3)}Z`,
  (random) => [8, 4, 4, 4, 12].map((length) => random.hex(length)).join('-'),
  (random) => `v${random.int(0, 20)}.${random.int(0, 30)}.${random.int(0, 99)}`,
  (random) => `version ${random.int(1, 9)}.${random.int(0, 9)}.${random.int(0, 9)}.${random.int(0, 200)}`,
  (random) => random.hex(40),
  (random) => random.hex(7),
  (random) => random.hex(64),
  (random) => `0.${random.digits(16)}`,
  (random) => `${random.int(1, 999)},${random.digits(3)}.${random.digits(2)}`,
  (random) => `${random.int(10, 89)}.${random.digits(6)}, ${random.int(10, 89)}.${random.digits(6)}`,
  (random) => `978-${random.digits(1)}-${random.digits(2)}-${random.digits(6)}-${random.digits(1)}`,
  (random) => `1Z${random.capitals(3)}${random.digits(12)}`,
  (random) => `${random.capitals(3)}-${random.digits(4)}`,
  (random) => `SKU ${random.capitals(2)}${random.digits(5)}`,
  (random) => Array.from({ length: 8 }, () => random.int(1, 60)).join(' '),
  (random) => `std::${random.pick(['vector', 'deque', 'map'])}`,
  (random) => `${random.digits(2)}:${random.digits(2)}:${random.digits(2)}`,
  (random) => `logo@${random.int(2, 3)}x.png`,
  (random) => random.digits(18),
  (random) => `${random.digits(10)}-${random.digits(10)}`,
  (random) => `arn:aws:iam::${random.digits(12)}:role/reader`,
];

/** @returns {string} */
export function lookAlike(random) {
  return random.pick(LOOK_ALIKES)(random);
}
