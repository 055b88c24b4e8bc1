import type { LimitObligation } from '../../src/domain/index.js';
import { createLimits, type KeptCount, type LimitStore } from '../../src/limits/index.js';

/** A store of limits in this process's memory, in which a test can look. */
export class MemoryLimitStore implements LimitStore {
  readonly counts = new Map<string, KeptCount>();

  async update<Result>(...[digests, change]: Parameters<LimitStore['update']>): Promise<Result> {
    const found = digests.flatMap((digest) => {
      const count = this.counts.get(digest);
      return count === undefined ? [] : [[digest, count] as const];
    });
    const { result, counts } = change(new Map(found));
    for (const [digest, count] of counts) this.counts.set(digest, count);
    return result as Result;
  }
}

/** Limits of their own, with a clock that stands until a test sets it. */
export function limitsAt(time: number) {
  const store = new MemoryLimitStore();
  const clock = { time };
  return { store, clock, ...createLimits({ store, now: () => clock.time }) };
}

export const RATE: LimitObligation = {
  policy: 'test',
  name: 'calls',
  kind: 'rate',
  amount: 10,
  per_seconds: 60,
  burst: 10,
  cost: 1,
  key: 'agent',
};

export const QUOTA: LimitObligation = { ...RATE, name: 'total', kind: 'quota' };
