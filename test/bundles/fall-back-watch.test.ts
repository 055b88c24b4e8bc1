import { readFileSync } from 'node:fs';
import { jest } from '@jest/globals';
import { type FallBackRule, type FallBackWatch, watchForFallBack } from '../../src/bundles/index.js';
import type { Revision } from '../../src/domain/index.js';

/** So many decisions about a principal's messages, of which so many fail, the last ones. */
type Calls = readonly [principal: string, decisions: number, failures: number];
interface Case {
  readonly name: string;
  readonly why: string;
  readonly before: readonly Calls[];
  readonly after: readonly Calls[];
  /** With how much was fallen back; missing where it was not. */
  readonly expected?: { readonly failures: number; readonly decisions: number };
}

const cases: Case[] = JSON.parse(
  readFileSync(new URL('../cases/bundles/fall-back.json', import.meta.url), 'utf8'),
);
const RULE: FallBackRule = { enabled: true, watchMilliseconds: 60_000, failures: 10, percent: 5 };
const [ONE, TWO, THREE] = ['1', '2', '3'].map(
  (revision): Revision => ({ bundle: 'policy', revision, digest: `sha256:${revision}` }),
) as [Revision, Revision, Revision];

let watch: FallBackWatch;
let went: object[];
beforeEach(() => {
  jest.useFakeTimers();
  went = [];
});
afterEach(() => {
  watch.close();
  jest.useRealTimers();
});

function decide(revision: Revision, ...calls: readonly Calls[]): void {
  for (const [principal, decisions, failures] of calls) {
    for (let at = 0; at < decisions; at += 1) {
      watch.decided({ revision, principal, failed: at >= decisions - failures });
    }
  }
}

function bring(revision: Revision, bundle = 'policy', isDone = true): void {
  watch.inForce(revision);
  watch.begin(bundle, async (seen) => {
    went.push({ bundle, ...seen });
    return isDone;
  });
}

const FINE: readonly Calls[] = [
  ['a', 50, 0],
  ['b', 50, 0],
];
const BAD: readonly Calls[] = [
  ['a', 20, 20],
  ['b', 20, 20],
];

test.each(cases)('$name', ({ before, after, expected }) => {
  watch = watchForFallBack(RULE);
  watch.inForce(ONE);
  decide(ONE, ...before);
  bring(TWO);
  decide(TWO, ...after);
  expect(went).toEqual(expected === undefined ? [] : [{ bundle: 'policy', ...expected }]);
});

test('where it is not enabled nothing is counted', () => {
  watch = watchForFallBack({ ...RULE, enabled: false });
  bring(TWO);
  decide(TWO, ...BAD);
  expect(went).toEqual([]);
});

test('what was pinned before says nothing of the new one', () => {
  watch = watchForFallBack(RULE);
  watch.inForce(ONE);
  bring(TWO);
  decide(ONE, ...BAD);
  expect(went).toEqual([]);
});

test('after its time a bundle is watched no more', () => {
  watch = watchForFallBack(RULE);
  watch.inForce(ONE);
  bring(TWO);
  jest.advanceTimersByTime(60_001);
  decide(TWO, ...BAD);
  expect(went).toEqual([]);
});

test('what was long before is not compared with', () => {
  watch = watchForFallBack(RULE);
  watch.inForce(ONE);
  decide(ONE, ...BAD);
  jest.advanceTimersByTime(120_000);
  decide(ONE, ...FINE);
  bring(TWO);
  decide(TWO, ...BAD);
  expect(went).toHaveLength(1);
});

test('it is asked for once', () => {
  watch = watchForFallBack(RULE);
  watch.inForce(ONE);
  bring(TWO);
  decide(TWO, ...BAD, ...BAD);
  expect(went).toHaveLength(1);
});

test('where that did not succeed it is asked for again, after as many more', async () => {
  watch = watchForFallBack(RULE);
  watch.inForce(ONE);
  bring(TWO, 'policy', false);
  decide(TWO, ['a', 5, 5], ['b', 5, 5]);
  await Promise.resolve();
  decide(TWO, ['a', 5, 5], ['b', 4, 4]);
  expect(went).toHaveLength(1);
  decide(TWO, ['a', 1, 1]);
  expect(went).toHaveLength(2);
});

test('data that comes meanwhile is not blamed for the policy', () => {
  watch = watchForFallBack(RULE);
  watch.inForce(ONE);
  decide(ONE, ...FINE);
  bring(TWO);
  decide(TWO, ['a', 4, 4]);
  bring(THREE, 'roles');
  decide(THREE, ['a', 10, 10], ['b', 10, 10]);
  expect(went).toEqual([{ bundle: 'policy', failures: 15, decisions: 15 }]);
});

test('the one that came last is blamed first, and the other is then seen anew', async () => {
  watch = watchForFallBack(RULE);
  watch.inForce(ONE);
  decide(ONE, ...FINE);
  bring(TWO);
  decide(TWO, ...FINE);
  bring(THREE, 'roles');
  decide(THREE, ...BAD, ...BAD);
  expect(went).toEqual([{ bundle: 'roles', failures: 21, decisions: 21 }]);
  await Promise.resolve();
  watch.inForce(TWO);
  decide(TWO, ...FINE);
  expect(went).toHaveLength(1);
  decide(TWO, ...BAD);
  expect(went).toHaveLength(2);
});
