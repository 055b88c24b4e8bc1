import { RegateError } from '../domain/index.js';

export type ApprovalsErrorCode =
  | 'not_found'
  | 'not_permitted'
  | 'own_request'
  | 'already_voted'
  | 'not_pending'
  | 'expired'
  | 'not_granted'
  | 'spent'
  | 'too_many_pending';

/** What was asked of an approval is against its rules, and nothing of it happened. */
export class ApprovalsError extends RegateError<ApprovalsErrorCode> {}

const NEXT_STEP = {
  not_found: 'Check the id; `regate approvals list` shows those that are known.',
  not_permitted: 'Ask somebody who is in one of the groups that the approval names.',
  own_request: 'Ask somebody else: nobody approves a call of their own.',
  already_voted: 'Ask somebody else: the votes of different people are needed.',
  not_pending: 'Nothing is to be done: the approval was decided already.',
  expired: 'Have the call made again: that asks for a new approval.',
  not_granted: 'Wait for the approval, or have this very call made again to ask for one of its own.',
  spent: 'Have the call made again: that asks for a new approval, since one approves one call.',
  too_many_pending: 'Have the pending ones voted on or let them expire, then make the call again.',
} as const satisfies Record<ApprovalsErrorCode, string>;

/** An {@link ApprovalsError} with the next step that belongs to its code. */
export function refuse(code: ApprovalsErrorCode, message: string): ApprovalsError {
  return new ApprovalsError(code, message, NEXT_STEP[code]);
}
