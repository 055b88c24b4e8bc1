import { type DecisionEvent, type Reason, RegateError, shapeCheck } from '../../domain/index.js';
import type { DecisionChange, ReplayedEffect } from './change.js';

/** A change that is meant to be: one that all its members fit. */
export interface Expectation {
  readonly effect?: { readonly before?: ReplayedEffect; readonly after?: ReplayedEffect };
  readonly upstream?: string;
  readonly method?: string;
  readonly tool?: string;
  /** The principal's id. */
  readonly principal?: string;
  /** `policy/code` of a reason that came or went. */
  readonly reason?: string;
}

/** What was given as expectations is none. */
export class ExpectationError extends RegateError<'expectation_invalid'> {}

const verdict = { enum: ['allow', 'deny', 'require_approval', 'failed'] };
const text = { type: 'string', minLength: 1 };
const areExpectations = shapeCheck<readonly Expectation[]>({
  type: 'array',
  items: {
    type: 'object',
    additionalProperties: false,
    // One of nothing would fit whatever changes.
    minProperties: 1,
    properties: {
      effect: {
        type: 'object',
        additionalProperties: false,
        minProperties: 1,
        properties: { before: verdict, after: verdict },
      },
      upstream: text,
      method: text,
      tool: text,
      principal: text,
      reason: { type: 'string', pattern: '^[^/]+/[^/]+$' },
    },
  },
});

/** @throws ExpectationError */
export function parseExpectations(value: unknown): readonly Expectation[] {
  if (areExpectations(value)) return value;
  throw new ExpectationError(
    'expectation_invalid',
    `the expected changes cannot be used: ${areExpectations.problem('list')}`,
    'Write a list of objects, each with one or more of effect (before, after), upstream, method, tool, principal and reason (policy/code).',
  );
}

/** Whether a change is the one that is expected. */
export function fits(expected: Expectation, event: DecisionEvent, change: DecisionChange): boolean {
  const { effect = {}, reason } = expected;
  return (
    isOrAny(effect.before, change.before) &&
    isOrAny(effect.after, change.after) &&
    isOrAny(expected.upstream, event.upstream) &&
    isOrAny(expected.method, event.method) &&
    isOrAny(expected.tool, event.tool) &&
    isOrAny(expected.principal, event.principal?.id) &&
    (reason === undefined || changedReasons(change).includes(reason))
  );
}

function changedReasons({ difference }: DecisionChange): string[] {
  const { added = [], removed = [] } = difference?.reasons ?? {};
  return [...added, ...removed].map(reasonName);
}

/** A reason without its sentence. */
export function reasonName({ policy, code }: Reason): string {
  return `${policy}/${code}`;
}

function isOrAny(wanted: string | undefined, own: string | undefined): boolean {
  return wanted === undefined || wanted === own;
}
