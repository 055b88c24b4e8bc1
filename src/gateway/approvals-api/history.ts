import type { Approval, ApprovalSummary } from '../../approvals/index.js';
import { type AuditRecord, brief, type JsonObject, type Principal } from '../../domain/index.js';
import type { GatewayParts } from '../parts.js';
import { mayRead } from './rights.js';

const EVENTS = 20;
const APPROVALS = 10;
/** Longest name of a tool that is shown, in UTF-16 code units. */
const NAME = 200;

/** What the identity that asks did before: its last calls, and its former approvals as far as the viewer may read them. */
export async function historyOf(
  { history, approvals }: GatewayParts,
  { id, call }: Approval,
  viewer: Principal,
): Promise<JsonObject> {
  const { principalId } = call;
  const [records, former] = await Promise.all([
    history.lastOf(principalId, EVENTS),
    approvals.list({ principalId, limit: APPROVALS + 1 }),
  ]);
  return {
    calls: records.flatMap(callAs),
    approvals: former
      .filter((approval) => approval.id !== id && mayRead(viewer, approval))
      .slice(0, APPROVALS)
      .map(formerAs),
  };
}

/**
 * A decision that still stood when it was recorded, or a refusal. Why is said by codes alone: what else the audit has of it
 * may be in the words of whoever made the call.
 */
function callAs({ time, event }: AuditRecord): JsonObject[] {
  if (event.type !== 'decision' && event.type !== 'refusal') return [];
  const { upstream, method, tool } = event;
  const about = {
    time,
    ...(upstream !== undefined && { upstream }),
    ...(method !== undefined && { method }),
    ...(tool !== undefined && { tool: brief(tool, NAME) }),
  };
  if (event.type === 'refusal') return [{ ...about, outcome: 'refused', why: event.code }];
  const [reason] = event.reasons;
  const why = reason && `${reason.policy}: ${reason.code}`;
  return [{ ...about, outcome: event.effect, ...(why !== undefined && { why }) }];
}

function formerAs({ id, state, requestedAt, call }: ApprovalSummary): JsonObject {
  return {
    id,
    state,
    requested_at: requestedAt,
    upstream: call.upstream,
    method: call.method,
    ...(call.tool !== undefined && { tool: call.tool }),
  };
}
