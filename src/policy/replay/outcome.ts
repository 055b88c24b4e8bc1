import type { Decision, DecisionEvent } from '../../domain/index.js';
import type { PolicyErrorCode } from '../errors.js';

/** What a policy makes of an input: a decision, or why there is none. */
export type Outcome = { readonly decision: Decision } | { readonly failure: PolicyErrorCode };

/** What is compared where one of the two decisions is known by its event only, which has neither masks nor terms. */
const UNKNOWN = { mask: [] } as const;

/** The decision that an event tells of, in so far as it does. */
export function recordedOutcome({ effect, reasons, labels }: DecisionEvent): Outcome {
  return { decision: { effect, reasons, labels, ...UNKNOWN } };
}

/** The same of a decision that is known whole. */
export function asRecorded(outcome: Outcome): Outcome {
  if ('failure' in outcome) return outcome;
  const { effect, reasons, labels } = outcome.decision;
  return { decision: { effect, reasons, labels, ...UNKNOWN } };
}
