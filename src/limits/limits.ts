import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LimitObligation } from '../domain/index.js';
import { type Counted, countedAs } from './counted.js';
import { overloaded, uncounted } from './errors.js';
import { type Granted, Ledger, type OverLimit } from './ledger.js';
import type { LimitStore } from './store.js';

/** Calls that may wait to be counted; more are refused. */
const QUEUE_LIMIT = 10_000;
/** Calls that are counted together at most, so that none waits behind an endless transaction. */
const GROUP_LIMIT = 1_000;
/** How long a count is kept beyond its time, so that a clock put forward by mistake, and back, makes none forgotten. */
const KEPT_MILLISECONDS = 3_600_000;

/** What calls count, over all gateways that share a store. */
export interface Limits {
  /**
   * Counts a call under all its limits or, where one has too little room, under none. Of calls at once, in whichever
   * process, no more are granted than there is room for. It is in the store when this resolves.
   *
   * @throws {LimitsError} `limits_unavailable`, `limits_overloaded`; the call may not pass then
   */
  take(limits: readonly LimitObligation[]): Promise<Granted | OverLimit>;
  /**
   * Takes back what a call counted that did not run after all.
   *
   * @throws {LimitsError} as `take`; what it counted stays then
   */
  giveBack(granted: Granted): Promise<void>;
}

/** Something to be done with counts when their transaction comes; `done` tells it when that is over. */
interface Waiting {
  readonly digests: readonly string[];
  readonly work: (ledger: Ledger, now: number) => () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Limits that are counted in groups, as the audit writes: all calls of one turn of the event loop, and all that come
 * while a transaction runs, share the next one, each seeing what those before it left.
 *
 * @param options `now` is the clock, in milliseconds since 1970-01-01T00:00:00Z
 */
export function createLimits(options: { readonly store: LimitStore; readonly now?: () => number }): Limits {
  const { store, now = Date.now } = options;
  const waiting: Waiting[] = [];
  let isCounting = false;

  async function countAll(): Promise<void> {
    isCounting = true;
    while (waiting.length > 0) {
      await nextTurn();
      await countGroup(store, now, waiting.splice(0, GROUP_LIMIT));
    }
    isCounting = false;
  }

  function inTransaction<Result>(
    digests: readonly string[],
    work: (ledger: Ledger, now: number) => Result,
  ): Promise<Result> {
    if (waiting.length >= QUEUE_LIMIT) return Promise.reject(overloaded(waiting.length));
    return new Promise((resolve, reject) => {
      waiting.push({
        digests,
        reject,
        work(ledger, time) {
          const result = work(ledger, time);
          return () => resolve(result);
        },
      });
      if (!isCounting) void countAll();
    });
  }

  return {
    take(limits) {
      const counted: readonly Counted[] = limits.map(countedAs);
      return inTransaction(digestsOf(counted), (ledger, time) => ledger.take(counted, time));
    },
    async giveBack({ taken }) {
      if (taken.length > 0)
        await inTransaction(digestsOf(taken), (ledger, time) => ledger.giveBack(taken, time));
    },
  };
}

/** Counts one group and tells each of it what came of it; never rejects. */
async function countGroup(store: LimitStore, now: () => number, group: readonly Waiting[]): Promise<void> {
  const digests = [...new Set(group.flatMap((one) => one.digests))];
  try {
    const done = await store.update(digests, (counts) => {
      const ledger = new Ledger(counts);
      const time = now();
      const result = group.map(({ work }) => work(ledger, time));
      return { result, counts: ledger.changed, forgettable: time - KEPT_MILLISECONDS };
    });
    for (const tell of done) tell();
  } catch (thrown) {
    const reason = uncounted(thrown);
    for (const { reject } of group) reject(reason);
  }
}

function digestsOf(counted: readonly { readonly digest: string }[]): string[] {
  return counted.map(({ digest }) => digest);
}
