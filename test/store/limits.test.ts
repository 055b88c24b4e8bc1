import { createLimits, type Granted, type Limits } from '../../src/limits/index.js';
import { RATE } from '../limits/memory.js';
import { freshPath, open } from './stores.js';

const FIFTY = { ...RATE, amount: 1, per_seconds: 1_000_000, burst: 50 };
const START = 1_800_000_000_000;

async function grantedOf(takings: Promise<{ outcome: string }>[]): Promise<number> {
  return (await Promise.all(takings)).filter(({ outcome }) => outcome === 'granted').length;
}

function manyOf({ take }: Limits, count: number): Promise<{ outcome: string }>[] {
  return Array.from({ length: count }, () => take([FIFTY]));
}

test('of 200 calls at once through two connections to one file, as many pass as there is room for', async () => {
  const path = freshPath();
  // One after the other: two connections of one process would wait for each other's lock in vain.
  const [one, other] = [await open(path), await open(path)];
  const first = await grantedOf(manyOf(createLimits({ store: one.limits }), 30));
  const second = await grantedOf(manyOf(createLimits({ store: other.limits }), 170));
  expect([first, second]).toEqual([30, 20]);
  const all = await open();
  expect(await grantedOf(manyOf(createLimits({ store: all.limits }), 200))).toBe(50);
});

test('counts outlive the store that was closed, to the millionth', async () => {
  const path = freshPath();
  const limit = { ...FIFTY, kind: 'quota' as const, amount: 1_000_000_000, burst: 1_000_000_000 };
  const before = await open(path);
  await createLimits({ store: before.limits, now: () => START }).take([
    { ...limit, cost: 123_456_789.123457 },
  ]);
  const { limits } = await open(path);
  const { take, giveBack } = createLimits({ store: limits, now: () => START });
  const taking = (await take([{ ...limit, cost: 0.000001 }])) as Granted;
  expect(taking.counted).toMatchObject([{ room: 876_543_210.876542 }]);
  await giveBack(taking);
  expect((await take([{ ...limit, cost: 0 }])).counted).toMatchObject([{ room: 876_543_210.876543 }]);
});

test('what a change throws keeps nothing', async () => {
  const { limits } = await open();
  const change = () => {
    throw new Error('changed my mind');
  };
  await expect(limits.update(['a'], change)).rejects.toThrow('changed my mind');
  expect(
    await limits.update(['a'], (counts) => ({ result: counts.size, counts: new Map(), forgettable: 0 })),
  ).toBe(0);
});

test('counts that say nothing any more are forgotten, more than are added, and no others', async () => {
  const { limits } = await open();
  const keep = (digests: string[], forgetAt: number, forgettable = 0) =>
    limits.update([], () => ({
      result: undefined,
      counts: new Map(digests.map((digest) => [digest, { spent: 1, countedAt: 1, forgetAt }])),
      forgettable,
    }));
  const found = (digests: string[]) =>
    limits.update(digests, (counts) => ({
      result: [...counts.keys()],
      counts: new Map(),
      forgettable: 1e15,
    }));
  const old = ['a', 'b', 'c', 'd', 'e'];
  await keep(old, 1_000);
  await keep(['later'], 1_001);
  await keep(['new'], 9_999, 999);
  expect(await found(old)).toEqual(old);
  await keep(['new'], 9_999, 1_000);
  expect(await found(old)).toHaveLength(3);
  await keep(['new', 'newer'], 9_999, 1_000);
  expect(await found([...old, 'later', 'new', 'newer'])).toEqual(['later', 'new', 'newer']);
});

test('a bucket that is full again is kept for an hour, then forgotten', async () => {
  const { limits } = await open();
  let now = START;
  const { take } = createLimits({ store: limits, now: () => now });
  const digests: string[] = [];
  const seen = createLimits({
    store: {
      update: (asked, change) => {
        digests.push(...asked);
        return limits.update(asked, change);
      },
    },
    now: () => now,
  });
  await seen.take([{ ...RATE, key: 'old' }]);
  const isKept = () =>
    limits.update(digests, ({ size }) => ({ result: size === 1, counts: new Map(), forgettable: 0 }));
  now = START + 6_000 + 3_599_999;
  await take([RATE]);
  expect(await isKept()).toBe(true);
  now += 1;
  await take([RATE]);
  expect(await isKept()).toBe(false);
});
