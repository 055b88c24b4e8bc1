import type { JsonValue } from '../domain/index.js';
import { soleResult } from './decision.js';
import { PolicyError } from './errors.js';
import { type PolicyBundle, type PreparedPolicy, prepare } from './prepare.js';
import { PolicyThread, type ThreadOptions } from './thread.js';

export interface EvaluateOptions extends ThreadOptions {
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
  options: EvaluateOptions,
): Promise<JsonValue> {
  const bytes = new Uint8Array(input).buffer;
  mustBeJson(bytes);
  return evaluateApart(await prepare(bundle), bytes, options);
}

/** Loads a policy into a thread of its own, evaluates it there once, and ends the thread. */
export async function evaluateApart(
  policy: PreparedPolicy,
  input: ArrayBuffer,
  options: EvaluateOptions,
): Promise<JsonValue> {
  const thread = new PolicyThread(options, () => undefined);
  try {
    await thread.load(policy);
    const { results } = await thread.evaluate(policy, input, options.deadlineMilliseconds);
    return soleResult(results);
  } finally {
    await thread.end(new PolicyError('engine_closed', 'the evaluation is over'));
  }
}

/** OPA's own reader takes malformed JSON for an undefined input, without an error. */
function mustBeJson(bytes: ArrayBuffer): void {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (thrown) {
    throw new PolicyError('malformed_input', 'the input is not JSON in UTF-8', thrown);
  }
}
