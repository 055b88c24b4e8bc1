import {
  type Approval,
  type ApprovalSummary,
  seats,
  seatsTaken,
  standing,
  type Vote,
} from '../../approvals/index.js';
import type { ApprovalRequirement, JsonObject, Principal } from '../../domain/index.js';

/** An approval as JSON, in the names of the API, with what the viewer may do. */
export function shownAs(approval: Approval, viewer: Principal): JsonObject {
  return { ...shownToAll(approval), you: standingAs(approval, viewer) };
}

/** An approval as lists and live updates show it: bounded, whatever the call is. */
export function summaryAs(approval: ApprovalSummary, viewer: Principal): JsonObject {
  const { call, requirement, votes, preview, reason } = approval;
  const { vote, breakGlass, refused } = standing(approval, viewer, new Date());
  const last = votes.at(-1);
  return {
    id: approval.id,
    state: approval.state,
    requested_at: approval.requestedAt,
    expires_at: approval.expiresAt,
    principal: call.principalId,
    upstream: call.upstream,
    method: call.method,
    ...(call.tool !== undefined && { tool: call.tool }),
    ...(preview !== undefined && { preview }),
    ...(reason !== undefined && { reason }),
    all_of: requirement.all_of.map(({ groups, quorum }) => ({ groups, quorum })),
    agreed: seatsTaken(approval, requirement),
    needed: seats(requirement.all_of),
    ...(last !== undefined && { last_voter: last.voter }),
    broke_glass: votes.some(({ breaksGlass }) => breaksGlass === true),
    uses: approval.uses,
    you: {
      may_vote: vote,
      may_break_glass: breakGlass,
      ...(!vote && { why: refused ?? 'not_needed' }),
    },
  };
}

/** An approval as JSON, in the names of the API, as all see it who may see it. */
export function shownToAll(approval: Approval): JsonObject {
  const { call, requester, revision, shown } = approval;
  return {
    id: approval.id,
    state: approval.state,
    requested_at: approval.requestedAt,
    expires_at: approval.expiresAt,
    principal: call.principalId,
    requester: requesterAs(requester),
    upstream: call.upstream,
    method: call.method,
    ...(call.tool !== undefined && { tool: call.tool.name }),
    ...(call.tool?.digest !== undefined && { tool_digest: call.tool.digest }),
    ...(shown.definition !== undefined && { tool_definition: shown.definition }),
    ...(shown.difference !== undefined && { tool_difference: shown.difference }),
    arguments: shown.arguments,
    arguments_masked: shown.masked === true,
    arguments_digest: call.argumentsDigest,
    reasons: shown.reasons.map(({ policy, code, message }) => ({ policy, code, message })),
    revision: { bundle: revision.bundle, revision: revision.revision, digest: revision.digest },
    ...requirementAs(approval.requirement),
    votes: approval.votes.map(voteAs),
    ...(approval.narrowed !== undefined && { narrowed: approval.narrowed }),
    uses: approval.uses,
    ...(approval.spentAt !== undefined && { spent_at: approval.spentAt }),
  };
}

function standingAs(approval: Approval, viewer: Principal): JsonObject {
  const { vote, breakGlass, refused } = standing(approval, viewer, new Date());
  const { call, requirement, shown, votes } = approval;
  const isNarrowable =
    call.method === 'tools/call' &&
    requirement.grant?.class === undefined &&
    shown.masked !== true &&
    !votes.some(({ verdict }) => verdict === 'approve'); // the first who agrees says to what
  return {
    may_vote: vote,
    may_break_glass: breakGlass,
    may_narrow: (vote || breakGlass) && isNarrowable,
    ...(!vote && { why: refused ?? 'not_needed' }),
  };
}

function requesterAs(requester: Principal): JsonObject {
  const { id, kind, issuer, subject, client_id, groups, roles } = requester;
  return {
    id,
    kind,
    issuer,
    subject,
    client_id,
    groups,
    roles,
    ...('workload' in requester && { workload: { ...requester.workload } }),
  };
}

function requirementAs({ all_of, grant }: ApprovalRequirement): JsonObject {
  return {
    all_of: all_of.map(({ groups, quorum, escalate, break_glass }) => ({
      groups,
      quorum,
      ...(escalate !== undefined && { escalate: { ...escalate } }),
      ...(break_glass !== undefined && { break_glass }),
    })),
    ...(grant !== undefined && { grant: { ...grant } }),
  };
}

function voteAs({ voter, verdict, votedAt, note, groups, breaksGlass }: Vote): JsonObject {
  return {
    voter,
    groups,
    verdict,
    at: votedAt,
    ...(note !== undefined && { note }),
    ...(breaksGlass === true && { break_glass: true }),
  };
}
