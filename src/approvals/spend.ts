import type { Approval } from './approval.js';
import type { BoundCall } from './call.js';
import { approvalEvent, type Desk, findApproval } from './desk.js';
import { refuse } from './errors.js';
import { misfit } from './fit.js';
import { mustBeSigned, usesOf } from './grant.js';
import { restsOnRevoked } from './revoke.js';
import { reportInvalid } from './verify.js';

/**
 * See `Approvals.spend`. Spent before it is recorded, since only the store knows who was first; if the record fails
 * the grant is lost and the call does not run.
 */
export async function spend(
  desk: Desk,
  approvalId: string,
  call: BoundCall,
  className: string | undefined,
): Promise<Approval> {
  const spent = await desk.store
    .change(approvalId, (approval) => useOf(desk, approval, call, className))
    .catch((thrown: unknown) => reportInvalid(desk, approvalId, thrown));
  if (spent === undefined) return findApproval(desk, approvalId);
  desk.told();
  await desk.record(approvalEvent(approvalId, 'spent', call.principalId));
  return spent;
}

/** The approval after one use more. Judged where nothing can come between, so that no use is taken twice. */
async function useOf(
  desk: Desk,
  approval: Approval,
  call: BoundCall,
  className: string | undefined,
): Promise<Approval> {
  const { key, now } = desk;
  const { id, state, expiresAt } = approval;
  const why = misfit(approval, call, className);
  if (why !== undefined) throw refuse('not_granted', `${id} is of another call (${why})`);
  if (state === 'spent') throw refuse('spent', `${id} is spent already`);
  const at = now().toISOString();
  if (state === 'expired' || (state === 'approved' && expiresAt <= at))
    throw refuse('expired', `${id} is expired`);
  if (state !== 'approved') throw refuse('not_granted', `${id} is ${state}`);
  await mustBeSigned(key, approval);
  if (restsOnRevoked(desk, approval))
    throw refuse('not_granted', `somebody who agreed to ${id} was revoked since`);
  const uses = approval.uses + 1;
  return uses < usesOf(approval) ? { ...approval, uses } : { ...approval, uses, state: 'spent', spentAt: at };
}
