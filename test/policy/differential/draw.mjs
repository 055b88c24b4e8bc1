/** Chance that can be had again: the same seed draws the same. */
export class Draw {
  #state;

  /** @param {number} seed an integer */
  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** A number from 0 up to 1, which it does not reach; by the algorithm called mulberry32. */
  #fraction() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /**
   * @param {number} count
   * @returns {number} an integer from 0 up to `count`, which it does not reach
   */
  below(count) {
    return Math.floor(this.#fraction() * count);
  }

  /**
   * @param {number} probability
   * @returns {boolean}
   */
  happens(probability) {
    return this.#fraction() < probability;
  }

  /**
   * @template T
   * @param {readonly T[]} choices
   * @returns {T}
   */
  one(choices) {
    return choices[this.below(choices.length)];
  }

  /**
   * @template T
   * @param {number} most
   * @param {() => T} make
   * @returns {T[]} up to `most` of what `make` returns
   */
  some(most, make) {
    return Array.from({ length: this.below(most + 1) }, make);
  }
}
