import { setTimeout as delay } from 'node:timers/promises';
import { describeThrown } from '../domain/index.js';
import type { Approvals } from './approvals.js';
import type { ApprovalsLog } from './desk.js';
import type { ApprovalStore } from './store.js';

const LOOK_EVERY_MILLISECONDS = 3_600_000;
/** How many are deleted in one transaction, for which everybody else waits: each may be half a megabyte. */
const AT_ONCE = 50;
/** Between two transactions. */
const REST_MILLISECONDS = 50;

export interface RetentionOptions {
  readonly store: Pick<ApprovalStore, 'forget'>;
  readonly approvals: Pick<Approvals, 'passTime'>;
  /** For so long what is decided is kept. */
  readonly keepMilliseconds: number;
  readonly log: ApprovalsLog;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly now?: () => number;
  readonly lookEveryMilliseconds?: number;
}

/** Deletes what was decided long ago, in the background; the audit goes on saying what became of it. */
export interface Retention {
  start(): void;
  /** Resolves when nothing is deleted any more. */
  close(): Promise<void>;
}

export function createRetention(options: RetentionOptions): Retention {
  const { store, approvals, keepMilliseconds, log, now = Date.now } = options;
  const { lookEveryMilliseconds = LOOK_EVERY_MILLISECONDS } = options;
  const closing = new AbortController();
  const { signal } = closing;
  let running: Promise<void> = Promise.resolve();

  async function forgetOld(): Promise<void> {
    await approvals.passTime();
    const before = new Date(now() - keepMilliseconds).toISOString();
    while (!signal.aborted && (await store.forget(before, AT_ONCE)) === AT_ONCE)
      await rest(REST_MILLISECONDS);
  }

  /** Cut short when it is closed. */
  async function rest(milliseconds: number): Promise<void> {
    await delay(milliseconds, undefined, { signal, ref: false }).catch(() => undefined);
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      await forgetOld().catch((thrown: unknown) => {
        if (!signal.aborted) log.error('old approvals cannot be deleted', { detail: describeThrown(thrown) });
      });
      await rest(lookEveryMilliseconds);
    }
  }

  return {
    start() {
      running = run();
    },
    async close() {
      closing.abort();
      await running;
    },
  };
}
