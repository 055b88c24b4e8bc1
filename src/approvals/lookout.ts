import type { ApprovalStore } from './store.js';
import type { ApprovalSummary } from './summary.js';

/** Votes that other processes take in are known at most this late. */
const LOOK_EVERY_MILLISECONDS = 500;
/** How many changes are read at once. */
const READ_AT_ONCE = 200;
type Listener = (approval: ApprovalSummary) => void;

/** Nobody waits any more, since the gateway stops: the approval stays as it is. */
export class WaitingEnded extends Error {
  constructor() {
    super('the gateway stops, and nobody waits here any more');
  }
}

export interface LookoutOptions {
  readonly store: Pick<ApprovalStore, 'find' | 'lastChange' | 'changedAfter'>;
  /** Finds out, and records, what expired meanwhile. */
  readonly expireDue: () => Promise<void>;
  readonly lookEveryMilliseconds?: number;
  /** Hears of the first of several failures in a row to look at the store; whoever waits goes on waiting. */
  readonly failed?: (thrown: unknown) => void;
}

/** Reads each change once and tells all listeners. */
export class Lookout {
  readonly #options: LookoutOptions;
  readonly #listeners = new Map<Listener, (ended: WaitingEnded) => void>();
  /** The number of the last change that was told of; undefined while nobody listens. */
  #mark: Promise<number> | undefined;
  #looking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #again = false;
  #failing = false;
  #closed = false;

  constructor(options: LookoutOptions) {
    this.#options = options;
  }

  /** @returns what ends it */
  listen(listener: Listener, ended: (why: WaitingEnded) => void): () => void {
    if (this.#closed) {
      ended(new WaitingEnded());
      return () => undefined;
    }
    this.#listeners.set(listener, ended);
    // Whether it can be read is for whoever waits for it, and for the next look.
    this.#since().catch(() => undefined);
    this.#schedule();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearTimeout(this.#timer);
      this.#mark = undefined;
    };
  }

  /** Resolves when every change from then on will be told of. */
  async begun(): Promise<void> {
    await this.#since();
  }

  now(): void {
    if (this.#listeners.size === 0) return;
    if (this.#looking !== undefined) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#looking = this.#look().finally(() => {
      this.#looking = undefined;
      if (this.#again) this.now();
      else this.#schedule();
    });
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    const why = new WaitingEnded();
    for (const ended of [...this.#listeners.values()]) ended(why);
    this.#listeners.clear();
  }

  #schedule(): void {
    if (this.#listeners.size === 0 || this.#looking !== undefined) return;
    clearTimeout(this.#timer);
    const every = this.#options.lookEveryMilliseconds ?? LOOK_EVERY_MILLISECONDS;
    this.#timer = setTimeout(() => this.now(), every);
    this.#timer.unref(); // whoever waits keeps the process alive, not this
  }

  /** The mark is read when the first listener comes, so that what was before is told to nobody. */
  #since(): Promise<number> {
    if (this.#mark === undefined) {
      const mark = this.#options.store.lastChange();
      this.#mark = mark;
      mark.catch(() => {
        if (this.#mark === mark) this.#mark = undefined;
      });
    }
    return this.#mark;
  }

  async #look(): Promise<void> {
    this.#again = false;
    try {
      await this.#since();
      await this.#options.expireDue();
      while (await this.#readSome());
      this.#failing = false;
    } catch (thrown) {
      if (!this.#failing) this.#options.failed?.(thrown);
      this.#failing = true;
    }
  }

  /** @returns whether there may be more */
  async #readSome(): Promise<boolean> {
    const since = this.#mark;
    if (since === undefined) return false; // nobody listens any more
    const changed = await this.#options.store.changedAfter(await since, READ_AT_ONCE);
    if (this.#mark !== since) return true; // those who left are followed by others, who hear of nothing before them
    const last = changed.at(-1);
    if (last === undefined) return false;
    this.#mark = Promise.resolve(last.change);
    for (const { approval } of changed) {
      for (const listener of [...this.#listeners.keys()]) listener(approval);
    }
    return changed.length === READ_AT_ONCE;
  }
}
