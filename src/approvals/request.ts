import { randomBytes } from 'node:crypto';
import type { ApprovalRequirement, Principal } from '../domain/index.js';
import type { Approval, ShownCall } from './approval.js';
import type { BoundCall } from './call.js';
import { approvalEvent, type Desk } from './desk.js';
import { refuse } from './errors.js';

/** RFC 4648, section 6, in lower case. */
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** See `Approvals.request`. */
export async function request(
  desk: Desk,
  call: BoundCall,
  requirement: ApprovalRequirement,
  shown: ShownCall,
  requester: Principal,
): Promise<Approval> {
  const now = desk.now();
  const asked: Approval = {
    id: newId(),
    state: 'pending',
    call,
    requester,
    requirement,
    shown,
    requestedAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + requirement.ttl_seconds * 1000).toISOString(),
    votes: [],
  };
  const kept = await desk.store.create(asked, desk.cap);
  if (kept === 'full')
    throw refuse('too_many_pending', `${call.principalId} has ${desk.cap} pending approvals already`);
  if (kept.id === asked.id) await recordOrWithdraw(desk, kept);
  return kept;
}

/** Created before it is recorded, since only the store knows whether it is a new one; nobody knows its id yet. */
async function recordOrWithdraw({ store, record }: Desk, { id, call }: Approval): Promise<void> {
  try {
    await record(approvalEvent(id, 'requested', call.principalId));
  } catch (unrecorded) {
    await store.withdraw(id);
    throw unrecorded;
  }
}

/** `apr_` and 80 random bits: not to be guessed, and short enough to type. */
function newId(): string {
  return `apr_${Array.from(randomBytes(16), (byte) => BASE32[byte % BASE32.length]).join('')}`;
}
