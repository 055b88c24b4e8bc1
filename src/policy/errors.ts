import { RegateError } from '../domain/index.js';

export type PolicyErrorCode =
  | 'no_bundle'
  | 'activation_failed'
  | 'builtin_missing'
  | 'malformed_input'
  | 'deadline'
  | 'overloaded'
  | 'evaluation_failed'
  | 'undefined_decision'
  | 'malformed_decision'
  | 'pin_released'
  | 'engine_closed';

const NEXT_STEPS: Readonly<Record<PolicyErrorCode, string>> = {
  no_bundle: 'Publish a bundle, or look at why the last one could not be fetched or verified.',
  activation_failed: 'Correct the bundle and publish it again; the policy that was live before still is.',
  builtin_missing: "Rewrite the rule without it, or put what it would compute into the bundle's data.",
  malformed_input: 'Compare the input with schemas/input.schema.json.',
  deadline: 'Send less at once, look for nested loops in the policy, or raise the deadline.',
  overloaded: 'Try again; if it persists, add workers or gateways.',
  evaluation_failed: 'Run `regate eval` with the same input and bundle, and correct the rule that fails.',
  undefined_decision: 'Give the entrypoint, and every member of its decision, a default.',
  malformed_decision: 'Compare what the entrypoint answers with schemas/decision.schema.json.',
  pin_released: 'This is a fault in Regate: report it with the log around it.',
  engine_closed: 'The gateway is shutting down: send the message again.',
};

/** No decision could be had: whatever waited for one does not pass. */
export class PolicyError extends RegateError<PolicyErrorCode> {
  constructor(code: PolicyErrorCode, message: string, cause?: unknown) {
    super(code, message, NEXT_STEPS[code], cause);
  }
}
