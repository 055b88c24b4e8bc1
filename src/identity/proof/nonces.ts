import { createHmac, timingSafeEqual } from 'node:crypto';

const PURPOSE = 'regate dpop nonce';

/**
 * The nonces of RFC 9449, section 8. Each is that of a window of time, made from the window's number with a key, so that
 * all who have the key know it and nothing is kept. It is taken in its window and in the one after.
 */
export class Nonces {
  readonly #key: Uint8Array;
  readonly #windowMilliseconds: number;
  #last: { readonly window: number; readonly nonce: string } | undefined;

  constructor(key: Uint8Array, windowSeconds: number) {
    this.#key = key;
    this.#windowMilliseconds = windowSeconds * 1000;
  }

  /** @param now - milliseconds since 1970-01-01T00:00:00Z */
  current(now: number): string {
    const window = this.#windowAt(now);
    if (this.#last?.window !== window) this.#last = { window, nonce: this.#nonceOf(window) };
    return this.#last.nonce;
  }

  /** Until when a nonce is taken, in milliseconds since 1970-01-01T00:00:00Z; undefined where it is not. */
  takenUntil(nonce: string, now: number): number | undefined {
    const window = this.#windowAt(now);
    const found = [window, window - 1].find((each) => isSame(nonce, this.#nonceOf(each)));
    return found === undefined ? undefined : (found + 2) * this.#windowMilliseconds;
  }

  #windowAt(now: number): number {
    return Math.floor(now / this.#windowMilliseconds);
  }

  #nonceOf(window: number): string {
    return createHmac('sha256', this.#key).update(`${PURPOSE} ${window}`).digest('base64url');
  }
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
