import type { Builtin } from '../builtins/builtin.js';
import { loadBuiltins } from '../builtins/index.js';
import type { PolicyImage } from './image.js';
import { type EvaluationRequest, PolicyInstance } from './instance.js';

/**
 * A policy ready to be evaluated, always: an instance that failed, whose stack and heap are as the evaluation left them,
 * or that has taken too much memory makes way for a fresh one, so that no evaluation leaves anything to the next.
 */
export class RenewedInstance {
  readonly #image: PolicyImage;
  readonly #builtins: ReadonlyMap<string, Builtin>;
  readonly #maximumPages: number;
  #instance: PolicyInstance | undefined;

  private constructor(image: PolicyImage, builtins: ReadonlyMap<string, Builtin>, maximumPages: number) {
    this.#image = image;
    this.#builtins = builtins;
    this.#maximumPages = maximumPages;
    this.#instance = this.#fresh();
  }

  /** @throws RangeError where there is no memory for it */
  static async create(image: PolicyImage, maximumPages: number): Promise<RenewedInstance> {
    return new RenewedInstance(image, await loadBuiltins(image.builtins.keys()), maximumPages);
  }

  /** OPA's result set as JSON; throws what {@link PolicyInstance.evaluate} does. */
  evaluate(request: EvaluationRequest): string {
    return this.#use((instance) => instance.evaluate(request));
  }

  /** The same in OPA's own notation. */
  evaluateValue(request: EvaluationRequest): string {
    return this.#use((instance) => instance.evaluateValue(request));
  }

  #use<Result>(work: (instance: PolicyInstance) => Result): Result {
    const instance = this.#instance ?? this.#fresh();
    this.#instance = undefined;
    const result = work(instance);
    if (!instance.spent) this.#instance = instance;
    return result;
  }

  #fresh(): PolicyInstance {
    return new PolicyInstance(this.#image, this.#builtins, this.#maximumPages);
  }
}
