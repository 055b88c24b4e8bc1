import { asPolicySaid, type Decision, type DecisionEvent } from '../../domain/index.js';
import type { PolicyErrorCode } from '../errors.js';

/** What a policy makes of an input: a decision, or why there is none. */
export type Outcome = { readonly decision: Decision } | { readonly failure: PolicyErrorCode };

/**
 * What is compared where one of the two decisions is known by its event only, which has neither masks nor the terms of
 * approvals and limits.
 */
const UNKNOWN = { mask: [] } as const;

/** The decision that an event tells of, in so far as it does. */
export function recordedOutcome(event: DecisionEvent): Outcome {
  const { effect, reasons, labels, scopes } = asPolicySaid(event);
  return { decision: { effect, reasons, labels, ...UNKNOWN, ...(scopes !== undefined && { scopes }) } };
}

/** The same of a decision that is known whole. */
export function asRecorded(outcome: Outcome): Outcome {
  if ('failure' in outcome) return outcome;
  const { effect, reasons, labels, scopes } = outcome.decision;
  return { decision: { effect, reasons, labels, ...UNKNOWN, ...(scopes !== undefined && { scopes }) } };
}
