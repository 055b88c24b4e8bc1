import { randomInt } from 'node:crypto';

/** A word is told by its first units, at most so many. */
export const MOST_UNITS = 8;
export const NO_WORD = -1;

/**
 * Tells of a place in a text which words may begin there, by a rolling hash over as many units as the shortest word has
 * (Karp and Rabin, 1987): a few operations for each unit. Its base is random, so that nobody can choose what collides.
 *
 * To go through a text, `roll` each unit in together with the one that leaves `width` units later, and ask `first`.
 */
export class Beginnings {
  readonly width: number;
  readonly #base = randomInt(2 ** 30) * 2 + 1;
  /** What a unit was multiplied with by the time it leaves. */
  readonly #leaving: number;
  readonly #shift: number;
  /** By hash, the last of the words that have it. */
  readonly #last: Int32Array;
  /** By word, the one before that has the same hash. */
  readonly #before: Int32Array;

  constructor(words: readonly ArrayLike<number>[]) {
    this.width = words.reduce((least, { length }) => Math.min(least, length), MOST_UNITS);
    let leaving = 1;
    for (let unit = 0; unit < this.width; unit++) leaving = Math.imul(leaving, this.#base);
    this.#leaving = leaving;
    const bits = Math.max(12, Math.ceil(Math.log2(words.length * 4)));
    this.#shift = 32 - bits;
    this.#last = new Int32Array(2 ** bits).fill(NO_WORD);
    this.#before = new Int32Array(words.length);
    words.forEach((word, index) => {
      let hash = 0;
      for (let unit = 0; unit < this.width; unit++) hash = this.roll(hash, word[unit] ?? 0, 0);
      const place = this.#place(hash);
      this.#before[index] = this.#last[place] ?? NO_WORD;
      this.#last[place] = index;
    });
  }

  /** The hash of the last units, once another was read. */
  roll(hash: number, entering: number, leaving: number): number {
    return (Math.imul(hash, this.#base) + entering - Math.imul(leaving, this.#leaving)) | 0;
  }

  /** A word that may begin where units of this hash stand, or NO_WORD. */
  first(hash: number): number {
    return this.#last[this.#place(hash)] ?? NO_WORD;
  }

  /** Another such word, or NO_WORD. */
  another(word: number): number {
    return this.#before[word] ?? NO_WORD;
  }

  #place(hash: number): number {
    return Math.imul(hash, 0x9e3779b1) >>> this.#shift;
  }
}
