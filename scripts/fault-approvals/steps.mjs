/**
 * The steps of an approved call, in the order in which they come, and who sees from outside of the gateway that they
 * were reached.
 */
export const SEEN_BY = /** @type {const} */ ({
  'question kept': 'store',
  'question recorded': 'store',
  'wait recorded': 'store',
  'vote sent': 'approver',
  'yes recorded': 'store',
  'yes counted': 'store',
  'vote answered': 'approver',
  'use taken': 'store',
  'use recorded': 'store',
  'run permitted': 'store',
  'run begun': 'upstream',
  'answer begun': 'caller',
  'answer permitted': 'store',
});

/** @typedef {keyof typeof SEEN_BY} Step */

/** Tells whoever waits for a step that it was reached. */
export class Steps {
  #waiting = new Map();

  /** @param {Step} step */
  reached(step) {
    this.#waiting.get(step)?.();
    this.#waiting.delete(step);
  }

  /**
   * Resolves when a step is reached the next time. One waits at a time.
   *
   * @param {Step} step
   * @returns {Promise<void>}
   */
  next(step) {
    return new Promise((resolve) => {
      this.#waiting.set(step, resolve);
    });
  }
}
