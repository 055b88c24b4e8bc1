import { type LoadedPolicy, loadPolicy } from '@open-policy-agent/opa-wasm';
import type { JsonValue } from '../domain/index.js';
import { HOST_BUILTINS } from './builtins.js';
import { PolicyError } from './errors.js';
import type { PolicySource, ThreadSettings } from './orders.js';

/**
 * Pages of 64 KiB. The SDK's default of 5 makes the first large input slow, for memory then grows page by page; much
 * more makes fresh instances slow, for V8 collects garbage to make room.
 */
const INITIAL_PAGES = 256;
const PAGE_BYTES = 65_536;
/** The part of its memory that an evaluation may take before the instance is given up, for it never shrinks. */
const SPENT_SHARE = 1 / 4;

/** One policy with its data in a memory of its own, ready to be evaluated; lives on an evaluation thread. */
export class PolicyInstance {
  readonly #policy: LoadedPolicy;
  readonly #entrypoint: string;
  /** Past this address, so much was taken that the instance is spent. */
  readonly #highWater: number;

  private constructor(policy: LoadedPolicy, { entrypoint, memoryPages }: ThreadSettings) {
    this.#policy = policy;
    this.#entrypoint = entrypoint;
    this.#highWater = heapEnd(policy) + memoryPages * PAGE_BYTES * SPENT_SHARE;
  }

  /**
   * A fresh instance. The data must be JSON: OPA's own reader is lenient.
   *
   * @throws PolicyError `builtin_missing` or `activation_failed`; whatever the SDK throws
   */
  static async create(source: PolicySource, settings: ThreadSettings): Promise<PolicyInstance> {
    const maximum = settings.memoryPages;
    const policy = await loadPolicy(source.module, { initial: Math.min(INITIAL_PAGES, maximum), maximum });

    const missing = requiredBuiltins(policy).filter((name) => !HOST_BUILTINS.has(name));
    if (missing.length > 0) {
      const names = missing.sort().join(', ');
      throw new PolicyError('builtin_missing', `the policy calls built-ins that this host lacks: ${names}`);
    }
    if (!Object.hasOwn(policy.entrypoints, settings.entrypoint)) {
      throw new PolicyError('activation_failed', `the policy has no entrypoint ${settings.entrypoint}`);
    }
    policy.setData(new Uint8Array(source.data).slice().buffer);
    return new PolicyInstance(policy, settings);
  }

  /**
   * OPA's result set for an input, which must be strict JSON. After a throw the instance must not be used again: its
   * stack and heap are as the evaluation left them.
   */
  evaluate(input: ArrayBuffer): JsonValue {
    return this.#policy.evaluate(input, this.#entrypoint) as JsonValue;
  }

  /** Whether the last evaluation took so much memory that the instance should make way for a fresh one. */
  get spent(): boolean {
    return heapEnd(this.#policy) > this.#highWater;
  }
}

/** The address up to which memory is taken; OPA takes more as it evaluates and begins anew each time. */
function heapEnd(policy: LoadedPolicy): number {
  return call(policy, 'opa_heap_ptr_get');
}

/** Names of the built-ins that a policy expects from its host. */
function requiredBuiltins(policy: LoadedPolicy): string[] {
  const address = call(policy, 'opa_json_dump', call(policy, 'builtins'));
  const memory = Buffer.from(policy.mem.buffer);
  const table: unknown = JSON.parse(memory.toString('utf8', address, memory.indexOf(0, address)));
  if (typeof table !== 'object' || table === null) throw new TypeError('the table of built-ins is no object');
  return Object.keys(table);
}

/** Calls a function of OPA's WebAssembly ABI, all of which take and return addresses. */
function call(policy: LoadedPolicy, name: string, ...addresses: readonly number[]): number {
  const exported: unknown = (policy.wasmInstance as WebAssembly.Instance).exports[name];
  const result: unknown = typeof exported === 'function' ? exported(...addresses) : undefined;
  if (typeof result !== 'number') throw new TypeError(`the WebAssembly is no OPA policy: it lacks ${name}`);
  return result;
}
