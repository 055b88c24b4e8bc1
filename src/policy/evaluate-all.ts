import type { JsonValue } from '../domain/index.js';
import { PolicyError } from './errors.js';
import { type PolicyBundle, type PreparedPolicy, prepareApart } from './prepare.js';
import { PolicyThread, type ThreadOptions } from './thread.js';
import { entrypointOf } from './wasm/policy.js';

export interface EvaluateAllOptions extends ThreadOptions {
  /** For each entrypoint. */
  readonly deadlineMilliseconds: number;
}

/** What one entrypoint answered: a value, undefined where it has none, or why there is no answer. */
export type EntrypointOutcome =
  | { readonly value: JsonValue | undefined; readonly milliseconds: number }
  | { readonly failure: string };

/**
 * Evaluates many entrypoints of one policy, each once and without an input, apart from any engine. One that fails, or
 * that misses its deadline, does so alone.
 *
 * @returns an outcome for each entrypoint
 * @throws PolicyError `activation_failed`, `builtin_missing`
 */
export function evaluateAll(
  bundle: PolicyBundle,
  entrypoints: readonly string[],
  { deadlineMilliseconds, ...options }: EvaluateAllOptions,
): Promise<ReadonlyMap<string, EntrypointOutcome>> {
  return prepareApart(bundle, options, async (policy, first) => {
    const outcomes = new Map<string, EntrypointOutcome>();
    let thread = first;
    try {
      for (const entrypoint of entrypoints) {
        if (thread.death !== undefined) thread = await successor(policy, options);
        outcomes.set(entrypoint, await outcomeOf(thread, policy, entrypoint, deadlineMilliseconds));
      }
    } finally {
      await thread.end();
    }
    return outcomes;
  });
}

/** A missed deadline ends its thread. */
async function successor(policy: PreparedPolicy, options: ThreadOptions): Promise<PolicyThread> {
  const thread = new PolicyThread(options, () => undefined);
  await thread.hold(policy);
  return thread;
}

async function outcomeOf(
  thread: PolicyThread,
  policy: PreparedPolicy,
  name: string,
  deadlineMilliseconds: number,
): Promise<EntrypointOutcome> {
  const question = {
    entrypoint: entrypointOf(policy.image, name),
    input: new ArrayBuffer(0),
    nowNanoseconds: BigInt(Date.now()) * 1_000_000n,
  };
  try {
    const { results, microseconds } = await thread.evaluate(policy, question, deadlineMilliseconds);
    const [first] = JSON.parse(results) as readonly { readonly result: JsonValue }[];
    return { value: first?.result, milliseconds: microseconds / 1000 };
  } catch (thrown) {
    if (thrown instanceof PolicyError) return { failure: thrown.message };
    throw thrown;
  }
}
