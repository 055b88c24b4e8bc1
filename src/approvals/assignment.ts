import type { ApprovalRequirement, Approvers } from '../domain/index.js';
import type { CountedVote, VotableApproval } from './summary.js';

/** What of an approval says who agreed, and to what counts it. */
export type Agreement = Pick<VotableApproval, 'requestedAt' | 'votes'>;

/** Whether those who agreed are enough for a requirement: for that of the approval, or for what policy demands now. */
export function fulfils(agreement: Agreement, requirement: ApprovalRequirement): boolean {
  return seatsTaken(agreement, requirement) === seats(requirement.all_of);
}

/**
 * How many of the seats that a requirement has are taken, with each voter on the one where it helps most. Whoever breaks
 * the glass takes all seats of each body that allows it, and none elsewhere.
 */
export function seatsTaken({ requestedAt, votes }: Agreement, { all_of }: ApprovalRequirement): number {
  const agreed = votes.filter(({ verdict }) => verdict === 'approve');
  const isBroken = (body: Approvers) => agreed.some((vote) => breaks(vote, body));
  const whole = all_of.filter((body) => !isBroken(body));
  const voters = agreed.filter((vote) => !all_of.some((body) => breaks(vote, body)));
  const choices = new Map(
    voters.map((vote) => [
      vote.voter,
      whole.filter((body) => countsFor(body, vote.groups, requestedAt, vote.votedAt)),
    ]),
  );
  return seats(all_of.filter(isBroken)) + mostSeated(choices);
}

/** Whether members of these groups count for a body at that time, or at any if there is none. */
export function countsFor(
  { groups, escalate }: Approvers,
  own: readonly string[],
  requestedAt: string,
  at: string,
): boolean {
  if (meet(groups, own)) return true;
  return escalate !== undefined && escalationAt(escalate, requestedAt) <= at && meet(escalate.groups, own);
}

/** When the members of a body's escalation begin to count. RFC 3339, UTC. */
export function escalationAt(escalate: NonNullable<Approvers['escalate']>, requestedAt: string): string {
  return new Date(Date.parse(requestedAt) + escalate.after_seconds * 1000).toISOString();
}

/** Whether members of these groups may agree in place of all others of a body. */
export function mayBreak({ break_glass = [] }: Approvers, own: readonly string[]): boolean {
  return meet(break_glass, own);
}

function breaks({ breaksGlass, groups }: CountedVote, body: Approvers): boolean {
  return breaksGlass === true && mayBreak(body, groups);
}

/** How many must agree in all. */
export function seats(bodies: readonly Approvers[]): number {
  return bodies.reduce((sum, { quorum }) => sum + quorum, 0);
}

function meet(groups: readonly string[], own: readonly string[]): boolean {
  return groups.some((group) => own.includes(group));
}

/**
 * A greatest matching of voters with seats, by augmenting paths: a voter who finds all seats of a body taken has one of
 * those who sit there try their other bodies.
 */
function mostSeated(choices: ReadonlyMap<string, readonly Approvers[]>): number {
  const sitting = new Map<Approvers, string[]>();
  const seat = (voter: string, asked: Set<Approvers>): boolean =>
    (choices.get(voter) ?? []).some((body) => {
      if (asked.has(body)) return false;
      asked.add(body);
      const there = sitting.get(body) ?? [];
      sitting.set(body, there);
      if (there.length < body.quorum) {
        there.push(voter);
        return true;
      }
      const moved = there.findIndex((other) => seat(other, asked));
      if (moved >= 0) there[moved] = voter;
      return moved >= 0;
    });
  return [...choices.keys()].filter((voter) => seat(voter, new Set())).length;
}
