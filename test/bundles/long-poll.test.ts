import { preferenceFor, preferredWait } from '../../src/bundles/long-poll.js';

test.each([
  ['as OPA writes it', 'modes=snapshot,delta;wait=10', 10],
  ['as RFC 7240 does', 'respond-async, wait=100', 100],
  ['quoted', 'wait="7"', 7],
  ['with spaces and in capitals', ' Wait = 5 ', 5],
  ['the first of two', 'wait=3, wait=9', 3],
  ['none', 'modes=snapshot', 0],
  ['no header', undefined, 0],
  ['no number', 'wait=soon', 0],
  ['below zero', 'wait=-1', 0],
  ['a number beyond all measure', 'wait=99999999999999999999', 0],
  ['another preference that ends like it', 'await=5', 0],
])('the wait preferred: %s', (_, header, seconds) => {
  expect(preferredWait(header)).toBe(seconds);
});

test('what we prefer is read as it was meant', () => {
  expect(preferenceFor(0)).toBe('modes=snapshot');
  expect(preferredWait(preferenceFor(30))).toBe(30);
});
