/** How many there may be of something: so many at once, and then so many a second. */
export class Bucket {
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #now: () => number;
  #room: number;
  #at: number;

  /** @param now - milliseconds of a clock that is never put back */
  constructor(
    { burst, perSecond }: { readonly burst: number; readonly perSecond: number },
    now: () => number = () => performance.now(),
  ) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#now = now;
    this.#room = burst;
    this.#at = now();
  }

  /** Takes the room of one; tells whether there was any. */
  take(): boolean {
    if (!this.hasRoom()) return false;
    this.#room -= 1;
    return true;
  }

  hasRoom(): boolean {
    const now = this.#now();
    this.#room = Math.min(this.#burst, this.#room + ((now - this.#at) / 1000) * this.#perSecond);
    this.#at = now;
    return this.#room >= 1;
  }
}

/** Of many, more than are kept, the one longest unused begins anew. */
const MOST_BUCKETS = 10_000;

/** A bucket for each of many. */
export class Buckets {
  readonly #rate: ConstructorParameters<typeof Bucket>[0];
  readonly #of = new Map<string, Bucket>();

  constructor(rate: ConstructorParameters<typeof Bucket>[0]) {
    this.#rate = rate;
  }

  of(name: string): Bucket {
    const bucket = this.#of.get(name) ?? new Bucket(this.#rate);
    this.#of.delete(name);
    this.#of.set(name, bucket);
    const [oldest] = this.#of.keys();
    if (this.#of.size > MOST_BUCKETS && oldest !== undefined) this.#of.delete(oldest);
    return bucket;
  }
}
