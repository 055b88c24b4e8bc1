import type { UpstreamError } from './errors.js';
import { EventStream } from './event-stream.js';

/** How an answer began: with the answer itself, or with something that comes before it. */
export type Begun =
  | { readonly shape: 'json'; readonly message: Buffer }
  | { readonly shape: 'events'; readonly stream: EventStream };

/** The HTTP answer to one request, from the moment it was asked until it was answered or nobody waits any more. */
export class Reply {
  /** Settles with the first message; rejects where it fails before. */
  readonly begun: Promise<Begun>;
  readonly #onFull: (full: boolean) => void;
  readonly #onDone: () => void;
  #resolve: ((begun: Begun) => void) | undefined;
  #reject: ((why: UpstreamError) => void) | undefined;
  #stream: EventStream | undefined;
  #live = true;

  /**
   * @param on.full - told when more waits to be read than should, and when it no longer does
   * @param on.done - told once, when nothing is left to read or nobody is left to read it
   */
  constructor(on: { readonly full: (full: boolean) => void; readonly done: () => void }) {
    this.#onFull = on.full;
    this.#onDone = on.done;
    this.begun = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Whether somebody waits for messages. */
  get live(): boolean {
    return this.#live;
  }

  /** Passes a message that comes before the answer. */
  pass(message: Buffer): void {
    if (!this.#live) return;
    if (this.#stream === undefined) {
      this.#stream = new EventStream({ full: this.#onFull, close: () => this.#end() });
      this.#resolve?.({ shape: 'events', stream: this.#stream });
    }
    this.#stream.push(message);
  }

  /** Passes the answer, after which nothing comes. */
  answer(message: Buffer): void {
    if (!this.#live) return;
    this.#live = false;
    if (this.#stream === undefined) {
      this.#resolve?.({ shape: 'json', message });
      this.#onDone();
      return;
    }
    this.#stream.push(message);
    this.#stream.end();
  }

  /** There will be no answer. */
  fail(why: UpstreamError): void {
    if (!this.#live) return;
    this.#live = false;
    if (this.#stream === undefined) {
      this.#reject?.(why);
      this.#onDone();
      return;
    }
    this.#stream.end(why);
  }

  /** The caller of a reply that has begun is gone. */
  abandon(): void {
    this.#stream?.close();
  }

  #end(): void {
    this.#live = false;
    this.#onDone();
  }
}
