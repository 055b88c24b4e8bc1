import { parseDecision, soleResult } from '../decision.js';
import { PolicyError } from '../errors.js';
import { EvaluationPool } from '../pool.js';
import { type PolicyBundle, prepareApart } from '../prepare.js';
import type { ThreadOptions } from '../thread.js';
import { entrypointOf } from '../wasm/policy.js';
import { instantOf } from './instant.js';
import type { Outcome } from './outcome.js';

export interface DeciderOptions extends ThreadOptions {
  /** Such as `regate/main/decision`. */
  readonly entrypoint: string;
  /** Threads that evaluate. */
  readonly workers: number;
  /** For one evaluation. */
  readonly deadlineMilliseconds: number;
}

/** Decides recorded inputs by one bundle, in the gateway's own engine. */
export interface Decider {
  /**
   * Decides one input, at the instant at which it was recorded. That there is no decision is an outcome too.
   *
   * @param inputJson the document that policy reads as `input`
   */
  decide(inputJson: string): Promise<Outcome>;
  /** Ends its threads. */
  close(): Promise<void>;
}

/** @throws PolicyError `activation_failed`, `builtin_missing` */
export async function openDecider(bundle: PolicyBundle, options: DeciderOptions): Promise<Decider> {
  const policy = await prepareApart(bundle, options, async (prepared) => prepared);
  const entrypoint = entrypointOf(policy.image, options.entrypoint);
  const pool = new EvaluationPool(options);
  try {
    await pool.hold(policy);
  } catch (thrown) {
    await pool.close();
    throw thrown;
  }
  return {
    async decide(inputJson) {
      try {
        const nowNanoseconds = instantOf(inputJson);
        const input = new TextEncoder().encode(inputJson).buffer;
        const { results } = await pool.evaluate(policy, { entrypoint, input, nowNanoseconds });
        return { decision: parseDecision(soleResult(results)) };
      } catch (thrown) {
        if (thrown instanceof PolicyError) return { failure: thrown.code };
        throw thrown;
      }
    },
    close: () => pool.close(),
  };
}
