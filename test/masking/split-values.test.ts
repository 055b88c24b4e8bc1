import { findSensitive } from '../../src/masking/index.js';
import { fill } from './fill.js';
import { documentOf, masked } from './messages.js';

/** A key that looks whole, and what it goes on with. */
const KEY = fill(`sk_${'live'}_{{base62:24}}`);
const REST = fill('{{base62:22}}');

const content = (...texts: string[]) =>
  JSON.stringify({ content: texts.map((text) => ({ type: 'text', text })) });
const textsOf = (json: string) =>
  (JSON.parse(json) as { content: { text: string }[] }).content.map(({ text }) => text);
const hide = (text: string, detector: string) =>
  textsOf(masked(text, [{ path: '/**', with: { literal: '#' }, match: { detector } }]).text);

describe('a key that looks whole where it only begins', () => {
  test.each([
    ['two parts', [`key ${KEY}`, `${REST} it is`], ['key #', '# it is']],
    ['three parts', [`key ${KEY}`, REST.slice(0, 9), `${REST.slice(9)} it is`], ['key #', '#', ' it is']],
    ['two parts that are keys', [KEY, KEY], ['#', '#']],
  ])('in %s, none of it stays', (_why, texts, expected) => {
    expect(hide(content(...texts), 'api_key')).toEqual(expected);
  });

  test('is found in each of them, once', () => {
    const found = findSensitive(documentOf(content(`key ${KEY}`, REST)));
    expect(found.filter(({ detector }) => detector === 'api_key')).toEqual(
      [0, 1].map((part) => ({ path: `/content/${part}/text`, detector: 'api_key', count: 1 })),
    );
  });
});

test.each([
  ['Alice', 'alice@example.com', ['Alice', '#']],
  ['alice@example.com', 'Thanks', ['#', 'Thanks']],
])('what stands beside an address is no part of it: %s, %s', (one, other, expected) => {
  expect(hide(content(one, other), 'email')).toEqual(expected);
});
