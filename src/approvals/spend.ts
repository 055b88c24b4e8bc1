import type { Approval } from './approval.js';
import type { BoundCall } from './call.js';
import { approvalEvent, type Desk, findApproval } from './desk.js';
import { type ApprovalsError, refuse } from './errors.js';

/**
 * See `Approvals.spend`. Spent before it is recorded, since only the store knows who was first; if the record fails
 * the grant is lost and the call does not run.
 */
export async function spend(desk: Desk, approvalId: string, call: BoundCall): Promise<Approval> {
  const spent = await desk.store.spend(approvalId, call.digest, desk.now().toISOString());
  if (spent === undefined) throw whyNotSpent(await findApproval(desk, approvalId), call);
  await desk.record(approvalEvent(approvalId, 'spent', call.principalId));
  return spent;
}

function whyNotSpent({ id, state, call }: Approval, attempted: BoundCall): ApprovalsError {
  if (call.digest !== attempted.digest) return refuse('not_granted', `${id} is of another call`);
  switch (state) {
    case 'spent':
      return refuse('spent', `${id} is spent already`);
    case 'expired':
    case 'approved': // its time ran out just now
      return refuse('expired', `${id} is expired`);
    default:
      return refuse('not_granted', `${id} is ${state}`);
  }
}
