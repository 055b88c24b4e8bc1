import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Finding, MaskObligation } from '../../src/domain/index.js';
import { carryOut, findSensitive, MaskingError } from '../../src/masking/index.js';
import { decisionWith, documentOf, HASH_KEY, masked } from './messages.js';

interface MaskCase {
  why: string;
  document: string;
  mask: MaskObligation[];
  /** The exact text; `HASH(value)` stands for the value's keyed hash. */
  expected: string;
  counts: number[];
}

function cases<Case>(name: string): Case[] {
  return JSON.parse(
    readFileSync(new URL(`../cases/masking/${name}.json`, import.meta.url), 'utf8'),
  ) as Case[];
}

function withHashes(expected: string): string {
  return expected.replaceAll(/HASH\((.+?)\)/g, (_all, value: string) => {
    return `hash:${createHmac('sha256', HASH_KEY).update(value).digest('hex').slice(0, 32)}`;
  });
}

describe.each(['paths', 'strategies', 'consistency', 'readings'])('%s', (name) => {
  test.each(cases<MaskCase>(name))('$why', ({ document, mask, expected, counts }) => {
    const result = masked(document, mask);
    expect(result.text).toBe(withHashes(expected));
    expect(result.counts).toEqual(counts);
    expect(result.isSameBuffer).toBe(counts.every((count) => count === 0));
    expect(() => JSON.parse(result.text) as unknown).not.toThrow();
  });
});

describe('findings', () => {
  test.each(cases<{ why: string; document: string; findings: Finding[] }>('findings'))(
    '$why',
    ({ document, findings }) => {
      expect(findSensitive(documentOf(document))).toEqual(findings);
    },
  );

  test('as masks they lead to what was found', () => {
    const text = '{"x@a.org":{"4111111111111111":"y@a.org"},"l":[{"q":"z@a.org","u@a.org":0}]}';
    const mask = findSensitive(documentOf(text)).map(
      ({ path, detector }): MaskObligation => ({ path, with: 'redact', match: { detector } }),
    );
    expect(findSensitive(documentOf(masked(text, mask).text))).toEqual([]);
  });
});

describe('very many findings', () => {
  const masksFor = (text: string) =>
    findSensitive(documentOf(text)).map(
      ({ path, detector }): MaskObligation => ({ path, with: 'redact', match: { detector } }),
    );

  test('that differ only in indices become one for each kind of place', () => {
    const rows = Array.from({ length: 10_000 }, (_, index) => ({ mail: `p${index}@a.org`, 'x@a.org': 1 }));
    const text = JSON.stringify({ rows });
    expect(findSensitive(documentOf(text))).toEqual([
      { path: '/rows/*/mail', detector: 'email', count: 10_000 },
      { path: '/rows/*/*', detector: 'email', count: 10_000 },
    ]);
    expect(findSensitive(documentOf(masked(text, masksFor(text)).text))).toEqual([]);
  });

  test('that differ in names become one for each detector', () => {
    const rows = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [`n${index}`, `p${index}@a.org`]),
    );
    const text = JSON.stringify({ rows });
    expect(findSensitive(documentOf(text))).toEqual([{ path: '/**', detector: 'email', count: 300 }]);
    expect(findSensitive(documentOf(masked(text, masksFor(text)).text))).toEqual([]);
  });
});

describe('refusals', () => {
  test.each(cases<{ why: string; mask: MaskObligation[]; code: string }>('refusals'))(
    '$why',
    ({ mask, code }) => {
      const attempt = () => carryOut(documentOf('{"a":"b"}'), decisionWith(mask), { hashKey: HASH_KEY });
      expect(attempt).toThrow(MaskingError);
      expect(attempt).toThrow(expect.objectContaining({ code }));
    },
  );

  test('a pattern that takes the square of the text', () => {
    const text = JSON.stringify({ a: 'a'.repeat(500_000) });
    const mask: MaskObligation[] = [{ path: '/a', with: 'redact', match: { pattern: 'a.*b|a' } }];
    expect(() => masked(text, mask)).toThrow(expect.objectContaining({ code: 'pattern_timeout' }));
  });
});

test('without masks the bytes are the document’s own', () => {
  const document = documentOf('{"a":1}');
  const decision = decisionWith([]);
  const obliged = carryOut(document, decision, { hashKey: HASH_KEY });
  expect(obliged.bytes).toBe(document.bytes);
  expect(obliged).toMatchObject({ document, decision, masked: [] });
});

describe('large messages take no more than linear time', () => {
  const rows = Array.from({ length: 9_000 }, (_, index) => ({
    id: index,
    mail: `person${index}@example.com`,
    note: 'nothing to say "here" really',
  }));
  const twin = { text: JSON.stringify(rows), rows };
  const runs = (length: number) => ({ value: `${'a'.repeat(length)}b`, text: 'a'.repeat(1_000_000) });
  const deep = JSON.parse(`${'['.repeat(150)}"${'x'.repeat(500_000)}"${']'.repeat(150)}`) as unknown;

  test.each([
    ['fifty values', twin, Array.from({ length: 50 }, (_, index) => `/rows/${index * 7}/mail`)],
    ['nine thousand values', twin, ['/rows/*/mail']],
    ['all values of a table', twin, ['/rows/*']],
    ['a long value that almost stands everywhere', runs(100_000), ['/value']],
    ['a value that overlaps itself everywhere', { value: 'aaaa', text: 'a'.repeat(1_000_000) }, ['/value']],
    ['all of a deep nesting', { deep }, ['/deep/**']],
  ])('%s', (_why, message, paths) => {
    const text = JSON.stringify(message);
    const began = process.cpuUsage();
    const { counts } = masked(
      text,
      paths.map((path) => ({ path, with: 'redact' as const })),
    );
    const { user, system } = process.cpuUsage(began);
    expect((user + system) / 1e6).toBeLessThan(15); // far above what is taken; what is quadratic takes minutes
    expect(counts.every((count) => count > 0)).toBe(true);
  });
});
