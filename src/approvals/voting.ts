import type { Principal } from '../domain/index.js';
import type { Approval, ApprovalState, Verdict, Vote } from './approval.js';
import { refuse } from './errors.js';

/** What somebody says to an approval. */
export interface Ballot {
  readonly voter: Principal;
  readonly verdict: Verdict;
  readonly note: string | undefined;
  /** RFC 3339, UTC. */
  readonly now: string;
}

/**
 * The approval as it is after a vote: denied by one deny, approved once its quorum of different voters agreed.
 *
 * @throws {ApprovalsError} `not_permitted`, `own_request`, `already_voted`, `expired` or `not_pending`
 */
export function castVote(approval: Approval, ballot: Ballot): Approval {
  mustBePermitted(approval, ballot.voter);
  mustBeOpen(approval, ballot.now);
  const vote: Vote = {
    voter: ballot.voter.id,
    verdict: ballot.verdict,
    ...(ballot.note !== undefined && { note: ballot.note }),
    votedAt: ballot.now,
  };
  const votes = [...approval.votes, vote];
  return { ...approval, votes, state: outcome(votes, approval.requirement.quorum) };
}

/** Who may vote comes first: whoever may not learns nothing else of the approval. */
function mustBePermitted({ id, requirement, call, votes }: Approval, voter: Principal): void {
  if (!requirement.groups.some((group) => voter.groups.includes(group)))
    throw refuse('not_permitted', `${voter.id} is in none of the groups that may vote on ${id}`);
  if (voter.id === call.principalId) throw refuse('own_request', `${voter.id} made the call of ${id}`);
  if (votes.some((vote) => vote.voter === voter.id))
    throw refuse('already_voted', `${voter.id} has voted on ${id} already`);
}

function mustBeOpen({ id, state, expiresAt }: Approval, now: string): void {
  if (state === 'expired' || (state === 'pending' && expiresAt <= now))
    throw refuse('expired', `${id} expired at ${expiresAt}`);
  if (state !== 'pending') throw refuse('not_pending', `${id} is ${state} already`);
}

function outcome(votes: readonly Vote[], quorum: number): ApprovalState {
  if (votes.some(({ verdict }) => verdict === 'deny')) return 'denied';
  return votes.length >= quorum ? 'approved' : 'pending';
}
