import type { JsonValue } from '../domain/index.js';
import { soleResult } from './decision.js';
import { PolicyError } from './errors.js';
import { type PolicyBundle, prepareApart } from './prepare.js';
import type { ThreadOptions } from './thread.js';
import { entrypointOf } from './wasm/policy.js';

export interface EvaluateOptions extends ThreadOptions {
  /** Such as `regate/main/decision`. */
  readonly entrypoint: string;
  readonly deadlineMilliseconds: number;
}

/**
 * Evaluates a bundle's policy once, apart from any engine, and returns what its entrypoint answers, unvalidated.
 *
 * @param input JSON in UTF-8
 * @throws PolicyError if the bundle can't be activated, the input is no JSON, or there is no result in time
 */
export async function evaluate(
  bundle: PolicyBundle,
  input: Buffer,
  { entrypoint, deadlineMilliseconds, ...options }: EvaluateOptions,
): Promise<JsonValue> {
  mustBeJson(input);
  return prepareApart(bundle, options, async (policy, thread) => {
    const question = {
      entrypoint: entrypointOf(policy.image, entrypoint),
      input: new Uint8Array(input).buffer,
      nowNanoseconds: BigInt(Date.now()) * 1_000_000n,
    };
    const { results } = await thread.evaluate(policy, question, deadlineMilliseconds);
    return soleResult(results);
  });
}

/** OPA's own reader takes malformed JSON for an undefined input, without an error. */
function mustBeJson(input: Buffer): void {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(input));
  } catch (thrown) {
    throw new PolicyError('malformed_input', 'the input is not JSON in UTF-8', thrown);
  }
}
