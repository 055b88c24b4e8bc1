import { setImmediate as nextTurn } from 'node:timers/promises';
import { type AuditEvent, AuditReceipt } from '../domain/index.js';
import { closed, commitFailed, overloaded } from './errors.js';
import type { AuditEntry, AuditStore } from './store.js';
import { mustFitSchema } from './validate.js';

/** Events that may wait for a commit; more are refused, since what they speak of has to wait as well. */
const QUEUE_LIMIT = 10_000;
/** Events that share one commit at most, so that none waits behind an endless one. */
const COMMIT_LIMIT = 1_000;
/** Characters of recorded inputs that share one commit, so that it stays small, beside one event in any case. */
const COMMIT_CHARACTERS = 16 * 1024 * 1024;

/** What happened, in order: an event's receipt is the proof that it is durable. */
export interface Audit {
  /**
   * Resolves once the event is durable.
   *
   * @throws {AuditError} `audit_unavailable` when it could not be written or the audit is closed,
   *   `audit_overloaded` when too many events wait already, `event_invalid` when it does not fit its schema. What the
   *   event speaks of must then not happen.
   */
  append(event: AuditEvent): Promise<AuditReceipt>;
  /** Takes no more events; resolves when all that were taken are written or refused. Closes no store. */
  close(): Promise<void>;
}

interface Waiting extends AuditEntry {
  readonly resolve: (receipt: AuditReceipt) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * An audit that commits in groups: a commit costs a wait for the disk, however many events it holds, so all events
 * of one turn of the event loop, and all that come while a commit runs, share the next one.
 */
export function createAudit(options: { readonly store: AuditStore; readonly now?: () => Date }): Audit {
  const { store, now = () => new Date() } = options;
  const waiting: Waiting[] = [];
  let writing: Promise<void> | undefined;
  let open = true;

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      await nextTurn();
      await commit(store, waiting.splice(0, groupLength(waiting)));
    }
    writing = undefined;
  }

  return {
    async append(event) {
      if (!open) throw closed();
      if (waiting.length >= QUEUE_LIMIT) throw overloaded(waiting.length);
      mustFitSchema(event);
      return new Promise((resolve, reject) => {
        waiting.push({ time: now().toISOString(), event, resolve, reject });
        writing ??= writeAll();
      });
    },
    async close() {
      open = false;
      await writing;
    },
  };
}

/** How many of those that wait are committed together. */
function groupLength(waiting: readonly Waiting[]): number {
  let characters = 0;
  for (const [index, { event }] of waiting.entries()) {
    if (index === COMMIT_LIMIT) return index;
    characters += event.type === 'decision' ? (event.input?.json.length ?? 0) : 0;
    if (characters > COMMIT_CHARACTERS && index > 0) return index;
  }
  return waiting.length;
}

/** Writes one group and tells each of its events how that went; never rejects. */
async function commit(store: AuditStore, group: readonly Waiting[]): Promise<void> {
  try {
    const first = await store.appendAll(group.map(({ time, event }) => ({ time, event })));
    for (const [index, { resolve }] of group.entries()) resolve(new AuditReceipt(first + index));
  } catch (thrown) {
    const reason = commitFailed(thrown);
    for (const { reject } of group) reject(reason);
  }
}
