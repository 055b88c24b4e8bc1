import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { JsonDocument, JsonNode, JsonValue } from '../../src/domain/index.js';
import { readJson } from '../../src/protocol/index.js';
import { bytesOf, type Given, growthOver16, LINEAR, readCases, refusalOf } from './cases.js';

const BOUNDS = { maxDepth: 1024 };
const TEXT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The value that a document's tape describes, by its nodes alone. */
function rebuilt(document: JsonDocument, node: JsonNode = document.root): JsonValue {
  const kind = document.kind(node);
  if (kind === 'object') {
    const members = [...document.members(node)];
    const names = members.map(([key]) => document.string(key));
    expect(new Set(names).size).toBe(names.length);
    return Object.fromEntries(members.map(([, value], at) => [names[at], rebuilt(document, value)]));
  }
  if (kind === 'array') return [...document.elements(node)].map((element) => rebuilt(document, element));
  if (kind === 'string') return document.string(node);
  if (kind === 'number') return Number(document.text(node));
  expect(document.text(node)).toBe(kind);
  return { true: true, false: false, null: null }[kind];
}

function parsed(bytes: Buffer): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(TEXT.decode(bytes)) };
  } catch {
    return undefined;
  }
}

/** Refused, or read as JSON.parse reads it; and what JSON.parse takes is refused only for being ambiguous. */
function mustAgreeWithParse(bytes: Buffer): void {
  const expected = parsed(bytes);
  const refusal = refusalOf(() => {
    const document = readJson(bytes, BOUNDS);
    if (expected === undefined) throw new Error('JSON.parse refuses what was read');
    if (!isDeepStrictEqual(rebuilt(document), expected.value)) throw new Error('read differently');
  });
  if (refusal !== undefined && expected !== undefined)
    expect(['duplicate_member', 'lone_surrogate', 'number_range']).toContain(refusal.code);
}

test.each(readCases('json-accepted.json'))('reads $name', (given) => {
  const bytes = bytesOf(given);
  const document = readJson(bytes, BOUNDS);
  expect(isDeepStrictEqual(rebuilt(document), JSON.parse(bytes.toString()))).toBe(true);
  expect(document.text(document.root)).toBe(bytes.toString().trim());
});

test.each(readCases<Given & { code: string; offset?: number }>('json-refused.json'))(
  'refuses $name as $code',
  (given) => {
    const refusal = refusalOf(() => readJson(bytesOf(given), BOUNDS));
    expect(refusal?.code).toBe(given.code);
    if (given.offset !== undefined) expect(refusal?.offset).toBe(given.offset);
  },
);

describe('bounds', () => {
  const nested = (depth: number) => Buffer.from('['.repeat(depth) + ']'.repeat(depth));

  test('nesting up to the bound is read, one more is refused where it opens', () => {
    expect(readJson(nested(1000)).kind(0 as JsonNode)).toBe('array');
    readJson(nested(50), { maxDepth: 50 });
    expect(refusalOf(() => readJson(nested(51), { maxDepth: 50 }))).toEqual({ code: 'too_deep', offset: 50 });
  });

  test('depth counts what is open, not what was', () => {
    readJson(Buffer.from(`[${'[{}],'.repeat(1000)}0]`), { maxDepth: 3 });
  });

  test('100,000 levels are refused at the bound, and overflow no stack where the bound lets them pass', () => {
    expect(refusalOf(() => readJson(nested(100_000)))).toEqual({ code: 'too_deep', offset: 1024 });
    const objects = Buffer.from('{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000));
    expect(readJson(objects, { maxDepth: 100_000 }).end(0 as JsonNode)).toBe(objects.length);
  });

  test('a string of 20 MB is read', () => {
    const document = readJson(Buffer.from(`"${'x'.repeat(20_000_000)}"`));
    expect(document.end(document.root)).toBe(20_000_002);
  });

  test('more than 2^30 bytes are refused before any is read', () => {
    expect(refusalOf(() => readJson(Buffer.allocUnsafeSlow(2 ** 30 + 1)))?.code).toBe('too_big');
  });

  test('a refusal says where, and nothing of what stood there', () => {
    expect(() => readJson(Buffer.from('{"secret": hunter2}'))).toThrow(
      expect.objectContaining({ message: expect.not.stringMatching(/secret|hunter/), offset: 11 }),
    );
  });
});

describe('any bytes', () => {
  /** Bytes that JSON is made of, so that random texts get far. */
  const jsonish = fc
    .array(
      fc.oneof(
        { weight: 8, arbitrary: fc.constantFrom(...'{}[]:,"\\ \n-+.0123456789eEutrflasn') },
        {
          weight: 3,
          arbitrary: fc.constantFrom(
            '{"a":',
            '"b"',
            'true',
            'null',
            '\\u0061',
            '\\ud83d',
            '\\ude00',
            '1e400',
          ),
        },
        { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 3 }) },
      ),
      { maxLength: 40 },
    )
    .map((pieces) => Buffer.from(pieces.join('')));
  const mutated = fc
    .tuple(
      fc.json({ maxDepth: 4, stringUnit: 'binary' }),
      fc.array(fc.tuple(fc.nat(), fc.nat(2), fc.oneof(jsonish, fc.uint8Array({ maxLength: 2 }))), {
        maxLength: 3,
      }),
    )
    .map(([text, edits]) =>
      edits.reduce((bytes, [where, removed, added]) => {
        const at = where % (bytes.length + 1);
        return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)]);
      }, Buffer.from(text)),
    );

  test('valid JSON is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6, stringUnit: 'binary' }), (text) => {
        const bytes = Buffer.from(text);
        expect(isDeepStrictEqual(rebuilt(readJson(bytes)), JSON.parse(text))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['random bytes', fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes))],
    ["JSON's bytes in random order", jsonish],
    ['valid JSON with a few bytes changed', mutated],
  ])('%s are refused, or read as JSON.parse reads them', (_, arbitrary) => {
    fc.assert(fc.property(arbitrary, mustAgreeWithParse), { numRuns: 3000 });
  });

  test('an object is refused exactly when two of its names are equal, however they are escaped', () => {
    const character = fc.record({
      text: fc.constantFrom('a', 'b', 'é', '😀', '/', '\u2028'),
      isEscaped: fc.boolean(),
    });
    const spelt = fc.array(character, { maxLength: 3 }).map((characters) => ({
      text: characters.map(({ text }) => text).join(''),
      spelling: characters.map(({ text, isEscaped }) => (isEscaped ? escaped(text) : text)).join(''),
    }));
    fc.assert(
      fc.property(fc.array(spelt, { maxLength: 50 }), (names) => {
        const bytes = Buffer.from(`[{${names.map(({ spelling }) => `"${spelling}":[{"a":0}]`).join()}}]`);
        const repeats = new Set(names.map(({ text }) => text)).size < names.length;
        expect(refusalOf(() => readJson(bytes))?.code).toBe(repeats ? 'duplicate_member' : undefined);
      }),
      { numRuns: 500 },
    );
  });
});

/** A character's UTF-16 units as escapes. */
const escaped = (character: string) =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');

describe('reading takes linear time', () => {
  const objectOf = (names: string[]) => Buffer.from(`{${names.map((name) => `"${name}":0`).join()}}`);
  const named = (nameOf: (at: number) => string) => (count: number) => {
    const bytes = objectOf(Array.from({ length: count }, (_, at) => nameOf(at)));
    return () => readJson(bytes);
  };
  const x = 'x'.repeat(20_000);

  test.each([
    ['an object of 100,000 names', 6_250, named((at) => `key${at}`)],
    ['names that V8 hashes as array indices', 6_250, named((at) => String(at * 2 ** 7))],
    ['names too long for V8 to hash by content', 64, named((at) => `${x}${String(at).padStart(5, '0')}`)],
    ['escaped names', 2_000, named((at) => `\\u0061${at}`)],
    [
      'objects whose names collide in their checksums',
      500,
      (count) => {
        const names = Array.from({ length: 32 }, (_, at) =>
          at.toString(2).padStart(5, '0').replaceAll('0', 'Aa').replaceAll('1', 'BB'),
        );
        const bytes = Buffer.from(`[${Array.from({ length: count }, () => objectOf(names)).join()}]`);
        return () => readJson(bytes);
      },
    ],
    [
      'nested objects',
      2_000,
      (count) => {
        const bytes = Buffer.from('{"a":1,"b":'.repeat(count) + '1' + '}'.repeat(count));
        return () => readJson(bytes, { maxDepth: count });
      },
    ],
  ] as [string, number, (size: number) => () => unknown][])('%s', (_, size, task) => {
    expect(growthOver16(task, size)).toBeLessThan(LINEAR);
  });
});
