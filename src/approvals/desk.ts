import type { KeyObject } from 'node:crypto';
import type { ApprovalEvent, AuditReceipt, Principal } from '../domain/index.js';
import type { Approval } from './approval.js';
import { refuse } from './errors.js';
import type { ApprovalStore, PendingCaps } from './store.js';

/** The actor of an event that time brought about, or a revocation. */
export const OWN = 'regate';
/** Where what somebody should look at is told. */
export interface ApprovalsLog {
  warn(message: string, about: object): void;
  error(message: string, about: object): void;
}

/** The id of the revocation by which somebody's credential counts no more; undefined where it still does. */
export type WhyRevoked = (principal: Principal) => string | undefined;

/** What everything that is done with approvals works on. */
export interface Desk {
  readonly store: ApprovalStore;
  /** Makes an event durable; its rejection is passed on. */
  readonly record: (event: ApprovalEvent) => Promise<AuditReceipt>;
  readonly now: () => Date;
  readonly caps: PendingCaps;
  /** Signs grants: private, Ed25519. */
  readonly key: KeyObject;
  readonly log: ApprovalsLog;
  readonly whyRevoked: WhyRevoked;
  /** Called when something was changed here, once that is durable. */
  readonly told: () => void;
}

/** @throws {ApprovalsError} `not_found` */
export async function findApproval({ store }: Pick<Desk, 'store'>, id: string): Promise<Approval> {
  const approval = await store.find(id);
  if (approval === undefined) throw refuse('not_found', 'there is no approval of that id');
  return approval;
}

export function approvalEvent(
  id: string,
  action: ApprovalEvent['action'],
  actor: string,
  more: Pick<ApprovalEvent, 'note' | 'breaks_glass' | 'narrowed_digest'> = {},
): ApprovalEvent {
  return { type: 'approval', approval_id: id, action, actor, ...more };
}
