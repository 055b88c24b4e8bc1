import fc from 'fast-check';
import type { LimitObligation } from '../../src/domain/index.js';
import { limitsAt, QUOTA, RATE } from './memory.js';

const START = 1_800_000_000_000;
const CENTS = 100;

/** Amounts as decimals write them, with up to six places. */
const AMOUNT = fc
  .tuple(fc.integer({ min: 1, max: 1_000_000 }), fc.constantFrom(1, 100, 10_000, 1_000_000))
  .map(([whole, divisor]) => whole / divisor);
const PERIOD = fc.constantFrom(1, 3, 60, 86_400, 31_622_400);
/** No `fc.double`, which is next to nothing most of the time. */
const SHARE = fc.integer({ min: 0, max: 1_200 }).map((thousandths) => thousandths / 1_000);
/** How much time passes before a call, in milliseconds, and how much of the burst it asks for. */
const CALLS = fc.array(
  fc.record({
    passed: fc.oneof(
      fc.constant(0),
      fc.integer({ min: -60_000, max: 60_000 }),
      fc.integer({ max: 400_000_000, min: 0 }),
    ),
    share: SHARE,
  }),
  { minLength: 1, maxLength: 30 },
);

const BUCKET = fc
  .record({ amount: AMOUNT, burst: AMOUNT, per_seconds: PERIOD })
  .map((terms): LimitObligation => ({ ...RATE, ...terms }));

/** A cost of which no double knows every digit, as whole millionths. */
function costOf(share: number, most: number): number {
  return Math.round(share * most * 1e6) / 1e6;
}

test('whatever is asked for when, no time grants more than the burst and what flows back in it', async () => {
  await fc.assert(
    fc.asyncProperty(BUCKET, CALLS, async (limit, calls) => {
      const { take, clock } = limitsAt(START);
      const granted: { readonly at: number; readonly cost: number }[] = [];
      for (const { passed, share } of calls) {
        clock.time += passed;
        const cost = costOf(share, limit.burst);
        const taking = await take([{ ...limit, cost }]);
        // The limit's clock is that of what it counted last, and never goes back.
        const at = Math.max(clock.time, granted.at(-1)?.at ?? 0);
        if (taking.outcome === 'granted' && cost > 0) granted.push({ at, cost });
      }
      const perMilliseconds = BigInt(limit.per_seconds * 1000);
      for (const [index, { at: from }] of granted.entries()) {
        let sum = 0n;
        for (const { at, cost } of granted.slice(index)) {
          sum += millionths(cost);
          const flowed = millionths(limit.amount) * BigInt(at - from);
          expect(sum * perMilliseconds <= millionths(limit.burst) * perMilliseconds + flowed).toBe(true);
        }
      }
    }),
    { numRuns: 300 },
  );
});

function millionths(amount: number): bigint {
  return BigInt(Math.round(amount * 1e6));
}

test('who waits as long as was said passes, and who waits less does not', async () => {
  const limits = fc.oneof(
    BUCKET,
    BUCKET.map((limit): LimitObligation => ({ ...limit, kind: 'quota', burst: limit.amount })),
  );
  await fc.assert(
    fc.asyncProperty(limits, CALLS, async (limit, calls) => {
      const { take, clock } = limitsAt(START);
      for (const { passed, share } of calls) {
        clock.time += passed;
        const asked = { ...limit, cost: costOf(share, limit.burst) };
        const taking = await take([asked]);
        if (taking.outcome === 'granted') continue;
        const wait = taking.retryAfterMilliseconds;
        if (asked.cost > limit.burst) expect(wait).toBeUndefined();
        // Some would have to wait longer than clocks go.
        if (wait === undefined || wait > 1e15) continue;
        const now = clock.time;
        clock.time = now + wait - 1;
        expect((await take([asked])).outcome).toBe('over_limit');
        clock.time = now + wait;
        expect((await take([asked])).outcome).toBe('granted');
      }
    }),
    { numRuns: 300 },
  );
});

test('costs in decimals that add up to the quota all pass, and then nothing does', async () => {
  const cents = fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(cents, async (costs) => {
      const { take } = limitsAt(START);
      const amount = costs.reduce((sum, cost) => sum + cost, 0) / CENTS;
      const limit = { ...QUOTA, amount, burst: amount };
      for (const cost of costs)
        expect((await take([{ ...limit, cost: cost / CENTS }])).outcome).toBe('granted');
      expect((await take([{ ...limit, cost: 0.000001 }])).outcome).toBe('over_limit');
    }),
    { numRuns: 100 },
  );
});

test('a window of a quota counts its amount and no more', async () => {
  await fc.assert(
    fc.asyncProperty(AMOUNT, PERIOD, CALLS, async (amount, per_seconds, calls) => {
      const { take, clock } = limitsAt(START);
      const windows = new Map<number, number>();
      let latest = 0;
      for (const { passed, share } of calls) {
        clock.time += passed;
        const cost = costOf(share, amount);
        const { outcome } = await take([{ ...QUOTA, amount, burst: amount, per_seconds, cost }]);
        if (outcome !== 'granted') continue;
        if (cost > 0) latest = Math.max(latest, clock.time);
        const window = Math.floor(latest / (per_seconds * 1000));
        windows.set(window, (windows.get(window) ?? 0) + Math.round(cost * 1e6));
      }
      for (const counted of windows.values()) expect(counted).toBeLessThanOrEqual(Math.round(amount * 1e6));
    }),
    { numRuns: 300 },
  );
});

test('what is refused costs nothing', async () => {
  await fc.assert(
    fc.asyncProperty(BUCKET, CALLS, async (limit, calls) => {
      const { take, clock, store } = limitsAt(START);
      for (const { passed, share } of calls) {
        clock.time += passed;
        const before = new Map(store.counts);
        const { outcome } = await take([{ ...limit, cost: costOf(share, limit.burst) }]);
        if (outcome === 'over_limit') expect(store.counts).toEqual(before);
      }
    }),
    { numRuns: 200 },
  );
});

describe('what is given back', () => {
  const limits = fc.oneof(
    BUCKET,
    BUCKET.map((limit): LimitObligation => ({ ...limit, kind: 'quota', burst: limit.amount })),
  );
  const times = fc.tuple(fc.nat(100_000), fc.nat(100_000), fc.nat(100_000));

  test('is as if it had never been counted, where nobody else called', async () => {
    await fc.assert(
      fc.asyncProperty(limits, times, SHARE, async (limit, passed, share) => {
        const [with_, without] = [limitsAt(START), limitsAt(START)];
        const first = { ...limit, cost: costOf(share, limit.burst) };
        for (const one of [with_, without]) await one.take([first]);
        with_.clock.time = without.clock.time = START + passed[0];
        const taking = await with_.take([{ ...limit, cost: costOf(Math.abs(1 - share), limit.burst) }]);
        with_.clock.time = without.clock.time = START + passed[0] + passed[1];
        if (taking.outcome === 'granted') await with_.giveBack(taking);
        with_.clock.time = without.clock.time = START + passed[0] + passed[1] + passed[2];
        const [room, expected] = await Promise.all([with_, without].map((one) => roomOf(one, limit)));
        expect(room).toBeLessThanOrEqual(expected ?? 0);
        // Flowing back in three steps is rounded three times, to whole millionths.
        expect(room).toBeGreaterThanOrEqual((expected ?? 0) - 3e-6);
      }),
      { numRuns: 300 },
    );
  });

  test('never makes more room than if it had not been counted, whoever calls meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(limits, CALLS, CALLS, CALLS, async (limit, ...[before, between, after]) => {
        const [with_, without] = [limitsAt(START), limitsAt(START)];
        const both = async (calls: typeof before) => {
          for (const { passed, share } of calls) {
            with_.clock.time = without.clock.time = without.clock.time + Math.max(0, passed);
            const asked = { ...limit, cost: costOf(share / 5, limit.burst) };
            // Only what passes in both is the same call in both.
            const taking = await with_.take([asked]);
            if (taking.outcome === 'granted') await without.take([asked]);
          }
        };
        await both(before.slice(0, 5));
        const taking = await with_.take([{ ...limit, cost: costOf(0.5, limit.burst) }]);
        await both(between.slice(0, 5));
        if (taking.outcome === 'granted') await with_.giveBack(taking);
        await both(after.slice(0, 5));
        const [room, expected] = await Promise.all([with_, without].map((one) => roomOf(one, limit)));
        expect(room).toBeLessThanOrEqual((expected ?? 0) + 1e-5);
      }),
      { numRuns: 300 },
    );
  });

  async function roomOf(
    one: ReturnType<typeof limitsAt>,
    limit: LimitObligation,
  ): Promise<number | undefined> {
    return (await one.take([{ ...limit, cost: 0 }])).counted[0]?.room;
  }
});
