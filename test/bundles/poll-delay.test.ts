import { pollDelay } from '../../src/bundles/poll-delay.js';

const POLL = { minDelayMilliseconds: 1000, maxDelayMilliseconds: 3000, longPollingSeconds: 30 };
const PLAIN = { errorsInRow: 0, willWait: false, waitedInVain: false, tookMilliseconds: 50 };
const LONG = { ...PLAIN, willWait: true };

test.each([
  ['the least, while all is well', PLAIN, 0, 1000],
  ['half way, while all is well', PLAIN, 0.5, 2000],
  ['as long after a poll that took long', { ...PLAIN, tookMilliseconds: 10_000 }, 0.5, 2000],
  ['100 ms after the first error', { ...PLAIN, errorsInRow: 1 }, 0.5, 100],
  ['1.6 times as long after the next', { ...PLAIN, errorsInRow: 2 }, 0.5, 160],
  ['20 % less', { ...PLAIN, errorsInRow: 1 }, 0, 80],
  ['20 % more', { ...PLAIN, errorsInRow: 1 }, 1, 120],
  ['no more than the larger bound', { ...PLAIN, errorsInRow: 30 }, 0.5, 3000],
  ['no more, however long it lasts', { ...PLAIN, errorsInRow: 100_000 }, 0.5, 3000],
  ['as after any error where long polls were possible', { ...LONG, errorsInRow: 1 }, 0.5, 100],
  ['none after a long poll', { ...LONG, waitedInVain: true, tookMilliseconds: 30_000 }, 0.5, 0],
  ['none after one that brought something', { ...LONG, tookMilliseconds: 400 }, 0.5, 0],
  ['a little where that came at once', LONG, 0.5, 200],
  ['that of a plain poll where the server does not wait', { ...LONG, waitedInVain: true }, 0.5, 1950],
])('%s', (_, polls, random, expected) => {
  expect(pollDelay(POLL, polls, random)).toBeCloseTo(expected);
});

test('long polling is never slower than the configured delay', () => {
  const quick = { ...POLL, minDelayMilliseconds: 100, maxDelayMilliseconds: 100 };
  expect(pollDelay(quick, LONG, 0.5)).toBe(50);
});
