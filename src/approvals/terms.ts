import type { ApprovalRequirement } from '../domain/index.js';
import type { Approval } from './approval.js';
import { fulfils } from './assignment.js';

/**
 * Whether a yes that was given is enough for what policy demands now: the right people agreed, and it was not used more
 * often, nor is it older, nor good for more, than policy would have it now.
 */
export function meetsTerms(approval: Approval, now: ApprovalRequirement, time: Date): boolean {
  if (!fulfils(approval, now) || approval.uses >= (now.grant?.uses ?? 1)) return false;
  const given = approval.requirement.grant?.class;
  if (given !== undefined && given !== now.grant?.class) return false;
  return time.getTime() < validUntil(approval, now);
}

/** Milliseconds since 1970-01-01T00:00:00Z. */
function validUntil({ requestedAt, votes }: Approval, { grant, ttl_seconds }: ApprovalRequirement): number {
  if (grant === undefined) return Date.parse(requestedAt) + ttl_seconds * 1000;
  const lastVote = Math.max(...votes.map(({ votedAt }) => Date.parse(votedAt)));
  return lastVote + grant.valid_seconds * 1000;
}
