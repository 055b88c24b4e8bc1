export const hasChecksum = false;
export const isTelling = true;
export const words = ['mac address', 'hwaddr', 'device'];
const pairs = (random, count) => [
  '3c',
  ...Array.from({ length: count - 1 }, () => random.digits(1) + random.hex(1)),
];
export const valid = (random) => {
  const six = pairs(random, 6);
  return random.pick([six.join(':'), six.join('-'), six.join('').match(/.{4}/g).join('.')]);
};
export const wrong = (random) =>
  random.pick([
    pairs(random, 5).join(':'),
    pairs(random, 8).join(':'),
    pairs(random, 6).join(' '),
    random.hex(12),
  ]);
