import { setTimeout as delay } from 'node:timers/promises';
import type { RevisionStore } from './store.js';

/** Somebody who has a revision of a channel and waits for another one. */
export interface Waiter {
  readonly bundle: string;
  readonly channel: string;
  /** Digest of the revision that they have. */
  readonly digest: string;
  readonly milliseconds: number;
  /** Aborted when they leave. */
  readonly left: AbortSignal;
  /** Asked at intervals; once it says no, the wait is over. */
  readonly isServed: () => boolean;
}

/** Those who wait for what is published next. */
export interface RevisionWatch {
  /**
   * Returns when another revision may be the current one, the time is up, or nobody waits any more; after a moment
   * where as many wait as may.
   */
  wait(waiter: Waiter): Promise<void>;
  /** Has those released who wait for another revision than the current one; to be called when that has changed. */
  look(bundle: string, channel: string): Promise<void>;
}

/** What waiting may cost. */
export interface WatchLimits {
  readonly waiters: number;
  /** How long others are kept, who would else, if they are OPAs, ask again without a pause. */
  readonly crowdedMilliseconds: number;
  /** How often is looked for what another process has published. */
  readonly lookMilliseconds: number;
}

const LIMITS: WatchLimits = { waiters: 1000, crowdedMilliseconds: 1000, lookMilliseconds: 250 };

interface Waiting {
  readonly waiter: Waiter;
  readonly release: () => void;
}

/**
 * Watches those channels that somebody waits for. Besides being told, it looks at intervals what is current in them,
 * once for all who wait: the store may be shared with another process, and be on a network, whose file systems report
 * no changes.
 */
export function watchRevisions(
  { current }: Pick<RevisionStore, 'current'>,
  { waiters: most, crowdedMilliseconds, lookMilliseconds }: WatchLimits = LIMITS,
): RevisionWatch {
  const queues = new Map<string, Set<Waiting>>();
  let count = 0;

  async function look(bundle: string, channel: string): Promise<void> {
    // Where that cannot be told, all are released, and ask themselves for their answer.
    const digest = await current(bundle, channel).then(
      (revision) => revision?.digest,
      () => undefined,
    );
    for (const { waiter, release } of queues.get(keyOf(bundle, channel)) ?? []) {
      if (waiter.digest !== digest || !waiter.isServed()) release();
    }
  }

  async function keepLooking({ bundle, channel }: Waiter, queue: ReadonlySet<Waiting>): Promise<void> {
    while (queue.size > 0) {
      // Who waits has a connection open, which keeps the process alive; this must not.
      await delay(lookMilliseconds, undefined, { ref: false });
      await look(bundle, channel);
    }
    queues.delete(keyOf(bundle, channel));
  }

  function queueOf(key: string): Set<Waiting> {
    const known = queues.get(key);
    if (known !== undefined) return known;
    const queue = new Set<Waiting>();
    queues.set(key, queue);
    return queue;
  }

  return {
    look,
    wait(waiter) {
      const { bundle, channel, milliseconds, left, isServed } = waiter;
      if (left.aborted || !isServed()) return Promise.resolve();
      if (count >= most) return delay(Math.min(crowdedMilliseconds, milliseconds), undefined, { ref: false });
      return new Promise((resolve) => {
        const key = keyOf(bundle, channel);
        const isWatched = queues.has(key);
        const queue = queueOf(key);
        const release = () => {
          if (!queue.delete(waiting)) return;
          count -= 1;
          clearTimeout(timer);
          left.removeEventListener('abort', release);
          resolve();
        };
        const waiting = { waiter, release };
        const timer = setTimeout(release, milliseconds);
        left.addEventListener('abort', release);
        queue.add(waiting);
        count += 1;
        if (!isWatched) void keepLooking(waiter, queue);
      });
    },
  };
}

/** Neither name can hold a slash. */
function keyOf(bundle: string, channel: string): string {
  return `${bundle}/${channel}`;
}
