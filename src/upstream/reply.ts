import type { UpstreamError } from './errors.js';
import { EventStream, FULL_BYTES } from './event-stream.js';

/** How an answer began: with the answers themselves, one for each request, or with something that comes before them. */
export type Begun =
  | { readonly shape: 'json'; readonly messages: readonly Buffer[] }
  | { readonly shape: 'events'; readonly stream: EventStream };

/**
 * The HTTP answer to one request or to those of a batch, from the moment that they were asked until each was answered
 * or nobody waits any more.
 */
export class Reply {
  /** Settles with all answers where nothing else comes before the last, and else with a stream; rejects where nothing came. */
  readonly begun: Promise<Begun>;
  /** The requests that are unanswered, by the key of their id. */
  readonly #waiting: Set<string>;
  readonly #mostBytes: number;
  readonly #fullBytes: number;
  readonly #onFull: (full: boolean) => void;
  readonly #onDone: () => void;
  #resolve: ((begun: Begun) => void) | undefined;
  #reject: ((why: UpstreamError) => void) | undefined;
  /** Answers that came while it was open whether more than answers would come. */
  #answers: Buffer[] = [];
  #failure: UpstreamError | undefined;
  #stream: EventStream | undefined;
  #live = true;

  /**
   * @param ids - keys of the requests' ids, at least one
   * @param mostBytes - how large an array of answers may be; a larger one comes as a stream, which its reader can slow
   * @param on.full - told when more waits to be read than should, and when it no longer does
   * @param on.done - told once, when nothing is left to read or nobody is left to read it
   * @param fullBytes - of how much that is more than should wait
   */
  constructor(
    ids: readonly string[],
    mostBytes: number,
    on: { readonly full: (full: boolean) => void; readonly done: () => void },
    fullBytes = FULL_BYTES,
  ) {
    this.#waiting = new Set(ids);
    this.#mostBytes = mostBytes;
    this.#fullBytes = fullBytes;
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

  /** Passes a message that is no answer. */
  pass(message: Buffer): void {
    if (this.#live) this.#begin().push(message);
  }

  /** Passes the answer to one of the requests; nothing comes after the last. */
  answer(id: string, message: Buffer): void {
    if (!this.#live || !this.#waiting.delete(id)) return;
    if (this.#stream === undefined) this.#collect(message);
    else this.#stream.push(message);
    if (this.#waiting.size === 0) this.#finish();
  }

  /** There will be no answer to one of the requests. */
  miss(id: string, why: UpstreamError): void {
    if (!this.#live || !this.#waiting.delete(id)) return;
    this.#failure ??= why;
    if (this.#waiting.size === 0) this.#finish();
  }

  /** There will be no answer to any request that is unanswered. */
  fail(why: UpstreamError): void {
    if (!this.#live) return;
    this.#failure ??= why;
    this.#finish();
  }

  /** Nothing comes any more, and no answer is missed: the server ended a stream that just ends. */
  end(): void {
    if (!this.#live) return;
    this.#begin().end();
    this.#live = false;
  }

  /** The caller of a reply that has begun is gone. */
  abandon(): void {
    this.#stream?.close();
  }

  #collect(answer: Buffer): void {
    this.#answers.push(answer);
    const bytes = this.#answers.reduce((sum, { byteLength }) => sum + byteLength + 1, 1);
    if (this.#answers.length > 1 && bytes > this.#mostBytes) this.#begin();
  }

  #begin(): EventStream {
    if (this.#stream !== undefined) return this.#stream;
    const stream = new EventStream({ full: this.#onFull, close: () => this.#end() }, this.#fullBytes);
    this.#stream = stream;
    for (const answer of this.#answers.splice(0)) stream.push(answer);
    this.#resolve?.({ shape: 'events', stream });
    return stream;
  }

  /** A stream can say both: what was answered, and that the rest was not. */
  #finish(): void {
    if (this.#stream !== undefined || (this.#failure !== undefined && this.#answers.length > 0)) {
      this.#begin().end(this.#failure);
      this.#live = false;
      return;
    }
    if (this.#failure === undefined) this.#resolve?.({ shape: 'json', messages: this.#answers });
    else this.#reject?.(this.#failure);
    this.#end();
  }

  #end(): void {
    this.#live = false;
    this.#onDone();
  }
}
