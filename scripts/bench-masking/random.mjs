/**
 * Numbers that look random and are the same in every run (mulberry32).
 *
 * @param {number} seed
 */
export function seeded(seed) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const random = {
    /** A whole number from `from` to `to`, both included. */
    int: (from, to) => from + Math.floor(next() * (to - from + 1)),
    pick: (from) => from[Math.floor(next() * from.length)],
    string: (length, alphabet) => Array.from({ length }, () => random.pick(alphabet)).join(''),
    digits: (length) => random.string(length, '0123456789'),
    hex: (length) => random.string(length, '0123456789abcdef'),
    capitals: (length) => random.string(length, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'),
    /** A day as year, month and day, each with leading zeros. */
    day: (first = 1930, last = 2010) => {
      const two = (number) => String(number).padStart(2, '0');
      return [String(random.int(first, last)), two(random.int(1, 12)), two(random.int(1, 28))];
    },
  };
  return random;
}
