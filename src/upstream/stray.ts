import { createHash } from 'node:crypto';
import type { StrayEvent } from '../domain/index.js';
import type { Envelope } from './envelope.js';

/** Makes a stray message durable in the audit; rejects where that cannot be. */
export type RecordStray = (event: StrayEvent) => Promise<unknown>;

const LONGEST_METHOD = 200;
/** With more events than this on their way to the audit, nothing more is read from the server that causes them. */
const MOST_UNRECORDED = 100;

/** What the audit is told of a message that concerns no session for certain. */
export function strayEvent(
  upstream: string,
  text: Buffer,
  { method, id }: Envelope,
  outcome: StrayEvent['outcome'],
): StrayEvent {
  const kind = method === undefined ? 'response' : id === undefined ? 'notification' : 'request';
  return {
    type: 'stray',
    upstream,
    kind,
    ...(method !== undefined && { method: method.slice(0, LONGEST_METHOD) }),
    outcome,
    message_digest: `sha256:${createHash('sha256').update(text).digest('hex')}`,
  };
}

/** Records strays no faster than the audit takes them: a server that floods it would stop everybody else's messages. */
export class StrayRecorder {
  readonly #record: RecordStray;
  readonly #onFull: (full: boolean) => void;
  #unrecorded = 0;

  /** @param onFull - told when nothing more should be read, and when it may be again */
  constructor(record: RecordStray, onFull: (full: boolean) => void) {
    this.#record = record;
    this.#onFull = onFull;
  }

  /** Resolves when it is durable. */
  async record(event: StrayEvent): Promise<void> {
    this.#count(1);
    try {
      await this.#record(event);
    } finally {
      this.#count(-1);
    }
  }

  #count(more: 1 | -1): void {
    const wasFull = this.#unrecorded >= MOST_UNRECORDED;
    this.#unrecorded += more;
    const isFull = this.#unrecorded >= MOST_UNRECORDED;
    if (isFull !== wasFull) this.#onFull(isFull);
  }
}
