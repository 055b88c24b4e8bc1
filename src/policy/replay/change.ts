import type { DecisionDifference, Effect } from '../../domain/index.js';
import { differenceBetween } from '../difference.js';
import type { PolicyErrorCode } from '../errors.js';
import type { Outcome } from './outcome.js';

/** A decision's effect, or that there was no decision. */
export type ReplayedEffect = Effect | 'failed';

/** How one message is decided otherwise. */
export interface DecisionChange {
  readonly before: ReplayedEffect;
  readonly after: ReplayedEffect;
  /** Missing where one of the two is no decision. */
  readonly difference?: DecisionDifference;
  /** Why one of the two is no decision. */
  readonly failure?: PolicyErrorCode;
}

/** How the second of two outcomes differs from the first; undefined where both decide alike, or both do not decide. */
export function changeBetween(before: Outcome, after: Outcome): DecisionChange | undefined {
  if ('failure' in before) {
    if ('failure' in after) return undefined;
    return { before: 'failed', after: after.decision.effect, failure: before.failure };
  }
  const { effect } = before.decision;
  if ('failure' in after) return { before: effect, after: 'failed', failure: after.failure };
  const difference = differenceBetween(before.decision, after.decision);
  return difference && { before: effect, after: after.decision.effect, difference };
}
