import fc from 'fast-check';
import { readJson } from '../../src/protocol/index.js';

/** Names that are easily mistaken for one another by their bytes. */
const name = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'ab',
    '',
    'é',
    'Ã©',
    'ã',
    '\n',
    '\\n',
    '\\u0061',
    '"',
    '\u0000',
    '😀',
    '__proto__',
  ),
  fc.string({ unit: 'grapheme', maxLength: 3 }),
);

function escaped(text: string): string {
  const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
  return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')}"`;
}

test('a member is found by its name, however that was written', () => {
  const names = fc.uniqueArray(name, { maxLength: 6 });
  fc.assert(
    fc.property(
      names,
      fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
      name,
      (keys, escapes, wanted) => {
        const members = keys.map((key, at) => `${escapes[at] ? escaped(key) : JSON.stringify(key)}:${at}`);
        const document = readJson(Buffer.from(`{${members.join(', ')}}`));
        for (const key of [...keys, wanted]) {
          const found = document.member(document.root, key);
          expect(found === undefined ? -1 : document.value(found)).toBe(keys.indexOf(key));
        }
      },
    ),
    { numRuns: 2_000 },
  );
});

test('each escape stands for its character', () => {
  const key = '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00Af\\uD83D\\ude00😀"';
  const document = readJson(Buffer.from(`{${key}: 1}`));
  expect(document.member(document.root, JSON.parse(key))).toBeDefined();
  expect(document.member(document.root, `${JSON.parse(key)}x`)).toBeUndefined();
  expect(document.member(document.root, JSON.parse(key).slice(0, -2))).toBeUndefined();
});

test('what is no object has no members', () => {
  for (const text of ['["a"]', '"a"', '1', 'null']) {
    const document = readJson(Buffer.from(text));
    expect(document.member(document.root, 'a')).toBeUndefined();
  }
});
