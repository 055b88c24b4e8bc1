import type { AuditRecord } from '../domain/index.js';
import type { AuditStore } from './store.js';

const PAGE = 500;
const POLL_MS = 200;

export interface TailOptions {
  /** Begin with what follows this sequence number; without it, with the newest records. */
  readonly after?: number;
  /** How many records to begin with. */
  readonly limit: number;
  /** Then wait for new records, until `signal` aborts. */
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Yields records oldest first, and each once. It ends after `limit` of them, or with `follow` when `signal` aborts.
 * Another process writes them, so following asks the store again and again.
 */
export async function* tail(store: AuditStore, options: TailOptions): AsyncGenerator<AuditRecord, void> {
  const { after, limit, follow = false, signal } = options;
  let position = after ?? 0;
  let page = after === undefined ? await store.last(limit) : await store.read(after, limit);
  for (;;) {
    for (const record of page) {
      yield record;
      position = record.sequence;
    }
    if (!follow) return;
    if (page.length === 0) await pause(POLL_MS, signal);
    if (signal?.aborted) return;
    page = await store.read(position, PAGE);
  }
}

/** Resolves after that many milliseconds, or at once when the signal aborts. */
function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener('abort', done);
  });
}
