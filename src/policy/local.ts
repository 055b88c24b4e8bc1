import type { Question } from './input/question.js';
import type { PreparedPolicy } from './prepare.js';
import { PolicyAborted } from './wasm/host.js';
import { evaluationError } from './wasm/policy.js';
import { RenewedInstance } from './wasm/renewed.js';

/** What one evaluation may do on the gateway's own thread: about a millisecond's worth. */
const STEPS = 1_000_000n;
/** Larger inputs are for the workers from the start: reading them alone takes that long. */
const LARGEST_INPUT_BYTES = 64 * 1024;
/** After an evaluation took too long, inputs of half its size and more are for the workers, for so long. */
const WARY_MILLISECONDS = 10_000;
/** Beside its data: what a small evaluation may take. */
const SPARE_PAGES = 512;

/**
 * Evaluates a policy on the gateway's own thread, where it takes a fraction of the time that a worker's round trip
 * would, as long as that holds up nobody: for a bounded number of steps. What is not done by then is done anew by a
 * worker, whose deadline is real time.
 */
export class LocalEvaluation {
  readonly #instance: RenewedInstance;
  readonly #entrypoint: number;
  /** Where questions are put together. */
  readonly #document = Buffer.allocUnsafeSlow(LARGEST_INPUT_BYTES);
  #largest = LARGEST_INPUT_BYTES;
  #waryUntil = 0;

  private constructor(instance: RenewedInstance, entrypoint: number) {
    this.#instance = instance;
    this.#entrypoint = entrypoint;
  }

  /** @param entrypoint its number in the policy */
  static async create({ image }: PreparedPolicy, entrypoint: number): Promise<LocalEvaluation> {
    return new LocalEvaluation(await RenewedInstance.create(image, image.pages + SPARE_PAGES), entrypoint);
  }

  /**
   * OPA's result set as JSON, or undefined where a worker must be asked.
   *
   * @throws PolicyError `evaluation_failed` where OPA itself gave up, which it would do anywhere
   */
  evaluate(question: Question, nowNanoseconds: bigint): string | undefined {
    const size = question.mostBytes;
    if (size > this.#largestNow()) return undefined;
    const input = this.#document.subarray(0, question.writeTo(this.#document));
    try {
      return this.#instance.evaluate({ input, entrypoint: this.#entrypoint, steps: STEPS, nowNanoseconds });
    } catch (thrown) {
      // Steps, memory or stack did not suffice here.
      if (thrown instanceof PolicyAborted && !thrown.outOfMemory) throw evaluationError(thrown);
      this.#largest = Math.floor(size / 2);
      this.#waryUntil = performance.now() + WARY_MILLISECONDS;
      return undefined;
    }
  }

  #largestNow(): number {
    if (this.#largest < LARGEST_INPUT_BYTES && performance.now() > this.#waryUntil) {
      this.#largest = LARGEST_INPUT_BYTES;
    }
    return this.#largest;
  }
}
