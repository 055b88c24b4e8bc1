import type { UpstreamError } from './errors.js';

/** What waits to be read of a stream before it is full. */
export const FULL_BYTES = 1024 * 1024;
const BREAK = Buffer.from('\n');

/** The body of an HTTP answer of server-sent events, one for each message; filled from one side, read from the other. */
export class EventStream implements AsyncIterable<Buffer> {
  readonly #events: Buffer[] = [];
  readonly #fullBytes: number;
  readonly #onFull: (full: boolean) => void;
  readonly #onClose: () => void;
  #bytes = 0;
  #full = false;
  #ended = false;
  #failure: UpstreamError | undefined;
  #wake: (() => void) | undefined;
  #closed = false;

  /**
   * @param on.full - told when the stream becomes full, and when it no longer is
   * @param on.close - told once, when nobody reads the stream any more
   * @param fullBytes - a stream that holds more unread bytes is full: whoever fills it should wait
   */
  constructor(
    on: { readonly full: (full: boolean) => void; readonly close: () => void },
    fullBytes = FULL_BYTES,
  ) {
    this.#fullBytes = fullBytes;
    this.#onFull = on.full;
    this.#onClose = on.close;
  }

  /** Adds a message; dropped where the stream has ended. */
  push(message: Buffer): void {
    if (this.#ended) return;
    const event = eventOf(message);
    this.#events.push(event);
    this.#count(event.byteLength);
    this.#wake?.();
  }

  /** Ends the stream after what it holds. */
  end(failure?: UpstreamError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    this.#wake?.();
  }

  /** Nobody reads it any more: what it holds is dropped. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#ended = true;
    this.#events.length = 0;
    this.#count(-this.#bytes);
    this.#wake?.();
    this.#onClose();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Buffer> {
    try {
      while (!this.#closed) {
        const event = this.#events.shift();
        if (event !== undefined) {
          this.#count(-event.byteLength);
          yield event;
        } else if (this.#failure !== undefined) throw this.#failure;
        else if (this.#ended) return;
        else
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
      }
    } finally {
      this.close();
    }
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    const full = this.#bytes > this.#fullBytes;
    if (full === this.#full) return;
    this.#full = full;
    this.#onFull(full);
  }
}

/** Writes a message as an event. Each of its lines is a data line: JSON may hold line ends between its tokens. */
function eventOf(message: Buffer): Buffer {
  const begin = Buffer.from('event: message\n');
  if (!message.includes('\n') && !message.includes('\r')) {
    return Buffer.concat([begin, Buffer.from('data: '), message, BREAK, BREAK]);
  }
  // Latin-1 keeps each byte as it is, whatever it belongs to.
  const lines = message.toString('latin1').split(/\r\n|\r|\n/);
  const data = lines.map((line) => `data: ${line}\n`).join('');
  return Buffer.concat([begin, Buffer.from(data, 'latin1'), BREAK]);
}
