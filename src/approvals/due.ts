import { type ApprovalRequirement, describeThrown } from '../domain/index.js';
import type { Approval } from './approval.js';
import { escalationAt } from './assignment.js';
import { approvalEvent, type Desk, OWN } from './desk.js';

/** Time has no caller of its own: whoever looks next finds out what it brought about, and records it. */
export async function passTime(desk: Desk): Promise<void> {
  await expireDue(desk);
  await escalateDue(desk);
}

async function expireDue({ store, record, now, told }: Desk): Promise<void> {
  const ids = await store.expireDue(now().toISOString());
  if (ids.length > 0) told();
  await Promise.all(ids.map((id) => record(approvalEvent(id, 'expired', OWN))));
}

async function escalateDue(desk: Desk): Promise<void> {
  const now = desk.now().toISOString();
  for (const id of await desk.store.escalationsDue(now)) await escalate(desk, id, now);
}

/**
 * Of several that find it due, in whichever process, one records it. Where it cannot be changed it stays due, and does not
 * stand in the way of other approvals.
 */
async function escalate({ store, record, told, log }: Desk, id: string, now: string): Promise<void> {
  let groups: readonly string[] = [];
  const escalated = await store
    .change(id, async (approval) => {
      groups = approval.state === 'pending' ? escalatedTo(approval, now) : [];
      return withNextEscalation(approval, now);
    })
    .catch((thrown: unknown) => {
      log.error('an approval cannot be escalated', { approval: id, detail: describeThrown(thrown) });
      return undefined;
    });
  if (escalated === undefined || groups.length === 0) return;
  told();
  await record(approvalEvent(id, 'escalated', OWN, { note: groups.join(', ') }));
}

/** The groups that came to count since the last time that somebody looked. */
function escalatedTo({ requirement, requestedAt, escalatesAt }: Approval, now: string): readonly string[] {
  if (escalatesAt === undefined) return [];
  const groups = requirement.all_of.flatMap(({ escalate: to }) => {
    if (to === undefined) return [];
    const at = escalationAt(to, requestedAt);
    return escalatesAt <= at && at <= now ? to.groups : [];
  });
  return [...new Set(groups)].sort();
}

function withNextEscalation(approval: Approval, now: string): Approval {
  const { escalatesAt: _, ...rest } = approval;
  const next = nextEscalation(approval.requirement, approval.requestedAt, now);
  return next === undefined ? rest : { ...rest, escalatesAt: next };
}

/** When the next escalation is due after that time. RFC 3339, UTC. */
export function nextEscalation(
  { all_of }: ApprovalRequirement,
  requestedAt: string,
  after: string,
): string | undefined {
  const times = all_of.flatMap(({ escalate: to }) =>
    to === undefined ? [] : [escalationAt(to, requestedAt)],
  );
  return times.filter((at) => at > after).sort()[0];
}
