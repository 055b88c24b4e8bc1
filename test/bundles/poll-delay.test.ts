import { pollDelay } from '../../src/bundles/poll-delay.js';

const POLL = { minDelayMilliseconds: 1000, maxDelayMilliseconds: 3000 };

test.each([
  ['the least, while all is well', 0, 0, 1000],
  ['half way, while all is well', 0, 0.5, 2000],
  ['100 ms after the first error', 1, 0.5, 100],
  ['1.6 times as long after the next', 2, 0.5, 160],
  ['20 % less', 1, 0, 80],
  ['20 % more', 1, 1, 120],
  ['no more than the larger bound', 30, 0.5, 3000],
  ['no more, however long it lasts', 100_000, 0.5, 3000],
])('%s', (_, errors, random, expected) => {
  expect(pollDelay(POLL, errors, random)).toBeCloseTo(expected);
});
