import type { Approval } from './approval.js';
import { refuse } from './errors.js';
import { Lookout, type LookoutOptions } from './lookout.js';
import type { ApprovalSummary } from './summary.js';

/** A reader that is behind by more approvals than this is no longer served. */
const MOST_UNREAD = 1_000;

/** Who waits for approvals, and is told of what becomes of them in whichever process. */
export interface Waiting {
  /**
   * Resolves as soon as an approval is no longer pending.
   *
   * @throws {ApprovalsError} `not_found`
   * @throws {WaitingEnded} after `close`; the signal's reason where that is aborted; what the store throws at first
   */
  settled(id: string, signal: AbortSignal): Promise<Approval>;
  /**
   * Each approval that is changed from now on, as it then is; of several changes while nobody reads, the last. It ends
   * with the signal, after `close`, and where its reader is too slow.
   */
  changes(signal: AbortSignal): AsyncIterable<ApprovalSummary>;
  /** Looks at once, since this process has changed something. */
  told(): void;
  /** Sends home whoever waits, and whoever comes. */
  close(): void;
}

/** The store is looked at only while somebody waits, by one query for all of them. */
export function createWaiting(options: LookoutOptions): Waiting {
  const look = new Lookout(options);

  async function settled(id: string, signal: AbortSignal): Promise<Approval> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = withResolvers<void>();
    const leave = look.listen((approval) => {
      if (approval.id === id && approval.state !== 'pending') resolve();
    }, reject);
    const aborted = () => reject(signal.reason);
    signal.addEventListener('abort', aborted, { once: true });
    try {
      const already = await Promise.race([promise, settledAlready(id)]);
      if (already !== undefined) return already;
      await promise;
      return await find(id);
    } finally {
      leave();
      signal.removeEventListener('abort', aborted);
    }
  }

  /** Looked for after the listener is there, so that nothing falls between. */
  async function settledAlready(id: string): Promise<Approval | undefined> {
    await look.begun();
    const approval = await find(id);
    return approval.state === 'pending' ? undefined : approval;
  }

  async function find(id: string): Promise<Approval> {
    const approval = await options.store.find(id);
    if (approval === undefined) throw refuse('not_found', 'there is no approval of that id');
    return approval;
  }

  return {
    settled,
    changes: (signal) => changesOf(look, signal),
    told: () => look.now(),
    close: () => look.close(),
  };
}

async function* changesOf(look: Lookout, signal: AbortSignal): AsyncGenerator<ApprovalSummary> {
  const unread = new Map<string, ApprovalSummary>();
  let over = signal.aborted;
  let wake: () => void = () => undefined;
  const end = () => {
    over = true;
    wake();
  };
  const leave = look.listen((approval) => {
    unread.delete(approval.id); // the last change comes last
    unread.set(approval.id, approval);
    if (unread.size > MOST_UNREAD) end();
    else wake();
  }, end);
  signal.addEventListener('abort', end, { once: true });
  try {
    await look.begun();
    while (!over) {
      const [next] = unread.values();
      if (next === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      } else {
        unread.delete(next.id);
        yield next;
      }
    }
  } finally {
    leave();
    signal.removeEventListener('abort', end);
  }
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<T>((fulfil, fail) => {
    resolve = fulfil;
    reject = fail;
  });
  return { promise, resolve, reject };
}
