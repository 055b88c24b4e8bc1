import fc from 'fast-check';
import { canonicalText } from '../../src/approvals/canonical.js';
import { canonicalNumber } from '../../src/approvals/decimal.js';
import type { JsonValue } from '../../src/domain/index.js';
import { readJson } from '../../src/protocol/index.js';
import { readCases } from './calls.js';

const canonical = (json: string) => {
  const document = readJson(Buffer.from(json));
  return canonicalText(document, document.root);
};

test.each(readCases<{ why: string; json: string; canonical: string }>('canonical.json'))('$why', (given) => {
  expect(canonical(given.json)).toBe(given.canonical);
  expect(canonical(given.canonical)).toBe(given.canonical);
});

test.each(readCases<{ why: string; numbers: Record<string, string> }>('numbers.json'))(
  '$why',
  ({ numbers }) => {
    for (const [literal, expected] of Object.entries(numbers)) {
      expect(canonicalNumber(literal)).toBe(expected);
      expect(canonicalNumber(expected)).toBe(expected);
    }
  },
);

/** RFC 8785 in its plainest form, for values that JavaScript holds exactly. */
function plain(value: JsonValue): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(plain).join()}]`;
  const members = Object.entries(value as Record<string, JsonValue>).sort(([one], [other]) =>
    one < other ? -1 : 1,
  );
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${plain(member)}`).join()}}`;
}

test('any value: as RFC 8785 has it, whatever the white space', () => {
  fc.assert(
    fc.property(fc.json({ stringUnit: 'grapheme' }), fc.constantFrom('', ' ', '\t\n'), (json, space) => {
      const value = JSON.parse(json) as JsonValue;
      expect(canonical(JSON.stringify(value, undefined, space))).toBe(plain(value));
    }),
  );
});

test('integers of any size: one text for each value', () => {
  fc.assert(
    fc.property(fc.bigInt(), fc.bigInt({ min: -3n, max: 3n }), (integer, difference) => {
      const same = canonical(`${integer}`) === canonical(`${integer + difference}.0`);
      expect(same).toBe(difference === 0n);
    }),
  );
});

test('depth costs no call stack, width no arguments', () => {
  const deep = '['.repeat(1_000) + ']'.repeat(1_000);
  expect(canonical(deep)).toBe(deep);
  const wide = `[${'0,'.repeat(300_000)}0]`;
  expect(canonical(wide)).toBe(wide);
});

test('long numbers take linear time', () => {
  const started = performance.now();
  expect(canonicalNumber(`1${'0'.repeat(1_000_000)}1`)).toHaveLength(1_000_004);
  expect(canonicalNumber(`1e${'9'.repeat(100_000)}`)).toHaveLength(100_002);
  expect(performance.now() - started).toBeLessThan(2_000);
});
