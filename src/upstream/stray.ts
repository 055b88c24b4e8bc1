import { createHash } from 'node:crypto';
import type { StrayEvent } from '../domain/index.js';
import { type Envelope, literalAt, type Request } from './envelope.js';
import { OWN_ERROR, ownError } from './own-error.js';

/** Makes a stray message durable in the audit; rejects where that cannot be. */
export type RecordStray = (event: StrayEvent) => Promise<unknown>;

const LONGEST_METHOD = 200;
/** With more events than this on their way to the audit, nothing more is read from the server that causes them. */
const MOST_UNRECORDED = 100;

/** What the audit is told of a message that concerns nobody for certain. */
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

/** What a request of the server's is answered in place of a client, and what the audit is told of it before. */
export interface Refusal {
  readonly event: StrayEvent;
  readonly answer: Buffer;
}

/** How a request is answered that no client may be asked. */
export function refusalOf(upstream: string, text: Buffer, request: Request): Refusal {
  const isPing = request.method === 'ping';
  const answer = isPing
    ? Buffer.from(`{"jsonrpc":"2.0","id":${literalAt(text, request.id)},"result":{}}`)
    : ownError({ text, id: request.id }, OWN_ERROR.METHOD_NOT_FOUND, 'this client can be asked nothing now');
  return { event: strayEvent(upstream, text, request, isPing ? 'answered' : 'refused'), answer };
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
