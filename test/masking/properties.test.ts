import fc from 'fast-check';
import { masked } from './messages.js';

/** Never part of the random rest of a document. */
const SECRET = fc
  .array(fc.constantFrom(...'abc"\\/\n é王😀{}:,'), { minLength: 4, maxLength: 10 })
  .map((characters) => `ζ${characters.join('')}ξ`);
const DIGITS = '98765432109';

/**
 * Documents with places for a secret: `<n>` where it stands inside n string literals, `<#n>` where digits stand as a
 * number inside n string literals. Other text is ASCII without those signs, so that escaping it leaves the places be.
 */
const WORD = fc.array(fc.constantFrom(...'abcde \t"\\/1-'), { maxLength: 8 }).map((signs) => signs.join(''));
const SPACE = fc.constantFrom('', '', ' ', '\n  ', '\t');
const NUMBER = fc.constantFrom('0', '-1', '1.50', '2e+3', '12345678901234567890123', '0.1000');

function textAt(level: number): fc.Arbitrary<string> {
  return fc
    .array(fc.oneof(WORD, fc.constant(`<${level + 1}>`)), { maxLength: 4 })
    .map((parts) => JSON.stringify(parts.join(' ')));
}

function stringAt(level: number): fc.Arbitrary<string> {
  if (level === 2) return textAt(level);
  const jsonText = containerAt(level + 1, 1).map((json) => JSON.stringify(json));
  return fc.oneof({ weight: 4, arbitrary: textAt(level) }, { weight: 1, arbitrary: jsonText });
}

function valueAt(level: number, depth: number): fc.Arbitrary<string> {
  // What is a number inside JSON text inside JSON text becomes text without quotes: not JSON, but masked.
  const digits = level < 2 ? [`<#${level}>`] : [];
  const scalar = fc.oneof(stringAt(level), NUMBER, fc.constantFrom('true', 'false', 'null', ...digits));
  return depth === 0 ? scalar : fc.oneof(scalar, containerAt(level, depth - 1));
}

function containerAt(level: number, depth: number): fc.Arbitrary<string> {
  const below = valueAt(level, depth);
  const elements = fc.array(fc.tuple(SPACE, below, SPACE), { maxLength: 4 });
  const members = fc.array(fc.tuple(SPACE, textAt(level), SPACE, below), { maxLength: 4 });
  return fc.oneof(
    elements.map((all) => `[${all.map((parts) => parts.join('')).join(',')}]`),
    // The index before each name keeps names apart.
    members.map(
      (all) =>
        `{${all.map(([before, name, after, value], index) => {
          return `${before}"${index}${name.slice(1)}${after}:${value}`;
        })}}`,
    ),
  );
}

function escaped(text: string, level: number, style: number): string {
  let result = text;
  for (let round = 0; round < level; round++) {
    result = JSON.stringify(result).slice(1, -1);
    if ((style >> round) % 2 === 1) result = result.replaceAll(/[^\x20-\x7e]/g, unicodeEscape);
  }
  return result;
}

function unicodeEscape(unit: string): string {
  return [...Array(unit.length).keys()]
    .map((at) => `\\u${unit.charCodeAt(at).toString(16).padStart(4, '0')}`)
    .join('');
}

/** Every string that can be had from a JSON value, also from JSON text within its strings. */
function allStrings(value: unknown): string[] {
  if (typeof value === 'string') {
    try {
      return [value, ...allStrings(JSON.parse(value))];
    } catch {
      return [value]; // no JSON text
    }
  }
  if (typeof value !== 'object' || value === null) return [String(value)];
  return Object.entries(value).flatMap(([name, below]) => [name, ...allStrings(below)]);
}

test.each([
  ['redact', '[redacted]'],
  ['remove', ''],
  ['fake', ''],
  [{ literal: 'it is "nothing" \\ at all' }, 'it is "nothing" \\ at all'],
] as const)(
  'a secret masked by %j disappears wherever it stands, and nothing else changes',
  (how, instead) => {
    const property = fc.property(SECRET, valueAt(0, 3), fc.nat(7), (secret, body, style) => {
      const template = `{"first":[<#0>,"<1>"],"body":${body},"last" : "<1>"}`;
      const message = template
        .replaceAll(/<(\d)>/g, (_all, level) => escaped(secret, Number(level), style))
        .replaceAll(/<#(\d)>/g, DIGITS);
      const expected = template
        .replaceAll(/<(\d)>/g, (_all, level) => escaped(instead, Number(level), 0))
        .replaceAll(/<#(\d)>/g, (_all, level) => escaped(JSON.stringify(instead), Number(level), 0));
      const mask = [
        { path: '/first/0', with: how },
        { path: '/first/1', with: how },
      ];
      const { text } = masked(message, mask);

      for (const found of [text, ...allStrings(JSON.parse(text))]) {
        expect(found).not.toContain(secret);
        expect(found).not.toContain(DIGITS);
      }
      if (how === 'redact') expect(text).toBe(expected);
    });
    fc.assert(property, { numRuns: 400 });
  },
);

test('a mask that finds nothing leaves the buffer', () => {
  const property = fc.property(valueAt(0, 3), (body) => {
    const message = `{"body":${body.replaceAll(/<#?\d>/g, '7')}}`;
    const mask = [
      { path: '/nowhere/**', with: 'redact' },
      { path: '/**', with: 'redact', match: { detector: 'email' } },
      { path: '/**', with: 'redact', match: { pattern: 'ζ' } },
    ] as const;
    expect(masked(message, mask)).toEqual({ text: message, counts: [0, 0, 0], isSameBuffer: true });
  });
  fc.assert(property);
});

test('removed members and elements leave exactly the others', () => {
  const children = fc.array(fc.tuple(SPACE, fc.boolean(), SPACE), { maxLength: 8 });
  const property = fc.property(children, fc.boolean(), (spaced, inObject) => {
    const entries = spaced.map(([before, , after], index) => {
      return `${before}${inObject ? `"n${index}"${after}:` : ''}${index}${after}`;
    });
    const message = inObject ? `{"c":{${entries.join(',')}}}` : `{"c":[${entries.join(',')}]}`;
    const mask = spaced.flatMap(([, removed], index) => {
      return removed ? [{ path: `/c/${inObject ? `n${index}` : index}`, with: 'remove' } as const] : [];
    });
    const kept = [...spaced.keys()].filter((index) => spaced[index]?.[1] === false);
    const { c } = JSON.parse(masked(message, mask).text) as { c: number[] };
    expect(Object.values(c)).toEqual(kept);
  });
  fc.assert(property, { numRuns: 300 });
});

test('many overlapping values are all covered, and nothing beside them', () => {
  const over = (minLength: number, maxLength: number) =>
    fc.array(fc.constantFrom('x', 'y'), { minLength, maxLength }).map((letters) => letters.join(''));
  const property = fc.property(
    fc.array(over(4, 9), { minLength: 1, maxLength: 12 }),
    over(0, 60),
    (values, text) => {
      const mask = [{ path: '/v/*', with: 'redact' } as const];
      const result = JSON.parse(masked(JSON.stringify({ v: values, text }), mask).text) as { text: string };
      expect(result.text).toBe(coverNaively(text, values));
    },
  );
  fc.assert(property, { numRuns: 500 });
});

/** Replaces each stretch of overlapping occurrences, found one by one. */
function coverNaively(text: string, values: readonly string[]): string {
  const spans = values
    .flatMap((value) =>
      [...text].flatMap((_sign, at) =>
        text.startsWith(value, at) ? [[at, at + value.length] as const] : [],
      ),
    )
    .sort(([one], [other]) => one - other);
  let result = '';
  let past = 0;
  let open = 0;
  for (const [start, end] of spans) {
    if (start >= open) {
      result += `${text.slice(past, start)}[redacted]`;
    }
    open = Math.max(open, end);
    past = open;
  }
  return result + text.slice(past);
}
