import { readFileSync } from 'node:fs';
import { locateOpa } from '../../src/bundles/opa.js';

/** A policy on which OPA's WebAssembly once said something else than OPA, or might. */
interface Case {
  readonly why: string;
  /** Lines of Rego that make a rule `r@`, where `@` stands for a number. */
  readonly rules: readonly string[];
}

interface Comparison {
  readonly index: number;
  readonly expected: string;
  readonly got: string;
}

interface Difference {
  readonly seed: number;
  readonly rules: string;
  readonly expected: string;
  readonly got: string;
}

interface Differential {
  compare(rules: readonly ((number: string) => string)[], opa: string): Promise<Comparison[]>;
  differences(
    seed: number,
    opa: string,
    goOn: (compared: number) => boolean,
  ): Promise<{ compared: number; found: Difference[] }>;
}

const FIRST_SEED = 1;
/** A few seconds' worth; `npm run fuzz:engine` goes on for as long as is asked. */
const BATCHES = 6;

const cases: readonly Case[] = JSON.parse(
  readFileSync(new URL('../cases/policy/differential.json', import.meta.url), 'utf8'),
);
const load = (file: string) => import(new URL(`differential/${file}`, import.meta.url).href);
const { compare }: Pick<Differential, 'compare'> = await load('compare.mjs');
const { differences }: Pick<Differential, 'differences'> = await load('differences.mjs');

describe('the engine says what OPA says', () => {
  let comparisons: Map<number, Comparison>;
  beforeAll(async () => {
    const rules = cases.map((one) => (number: string) => one.rules.join('\n').replaceAll('@', number));
    comparisons = new Map((await compare(rules, await locateOpa())).map((one) => [one.index, one]));
  });
  test.each(cases.map(({ why }, index) => [why, index] as const))('%s', (_why, index) => {
    const { expected, got } = comparisons.get(index) ?? {};
    expect(expected).toBeDefined();
    expect(got?.replace(/^error.*/s, 'error')).toBe(expected?.replace(/^error.*/s, 'error'));
  });
});

test('random policies have the answers that OPA gives', async () => {
  let batches = 0;
  const { compared, found } = await differences(FIRST_SEED, await locateOpa(), () => {
    batches += 1;
    return batches < BATCHES;
  });
  expect(found).toEqual([]);
  expect(compared).toBeGreaterThan(400);
}, 120_000);
