import { readFileSync } from 'node:fs';
import { readStatusReport } from '../../src/bundles/fleet/report.js';

interface Case {
  readonly name: string;
  readonly why: string;
  readonly status: unknown;
  readonly report?: object;
  /** A word of the error, where it is refused. */
  readonly refused?: string;
}

const CASES: Case[] = JSON.parse(
  readFileSync(new URL('../cases/bundles/fleet-reports.json', import.meta.url), 'utf8'),
);
const read = (status: unknown) => readStatusReport(Buffer.from(JSON.stringify(status)));

test.each(CASES)('$name: $why', ({ status, report, refused }) => {
  if (refused === undefined) {
    expect(read(status)).toEqual(report);
    return;
  }
  expect(() => read(status)).toThrow(
    expect.objectContaining({ code: 'report_malformed', message: expect.stringContaining(refused) }),
  );
});

test.each([
  ['half a text', Buffer.from('{"labels":')],
  ['no UTF-8', Buffer.from('{"labels":{"id":"\xff"}}', 'latin1')],
])('%s is no report', (_, body) => {
  expect(() => readStatusReport(body)).toThrow(expect.objectContaining({ code: 'report_malformed' }));
});

const many = (count: number, value: unknown) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`b${index}`, value]));

test.each([['100 bundles', 100, 101]])('%s are read and no more', (_, most, tooMany) => {
  expect(read({ labels: { id: 'g' }, bundles: many(most, {}) }).bundles).toHaveLength(most);
  expect(() => read({ labels: { id: 'g' }, bundles: many(tooMany, {}) })).toThrow('100');
});

test('texts are bounded: a message is cut, all others are refused', () => {
  const long = 'x'.repeat(4097);
  const bundle = (status: object) => ({ labels: { id: 'g' }, bundles: { b: status } });
  expect(() => read(bundle({ active_revision: long }))).toThrow('4096');
  expect(() => read({ labels: { id: 'g', region: long } })).toThrow('4096');
  expect(() => read({ labels: { id: 'g' }, bundles: { [long]: {} } })).toThrow('4096');
  const [told] = read(bundle({ code: 'c', message: long })).bundles;
  expect(told?.message).toBe(`${'x'.repeat(499)}…`);
});

test('a member named __proto__ is a name like any other', () => {
  const body = '{"labels":{"id":"g","__proto__":"x"},"bundles":{"__proto__":{"active_revision":"r"}}}';
  const report = readStatusReport(Buffer.from(body));
  expect(Object.entries(report.labels)).toEqual([['__proto__', 'x']]);
  expect(report.bundles).toEqual([{ name: '__proto__', revision: 'r' }]);
});
