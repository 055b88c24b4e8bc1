import { describeThrown } from '../../domain/index.js';
import type { Approvals } from '../approvals.js';
import type { ApprovalsLog } from '../desk.js';
import type { Delivery, DeliveryStore, Happening } from './store.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** What is waited after each failed try. After the one that follows the last of these it is given up. */
const DELAYS = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR];
/** By how much each delay is shorter or longer, so that what failed together does not come together again. */
const JITTER = 0.2;
/** For how long it is tried to tell of a happening. Milliseconds. */
export const TOLD_WITHIN = 24 * HOUR;
/** Longer than any try takes: whoever claimed a delivery so long ago is gone. */
const CLAIMED_FOR = MINUTE;
const LOOK_EVERY = 2 * SECOND;
const MOST_WAITING = 10_000;

/** A try that failed, in words without secrets. */
export class DeliveryFailed extends Error {
  /** For people who look at what could not be told, and for programs. */
  readonly code: string;
  /** What the receiver asked for; undefined where it did not. */
  readonly retryAfterMilliseconds: number | undefined;

  constructor(code: string, message: string, retryAfterMilliseconds?: number) {
    super(message);
    this.code = code;
    this.retryAfterMilliseconds = retryAfterMilliseconds;
  }
}

/** A way out to people, or to a program that tells them. */
export interface Door {
  /** Its name in the store: the same for all gateways that have this door. */
  readonly id: string;
  /** Its name in the log. */
  readonly name: string;
  readonly happenings: readonly Happening[];
  /** How many deliveries may be under way at once. */
  readonly atOnce: number;
  /**
   * Tells of a happening. It may be called again with one that it told of already: where a gateway was killed before
   * that was noted. It takes no longer than half a minute.
   *
   * @throws what is then the reason to try again
   */
  deliver(delivery: Delivery, signal: AbortSignal): Promise<void>;
}

export interface DeliveriesOptions {
  readonly store: DeliveryStore;
  readonly doors: readonly Door[];
  readonly approvals: Pick<Approvals, 'passTime'>;
  readonly log: ApprovalsLog;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly now?: () => number;
  readonly lookEveryMilliseconds?: number;
}

/** What became of tries, and of what could not even be tried (`dropped`). */
export type DeliveryOutcome = 'delivered' | 'failed' | 'given_up' | 'dropped';

/** Tells doors what happens to approvals, in whichever process it does: each happening at least once. */
export interface Deliveries {
  /** How often each came about in this process. */
  readonly outcomes: Readonly<Record<DeliveryOutcome, number>>;
  start(): void;
  /** Calls off what is under way, which is tried again by whoever looks next. */
  close(): Promise<void>;
}

export function createDeliveries(options: DeliveriesOptions): Deliveries {
  const outcomes = { delivered: 0, failed: 0, given_up: 0, dropped: 0 };
  const closing = new AbortController();
  const queues = options.doors.map((door) => new DoorQueue(door, options, outcomes, closing.signal));
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<unknown> = Promise.resolve();

  let timeIsKnown = true;

  // Time brings about some of what has to be told, and only if somebody looks.
  async function passTime(): Promise<void> {
    try {
      await options.approvals.passTime();
      timeIsKnown = true;
    } catch (thrown) {
      if (timeIsKnown)
        options.log.error('what time does to approvals is not known', { detail: describeThrown(thrown) });
      timeIsKnown = false;
    }
  }

  async function look(): Promise<void> {
    await passTime();
    await Promise.all(queues.map((queue) => queue.look()));
    if (closing.signal.aborted) return;
    timer = setTimeout(() => {
      looking = look();
    }, options.lookEveryMilliseconds ?? LOOK_EVERY);
  }

  return {
    outcomes,
    start() {
      looking = look();
    },
    async close() {
      closing.abort();
      clearTimeout(timer);
      await looking;
      await Promise.all(queues.map((queue) => queue.ended()));
    },
  };
}

/** The deliveries of one door, which wait for no other door. */
class DoorQueue {
  readonly #door: Door;
  readonly #options: DeliveriesOptions;
  readonly #outcomes: Record<DeliveryOutcome, number>;
  readonly #closing: AbortSignal;
  readonly #now: () => number;
  readonly #underWay = new Set<Promise<void>>();
  #isFailing = false;

  constructor(
    door: Door,
    options: DeliveriesOptions,
    outcomes: Record<DeliveryOutcome, number>,
    closing: AbortSignal,
  ) {
    this.#door = door;
    this.#options = options;
    this.#outcomes = outcomes;
    this.#closing = closing;
    this.#now = options.now ?? Date.now;
  }

  /** Begins what is due, as far as there is room. Never throws: what fails is logged once, and tried again next time. */
  async look(): Promise<void> {
    try {
      await this.#prepare();
      while (this.#underWay.size < this.#door.atOnce && (await this.#beginOne()));
      this.#isFailing = false;
    } catch (thrown) {
      if (!this.#isFailing)
        this.#error('what is to be told of approvals cannot be looked at', describeThrown(thrown));
      this.#isFailing = true;
    }
  }

  async ended(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async #prepare(): Promise<void> {
    const now = this.#now();
    const { id, happenings } = this.#door;
    const wanted = { happenings, now, since: now - TOLD_WITHIN, most: MOST_WAITING };
    const dropped = await this.#options.store.prepare(id, wanted);
    if (dropped === 0) return;
    this.#outcomes.dropped += dropped;
    this.#error(`${dropped} changes of approvals are not told: too much waits for this door`);
  }

  async #beginOne(): Promise<boolean> {
    const delivery = await this.#claim();
    if (delivery === undefined) return false;
    const work = this.#goOn(delivery).finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
    return true;
  }

  async #claim(): Promise<Delivery | undefined> {
    if (this.#closing.aborted) return undefined;
    const now = this.#now();
    return this.#options.store.claim(this.#door.id, now, now + CLAIMED_FOR);
  }

  /** Delivers one after the other while any is due. Never throws. */
  async #goOn(first: Delivery): Promise<void> {
    let delivery: Delivery | undefined = first;
    try {
      for (; delivery !== undefined; delivery = await this.#claim()) await this.#deliver(delivery);
    } catch (unnoted) {
      // It stays claimed for a while, and is then tried again.
      this.#error('what became of a delivery cannot be noted', describeThrown(unnoted), delivery);
    }
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const { store } = this.#options;
    if (this.#now() > delivery.until) return this.#giveUp(delivery, 'too_late', 'a day has passed');
    try {
      await this.#door.deliver(delivery, this.#closing);
    } catch (thrown) {
      if (this.#closing.aborted) await store.postpone(delivery, this.#now());
      else await this.#failed(delivery, thrown);
      return;
    }
    await store.end(delivery);
    this.#outcomes.delivered += 1;
  }

  async #failed(delivery: Delivery, thrown: unknown): Promise<void> {
    const { store, log } = this.#options;
    const detail = describeThrown(thrown);
    const due = this.#nextTry(delivery, thrown);
    const code = thrown instanceof DeliveryFailed ? thrown.code : 'failed';
    if (due === undefined) return this.#giveUp(delivery, code, detail);
    await store.postpone(delivery, due, code);
    this.#outcomes.failed += 1;
    log.warn('a change of an approval could not be told yet', { ...this.#about(delivery), detail });
  }

  async #giveUp(delivery: Delivery, code: string, why: string): Promise<void> {
    await this.#options.store.giveUp(delivery, code);
    this.#outcomes.given_up += 1;
    this.#error('a change of an approval could not be told, and is given up', why, delivery);
  }

  /** Undefined where it is given up. */
  #nextTry(delivery: Delivery, thrown: unknown): number | undefined {
    const delay = DELAYS[delivery.tries - 1];
    if (delay === undefined) return undefined;
    const asked = thrown instanceof DeliveryFailed ? (thrown.retryAfterMilliseconds ?? 0) : 0;
    const jittered = delay * (1 + JITTER * (2 * Math.random() - 1));
    const due = this.#now() + Math.max(jittered, asked);
    return due > delivery.until ? undefined : Math.ceil(due);
  }

  #error(message: string, detail?: string, delivery?: Delivery): void {
    const about = delivery === undefined ? { door: this.#door.name } : this.#about(delivery);
    this.#options.log.error(message, { ...about, ...(detail !== undefined && { detail }) });
  }

  #about({ id, approvalId, happening, tries }: Delivery): object {
    return { door: this.#door.name, delivery: id, approval: approvalId, happening, tries };
  }
}
