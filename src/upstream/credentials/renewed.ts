/** A value that is good for some time. */
export interface Expiring<Value> {
  readonly value: Value;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly expiresAt: number;
}

/** After this part of its life a value is renewed, while it is still in use. */
const RENEWED_AFTER = 0.8;
/** It is in use no longer than until this part of its life, so that it does not expire on its way. */
const USED_UNTIL = 0.95;
/** A failure to obtain a value is everyone's answer for so long. */
const FAILURE_MILLISECONDS = 1_000;
/** Values are given up at most this often: whoever refuses a new one too would refuse the next as well. */
const DROPPED_EVERY_MILLISECONDS = 10_000;

interface Held<Value> extends Expiring<Value> {
  readonly renewFrom: number;
  readonly useUntil: number;
}

/** One value that is obtained when it is needed, by whoever needs it first and for all, and renewed before it expires. */
export class Renewed<Value> {
  readonly #onLateFailure: (why: unknown) => void;
  #held: Held<Value> | undefined;
  #obtaining: Promise<Value> | undefined;
  #failure: { readonly why: unknown; readonly until: number } | undefined;
  #droppedAt = Number.NEGATIVE_INFINITY;

  /** @param onLateFailure - told of a failure that nobody waits for: there is a value that is still good */
  constructor(onLateFailure: (why: unknown) => void) {
    this.#onLateFailure = onLateFailure;
  }

  /** Until when what is held can be used; undefined where there is nothing and nothing comes. */
  get usableUntil(): number | undefined {
    return this.#obtaining === undefined ? this.#held?.useUntil : Number.POSITIVE_INFINITY;
  }

  /**
   * The value, of now or from `obtain`, which is never called twice at once.
   *
   * @throws whatever `obtain` does; within a second the same again
   */
  get(obtain: () => Promise<Expiring<Value>>): Promise<Value> {
    const now = Date.now();
    const held = this.#held;
    if (held === undefined || now >= held.useUntil) return this.#obtain(obtain, now);
    if (now >= held.renewFrom && this.#obtaining === undefined && !this.#hasFailed(now))
      this.#obtain(obtain, now).catch(this.#onLateFailure);
    return Promise.resolve(held.value);
  }

  /**
   * Gives up a value that turned out to be of no use.
   *
   * @returns whether there may be another one
   */
  drop(isUseless: (value: Value) => boolean): boolean {
    if (this.#held === undefined || !isUseless(this.#held.value)) return true;
    const now = Date.now();
    if (now - this.#droppedAt < DROPPED_EVERY_MILLISECONDS) return false;
    this.#droppedAt = now;
    this.#held = undefined;
    return true;
  }

  #obtain(obtain: () => Promise<Expiring<Value>>, now: number): Promise<Value> {
    if (this.#obtaining !== undefined) return this.#obtaining;
    if (this.#failure !== undefined && this.#hasFailed(now)) return Promise.reject(this.#failure.why);
    const obtaining = obtain()
      .then((obtained) => this.#take(obtained, now))
      .catch((why: unknown) => {
        this.#failure = { why, until: Date.now() + FAILURE_MILLISECONDS };
        throw why;
      })
      .finally(() => {
        this.#obtaining = undefined;
      });
    this.#obtaining = obtaining;
    return obtaining;
  }

  /** @param askedAt - its life counts from then, since it may have begun then */
  #take({ value, expiresAt }: Expiring<Value>, askedAt: number): Value {
    const life = expiresAt - askedAt;
    this.#held = {
      value,
      expiresAt,
      renewFrom: askedAt + life * RENEWED_AFTER,
      useUntil: askedAt + life * USED_UNTIL,
    };
    this.#failure = undefined;
    return value;
  }

  #hasFailed(now: number): boolean {
    return this.#failure !== undefined && now < this.#failure.until;
  }
}
