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
    const now = this.#now();
    this.#room = Math.min(this.#burst, this.#room + ((now - this.#at) / 1000) * this.#perSecond);
    this.#at = now;
    if (this.#room < 1) return false;
    this.#room -= 1;
    return true;
  }
}
