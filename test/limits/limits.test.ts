import { readFileSync } from 'node:fs';
import type { LimitObligation } from '../../src/domain/index.js';
import { createLimits, type LimitStore } from '../../src/limits/index.js';
import { limitsAt, QUOTA, RATE } from './memory.js';

/** Calls under one limit, one after the other, and what becomes of each. */
interface Sequence {
  readonly why: string;
  readonly limit: Partial<LimitObligation>;
  readonly steps: readonly {
    /** Milliseconds since 1970. */
    readonly at: number;
    readonly cost?: number;
    /** Terms that differ from the sequence's. */
    readonly with?: Partial<LimitObligation>;
    /** Of a call that is over the limit: how long it is; null where it is for ever. */
    readonly over?: number | null;
    readonly room: number;
  }[];
}

const SEQUENCES = JSON.parse(readFileSync('test/cases/limits/sequences.json', 'utf8')) as Sequence[];

test.each(SEQUENCES)('$why', async ({ limit, steps }) => {
  const { take, clock } = limitsAt(0);
  for (const [index, { at, cost = 1, with: changed, over, room }] of steps.entries()) {
    clock.time = at;
    const taking = await take([{ ...RATE, burst: limit.amount ?? RATE.burst, ...limit, cost, ...changed }]);
    const granted = over === undefined;
    expect([index, taking]).toMatchObject([
      index,
      { outcome: granted ? 'granted' : 'over_limit', counted: [{ cost, room, granted }] },
    ]);
    if (taking.outcome === 'over_limit')
      expect([index, taking.retryAfterMilliseconds ?? null]).toEqual([index, over]);
  }
});

describe('several limits of one call', () => {
  const calls: LimitObligation = { ...RATE, amount: 2, burst: 2 };
  const total: LimitObligation = { ...QUOTA, amount: 100, burst: 100, cost: 40 };

  test('are all counted, or none is', async () => {
    const { take, store } = limitsAt(0);
    expect((await take([calls, total])).counted.map(({ room }) => room)).toEqual([1, 60]);
    const before = new Map(store.counts);
    expect(await take([calls, { ...total, cost: 60.01 }])).toMatchObject({
      outcome: 'over_limit',
      counted: [
        { name: 'calls', room: 0, granted: true },
        { name: 'total', room: 60, granted: false },
      ],
      over: [{ name: 'total' }],
    });
    expect(store.counts).toEqual(before);
    expect((await take([calls, total])).outcome).toBe('granted');
  });

  test('name the one first that takes the longest to have room', async () => {
    const { take } = limitsAt(0);
    await take([calls, total]);
    await take([calls, total]);
    expect(await take([calls, total])).toMatchObject({
      over: [{ name: 'total' }, { name: 'calls' }],
      retryAfterMilliseconds: 60_000,
    });
  });

  test('that are the same are counted as often as they stand there', async () => {
    const { take } = limitsAt(0);
    expect((await take([calls, calls])).counted.map(({ room }) => room)).toEqual([1, 0]);
    expect(
      (
        await take([
          { ...calls, key: 'x' },
          { ...calls, key: 'x' },
          { ...calls, key: 'x' },
        ])
      ).outcome,
    ).toBe('over_limit');
  });
});

test('of calls at once as many are granted as there is room for', async () => {
  const { take } = limitsAt(0);
  const takings = await Promise.all(
    Array.from({ length: 200 }, () => take([{ ...RATE, amount: 50, burst: 50 }])),
  );
  expect(takings.filter(({ outcome }) => outcome === 'granted')).toHaveLength(50);
});

test('where the store fails nobody passes, and the next is counted again', async () => {
  const { store } = limitsAt(0);
  let broken = true;
  const failing: LimitStore = {
    update: (digests, change) =>
      broken ? Promise.reject(new Error('no disk')) : store.update(digests, change),
  };
  const { take, giveBack } = createLimits({ store: failing });
  const takings = await Promise.allSettled([take([RATE]), take([RATE])]);
  expect(takings).toMatchObject(
    Array(2).fill({ status: 'rejected', reason: { code: 'limits_unavailable' } }),
  );
  broken = false;
  const granted = await take([RATE]);
  if (granted.outcome !== 'granted') throw new Error('there was room');
  expect(granted.counted).toMatchObject([{ room: 9 }]);
  broken = true;
  await expect(giveBack(granted)).rejects.toMatchObject({ code: 'limits_unavailable' });
});

test('more calls than may wait are refused', async () => {
  const { take } = limitsAt(0);
  const free = { ...RATE, cost: 0 };
  const takings = await Promise.allSettled(Array.from({ length: 10_001 }, () => take([free])));
  expect(takings.filter(({ status }) => status === 'rejected')).toMatchObject([
    { reason: { code: 'limits_overloaded' } },
  ]);
});
