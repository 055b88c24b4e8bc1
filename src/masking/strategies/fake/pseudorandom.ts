import { createHmac } from 'node:crypto';

/** Numbers that look random and are the same each time for the same key and seed: an HMAC in counter mode. */
export class Pseudorandom {
  readonly #key: Buffer;
  readonly #seed: string;
  #block = Buffer.alloc(0);
  #blocks = 0;
  #at = 0;

  constructor(key: Buffer, seed: string) {
    this.#key = key;
    this.#seed = seed;
  }

  /** A number of 0 to `bound` - 1, each as likely as any other; `bound` is at most 256. */
  below(bound: number): number {
    const fair = 256 - (256 % bound);
    for (;;) {
      const byte = this.#next();
      if (byte < fair) return byte % bound;
    }
  }

  #next(): number {
    if (this.#at === this.#block.length) {
      this.#block = createHmac('sha256', this.#key).update(`${this.#blocks}\n${this.#seed}`, 'utf8').digest();
      this.#blocks += 1;
      this.#at = 0;
    }
    const byte = this.#block[this.#at] ?? 0;
    this.#at += 1;
    return byte;
  }
}
