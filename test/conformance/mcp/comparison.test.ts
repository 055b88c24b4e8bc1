import { readFileSync } from 'node:fs';

interface Check {
  readonly scenario: string;
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly why: string;
}

interface Total {
  readonly passed: number;
  readonly of: number;
}

interface ComparisonModule {
  compare(
    directly: readonly Check[],
    through: readonly Check[],
  ): { directly: Total; through: Total; lost: Check[]; notOurs: Check[] };
}

interface Case {
  readonly why: string;
  /** Checks as `id STATUS`. */
  readonly directly: readonly string[];
  readonly through: readonly string[];
  readonly totals: readonly [directly: string, through: string];
  readonly lost: readonly string[];
  readonly notOurs: readonly string[];
}

const cases: readonly Case[] = JSON.parse(
  readFileSync(new URL('comparison.cases.json', import.meta.url), 'utf8'),
);
const { compare }: ComparisonModule = await import(new URL('comparison.mjs', import.meta.url).href);

function check(text: string): Check {
  const [id = '', status = ''] = text.split(' ');
  return { scenario: 'scenario', id, name: id, status, why: '' };
}

function text({ id, status }: Check): string {
  return `${id} ${status}`;
}

test.each(cases)('$why', ({ directly, through, totals, lost, notOurs }) => {
  const comparison = compare(directly.map(check), through.map(check));
  const fractions = [comparison.directly, comparison.through].map(({ passed, of }) => `${passed} of ${of}`);
  expect(fractions).toEqual(totals);
  expect(comparison.lost.map(text)).toEqual(lost);
  expect(comparison.notOurs.map(text)).toEqual(notOurs);
});

test('checks of one id in two scenarios are two', () => {
  const other = { ...check('a FAILURE'), scenario: 'other' };
  const { lost } = compare(
    [check('a SUCCESS'), other],
    [check('a FAILURE'), { ...other, status: 'SUCCESS' }],
  );
  expect(lost.map(({ scenario }) => scenario)).toEqual(['scenario']);
});
