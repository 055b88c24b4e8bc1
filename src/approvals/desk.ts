import type { ApprovalEvent, AuditReceipt } from '../domain/index.js';
import type { Approval } from './approval.js';
import { refuse } from './errors.js';
import type { ApprovalStore } from './store.js';

/** The actor of an event that time brought about, or a revocation. */
export const OWN = 'regate';

/** What everything that is done with approvals works on. */
export interface Desk {
  readonly store: ApprovalStore;
  /** Makes an event durable; its rejection is passed on. */
  readonly record: (event: ApprovalEvent) => Promise<AuditReceipt>;
  readonly now: () => Date;
  /** How many pending approvals one principal may have. */
  readonly cap: number;
}

/** Time has no caller of its own: whoever looks next finds out what expired, and records it. */
export async function expireDue({ store, record, now }: Desk): Promise<void> {
  const ids = await store.expireDue(now().toISOString());
  await Promise.all(ids.map((id) => record(approvalEvent(id, 'expired', OWN))));
}

/** @throws {ApprovalsError} `not_found` */
export async function findApproval({ store }: Desk, id: string): Promise<Approval> {
  const approval = await store.find(id);
  if (approval === undefined) throw refuse('not_found', 'there is no approval of that id');
  return approval;
}

export function approvalEvent(
  id: string,
  action: ApprovalEvent['action'],
  actor: string,
  note?: string,
): ApprovalEvent {
  return { type: 'approval', approval_id: id, action, actor, ...(note !== undefined && { note }) };
}
