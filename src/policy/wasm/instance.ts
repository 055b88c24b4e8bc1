import type { Builtin } from '../builtins/builtin.js';
import { CORRECTIONS } from '../builtins/exact.js';
import { PolicyExports } from './abi.js';
import { correctionNumber } from './correct.js';
import { FuelSpent } from './fuel.js';
import { PolicyHost } from './host.js';
import type { PolicyImage } from './image.js';

/** Memory that an evaluation takes for each byte of its input, about: reserved ahead, for growing by pages is slow. */
const BYTES_PER_INPUT_BYTE = 12;
/** So much over what it started with and an instance is spent. */
const SPENT_BYTES = 64 * 1024 * 1024;

export interface EvaluationRequest {
  /** JSON, strict; empty for an undefined input. */
  readonly input: Uint8Array;
  readonly entrypoint: number;
  /** How much it may do. */
  readonly steps: bigint;
  readonly nowNanoseconds: bigint;
}

/** One policy with its data in a memory of its own. Not to be used again once an evaluation has thrown. */
export class PolicyInstance {
  readonly #image: PolicyImage;
  readonly #exports: PolicyExports;
  readonly #host: PolicyHost;

  /**
   * @param builtins by name; must hold all that the policy expects
   * @param maximumPages of its memory
   */
  constructor(image: PolicyImage, builtins: ReadonlyMap<string, Builtin>, maximumPages: number) {
    const memory = new WebAssembly.Memory({
      initial: image.pages,
      maximum: Math.max(image.pages, maximumPages),
    });
    this.#image = image;
    this.#host = new PolicyHost(memory, numbered(image, builtins));
    this.#exports = new PolicyExports(
      new WebAssembly.Instance(image.module, { env: this.#host.imports }),
      memory,
    );
    this.#host.serve(this.#exports);
    this.#exports.bytes.set(new Uint8Array(image.memory));
  }

  /**
   * OPA's result set as JSON, `[{"result": …}]` or `[]`.
   *
   * @throws FuelSpent after so many steps; PolicyAborted where OPA gives up; WebAssembly.RuntimeError or RangeError
   *   where memory or stack do not suffice
   */
  evaluate(request: EvaluationRequest): string {
    return this.#evaluate(request, 0);
  }

  /** The same in OPA's own notation, in which sets are told from arrays. */
  evaluateValue(request: EvaluationRequest): string {
    return this.#evaluate(request, 1);
  }

  /** Whether so much memory was taken, which is never given back, that a fresh instance should take over. */
  get spent(): boolean {
    return this.#exports.bytes.byteLength - this.#image.memory.byteLength > SPENT_BYTES;
  }

  #evaluate({ input, entrypoint, steps, nowNanoseconds }: EvaluationRequest, form: 0 | 1): string {
    const { dataAddress, heapAddress } = this.#image;
    const policy = this.#exports;
    policy.fuel.fill(steps);
    this.#host.begin(nowNanoseconds);
    try {
      policy.reserve(heapAddress, input.length * BYTES_PER_INPUT_BYTE);
      return policy.text(policy.evaluate(entrypoint, dataAddress, input, heapAddress, form));
    } catch (thrown) {
      // The trap says only that the code was not to be reached.
      if (thrown instanceof WebAssembly.RuntimeError && policy.fuel.isSpent) {
        throw new FuelSpent('the evaluation took too many steps');
      }
      throw thrown;
    }
  }
}

/** Built-ins by the numbers that the policy calls them by. */
function numbered(image: PolicyImage, builtins: ReadonlyMap<string, Builtin>): Map<number, Builtin> {
  const all = new Map(CORRECTIONS.map(({ builtin }, index) => [correctionNumber(index), builtin]));
  for (const [name, number] of image.builtins) {
    const builtin = builtins.get(name);
    if (builtin !== undefined) all.set(number, builtin);
  }
  return all;
}
