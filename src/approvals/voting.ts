import type { Principal } from '../domain/index.js';
import type { Approval, Verdict, Vote } from './approval.js';
import { countsFor, escalationAt, fulfils, mayBreak, seatsTaken } from './assignment.js';
import { type ApprovalsError, type ApprovalsErrorCode, refuse } from './errors.js';
import { sharesIdentity } from './identity-chain.js';
import { narrowedBy } from './narrowing.js';
import type { VotableApproval } from './summary.js';

/** UTF-16 code units. */
const LONGEST_NOTE = 2_000;
/** Of somebody who breaks the glass, without the white space around it. */
const SHORTEST_REASON = 10;

/** What somebody says to an approval. */
export interface Ballot {
  readonly verdict: Verdict;
  readonly note?: string;
  /** Agrees to these arguments instead: the JSON text of the params' `arguments`. */
  readonly narrowed?: string;
  /** Agrees in place of all others whom policy lets this voter stand in for. */
  readonly breakGlass?: boolean;
}

/** How somebody stands to an approval. Whoever has a vote of either kind may also deny. */
export interface Standing {
  /** Whether a vote of theirs would count. */
  readonly vote: boolean;
  /** Whether they may break the glass. */
  readonly breakGlass: boolean;
  /** Why they may not; `not_permitted` for those whom policy does not name, whatever else is the case. */
  readonly refused?: ApprovalsErrorCode;
}

/** What somebody may do about an approval at this moment. */
export function standing(approval: VotableApproval, voter: Principal, now: Date): Standing {
  const at = now.toISOString();
  const refused = whyNotToVote(approval, voter, at)?.code;
  if (refused !== undefined) return { vote: false, breakGlass: false, refused };
  return {
    vote: countsNow(approval, voter, at),
    breakGlass: mayBreakSome(approval, voter),
  };
}

/**
 * The approval as it is after a vote: denied by one deny, approved once every body agreed. One that is approved lacks its
 * grant still.
 *
 * @param now - RFC 3339, UTC
 * @throws {ApprovalsError} `not_permitted`, `own_request`, `already_voted`, `expired`, `not_pending`, `note_required`,
 *   `note_too_long`, `other_arguments`, `bad_arguments` or `not_needed`
 */
export function castVote(approval: Approval, voter: Principal, ballot: Ballot, now: string): Approval {
  const refusal = whyNotToVote(approval, voter, now);
  if (refusal !== undefined) throw refusal;
  const { verdict, note } = ballot;
  if (note !== undefined && note.length > LONGEST_NOTE)
    throw refuse('note_too_long', `the note has ${note.length} characters`);
  const vote: Vote = {
    voter: voter.id,
    principal: voter,
    groups: voter.groups,
    verdict,
    ...(note !== undefined && { note }),
    votedAt: now,
  };
  if (verdict === 'deny') return { ...approval, votes: [...approval.votes, vote], state: 'denied' };
  return agree(approval, voter, ballot, vote);
}

function agree(approval: Approval, voter: Principal, ballot: Ballot, vote: Vote): Approval {
  const breaksGlass = ballot.breakGlass === true;
  mustBePermitted(approval, voter, breaksGlass, vote);
  const narrowed = narrowedBy(approval, ballot.narrowed);
  const votes = [...approval.votes, { ...vote, ...(breaksGlass && { breaksGlass }) }];
  const voted = { ...approval, votes, ...(narrowed !== undefined && { narrowed }) };
  if (seatsTaken(voted, approval.requirement) === seatsTaken(approval, approval.requirement))
    throw refuse('not_needed', `enough of the groups of ${voter.id} agreed to ${approval.id} already`);
  return fulfils(voted, approval.requirement) ? approved(voted, vote.votedAt) : voted;
}

function mustBePermitted(
  approval: Approval,
  voter: Principal,
  breaksGlass: boolean,
  { note = '', votedAt }: Vote,
): void {
  if (!breaksGlass) {
    if (!countsNow(approval, voter, votedAt))
      throw refuse('not_permitted', `${voter.id} may agree to ${approval.id} only by breaking the glass`);
    return;
  }
  if (!mayBreakSome(approval, voter))
    throw refuse('not_permitted', `${voter.id} may not break the glass for ${approval.id}`);
  if (note.trim().length < SHORTEST_REASON)
    throw refuse('note_required', `no reason is given for breaking the glass for ${approval.id}`);
}

/** What was approved is good from the last vote on, for as long as policy says, or until the wait for it would be over. */
function approved(approval: Approval, votedAt: string): Approval {
  const { grant } = approval.requirement;
  const expiresAt =
    grant === undefined
      ? approval.expiresAt
      : new Date(Date.parse(votedAt) + grant.valid_seconds * 1000).toISOString();
  return { ...approval, state: 'approved', expiresAt };
}

/** Who may vote comes first: whoever may not learns nothing else of the approval. */
function whyNotToVote(approval: VotableApproval, voter: Principal, now: string): ApprovalsError | undefined {
  const { id, requester, votes, state, expiresAt } = approval;
  if (!countsNow(approval, voter, now) && !mayBreakSome(approval, voter))
    return refuse(
      'not_permitted',
      `${voter.id} is in none of the groups that may vote on ${id}${later(approval, voter)}`,
    );
  if (sharesIdentity(requester, voter))
    return refuse('own_request', `${voter.id} made the call of ${id}, or stands behind who made it`);
  if (votes.some((vote) => vote.voter === voter.id))
    return refuse('already_voted', `${voter.id} has voted on ${id} already`);
  if (state === 'expired' || (state === 'pending' && expiresAt <= now))
    return refuse('expired', `${id} expired at ${expiresAt}`);
  if (state !== 'pending') return refuse('not_pending', `${id} is ${state} already`);
  return undefined;
}

function countsNow({ requirement, requestedAt }: VotableApproval, voter: Principal, now: string): boolean {
  return requirement.all_of.some((body) => countsFor(body, voter.groups, requestedAt, now));
}

function mayBreakSome({ requirement }: VotableApproval, voter: Principal): boolean {
  return requirement.all_of.some((body) => mayBreak(body, voter.groups));
}

/** From when on somebody whom only an escalation names may vote, in words. */
function later({ requirement, requestedAt }: VotableApproval, voter: Principal): string {
  const [first] = requirement.all_of
    .flatMap(({ escalate }) =>
      escalate?.groups.some((group) => voter.groups.includes(group))
        ? [escalationAt(escalate, requestedAt)]
        : [],
    )
    .sort();
  return first === undefined ? '' : ` before ${first}`;
}
