import { PolicyError } from '../errors.js';
import { parseValue } from '../rego/text.js';
import { RegoObject, RegoSet, type RegoValue } from '../rego/value.js';
import { FuelSpent } from './fuel.js';
import { PolicyAborted } from './host.js';
import type { PolicyImage } from './image.js';
import { RenewedInstance } from './renewed.js';

const PAGES_PER_MEBIBYTE = 16;
const NOTHING = new Uint8Array(0);

export interface PolicyLimits {
  /** The most memory, data and one evaluation together; 1024 unless said otherwise. */
  readonly memoryMebibytes?: number;
  /** Turns of loops and calls of functions that one evaluation may do, about 2 ns each; without bound unless said. */
  readonly steps?: bigint;
}

/** A policy that OPA compiled to WebAssembly, evaluated in the thread that asks. */
export class RegoPolicy {
  readonly #image: PolicyImage;
  readonly #instance: RenewedInstance;
  readonly #steps: bigint;

  private constructor(image: PolicyImage, instance: RenewedInstance, steps: bigint) {
    this.#image = image;
    this.#instance = instance;
    this.#steps = steps;
  }

  /**
   * @param wasm as `opa build -t wasm` made it
   * @param data a strict JSON object in UTF-8
   * @throws PolicyError `activation_failed`, `builtin_missing`
   */
  static async load(
    wasm: Uint8Array,
    data: Uint8Array,
    { memoryMebibytes = 1024, steps = 1n << 62n }: PolicyLimits = {},
  ): Promise<RegoPolicy> {
    const { loadImage } = await import('./image.js');
    const pages = memoryMebibytes * PAGES_PER_MEBIBYTE;
    const image = loadImage(wasm, data, pages);
    return new RegoPolicy(image, await RenewedInstance.create(image, pages), steps);
  }

  get entrypoints(): readonly string[] {
    return [...this.#image.entrypoints.keys()];
  }

  /**
   * What an entrypoint answers, or undefined where it has no answer.
   *
   * @param entrypoint such as `regate/main/decision`
   * @param input strict JSON, or a value in OPA's notation; without it `input` is undefined
   * @param nowNanoseconds of the policy's clock, since 1970-01-01T00:00:00Z
   * @throws PolicyError `activation_failed` if there is no such entrypoint, `deadline` after too many steps,
   *   `evaluation_failed`
   */
  evaluate(
    entrypoint: string,
    input: Uint8Array = NOTHING,
    nowNanoseconds: bigint = BigInt(Date.now()) * 1_000_000n,
  ): RegoValue | undefined {
    const request = {
      input,
      entrypoint: entrypointOf(this.#image, entrypoint),
      steps: this.#steps,
      nowNanoseconds,
    };
    try {
      return soleValue(parseValue(this.#instance.evaluateValue(request)));
    } catch (thrown) {
      throw evaluationError(thrown);
    }
  }
}

/** @throws PolicyError `activation_failed` */
export function entrypointOf({ entrypoints }: PolicyImage, name: string): number {
  const entrypoint = entrypoints.get(name);
  if (entrypoint !== undefined) return entrypoint;
  throw new PolicyError('activation_failed', `the policy has no entrypoint ${name}`);
}

/**
 * What may be told of a throw. OPA's own words and the engine's name places in the policy; other errors may quote
 * values, so only their kind is told.
 */
export function evaluationError(thrown: unknown): PolicyError {
  if (thrown instanceof FuelSpent) return new PolicyError('deadline', 'the policy took too many steps');
  const told =
    thrown instanceof PolicyAborted ||
    thrown instanceof RangeError ||
    thrown instanceof WebAssembly.RuntimeError;
  const what =
    thrown instanceof Error
      ? told
        ? thrown.message
        : `${thrown.name} in a built-in or the host`
      : 'an unnamed error';
  return new PolicyError('evaluation_failed', `the policy failed: ${what}`);
}

function soleValue(results: RegoValue): RegoValue | undefined {
  const [sole] = results instanceof RegoSet ? results.elements : [];
  return sole instanceof RegoObject ? sole.get('result') : undefined;
}
