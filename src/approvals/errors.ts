import { RegateError } from '../domain/index.js';

export type ApprovalsErrorCode =
  | 'not_found'
  | 'not_permitted'
  | 'own_request'
  | 'already_voted'
  | 'not_needed'
  | 'not_pending'
  | 'note_required'
  | 'note_too_long'
  | 'other_arguments'
  | 'bad_arguments'
  | 'expired'
  | 'not_granted'
  | 'spent'
  | 'grant_invalid'
  | 'too_large_to_show'
  | 'too_many_pending'
  | 'delivery_unknown'
  | 'not_given_up'
  | 'door_gone'
  | 'key_unusable';

/** What was asked of an approval is against its rules, and nothing of it happened. */
export class ApprovalsError extends RegateError<ApprovalsErrorCode> {}

const NEXT_STEP = {
  not_found: 'Check the id; `regate approvals list` shows those that are known.',
  not_permitted: 'Ask somebody who is in one of the groups that the approval names.',
  own_request: 'Ask somebody else: nobody approves a call of their own, nor one that was made for them.',
  already_voted: 'Ask somebody else: the votes of different people are needed.',
  not_needed: 'Ask somebody of the groups whose votes are still missing.',
  not_pending: 'Nothing is to be done: the approval was decided already.',
  note_required: 'Say why, in at least 10 characters: whoever breaks the glass has to.',
  note_too_long: 'Say it in at most 2,000 characters.',
  other_arguments:
    'Look at the approval again, and vote on the arguments that the others agreed to, or deny it.',
  bad_arguments: 'Give the arguments as one JSON object of at most 256 KB, or approve those it came with.',
  expired: 'Have the call made again: that asks for a new approval.',
  not_granted: 'Wait for the approval, or have this very call made again to ask for one of its own.',
  spent:
    'Have the call made again: that asks for a new approval, since one is good for so many uses and no more.',
  grant_invalid:
    'Have the call made again, and find out who changed the store, or the key of grants, meanwhile.',
  too_large_to_show: 'Make the call smaller: nobody can approve what nobody can look at.',
  too_many_pending: 'Have the pending ones voted on or let them expire, then make the call again.',
  delivery_unknown: 'Check the id; `regate approvals deliveries` shows those that are known.',
  not_given_up: 'Wait: it is tried again by itself.',
  door_gone: 'Configure the webhook or the channel again, or leave it.',
  key_unusable: 'Give an Ed25519 private key in PEM, or a path at which there is none, and one is made.',
} as const satisfies Record<ApprovalsErrorCode, string>;

/** An {@link ApprovalsError} with the next step that belongs to its code. */
export function refuse(code: ApprovalsErrorCode, message: string, cause?: unknown): ApprovalsError {
  return new ApprovalsError(code, message, NEXT_STEP[code], cause);
}
