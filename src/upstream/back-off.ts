import { unlessAborted } from './deadline.js';

const FIRST_MILLISECONDS = 100;
const FACTOR = 1.6;
const LONGEST_MILLISECONDS = 30_000;

/** A server that ran for so long had started well: what ends it then counts as a first failure. */
const STEADY_MILLISECONDS = LONGEST_MILLISECONDS;

/** Milliseconds to wait before a server is started again that ended so often in a row. */
export function backOff(failures: number): number {
  return failures === 0 ? 0 : Math.min(LONGEST_MILLISECONDS, FIRST_MILLISECONDS * FACTOR ** (failures - 1));
}

/** The starts of one server, ever further apart while it does not stay. */
export class Starts {
  #failures = 0;
  #startedAt = 0;
  #notBefore = 0;

  /**
   * Waits until the server may be started.
   *
   * @throws the signal's reason
   */
  async next(signal: AbortSignal): Promise<void> {
    const milliseconds = this.#notBefore - Date.now();
    if (milliseconds > 0) await unlessAborted(pause(milliseconds), signal);
    signal.throwIfAborted();
    this.#startedAt = Date.now();
  }

  /** The server ended unasked, or could not be started. */
  failed(): void {
    const steady = Date.now() - this.#startedAt >= STEADY_MILLISECONDS;
    this.#failures = steady ? 1 : this.#failures + 1;
    this.#notBefore = Date.now() + backOff(this.#failures);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}
