import type { Principal } from '../domain/index.js';
import { approvalEvent, type Desk, OWN } from './desk.js';

/** The id of a revocation that ends what somebody asked for; undefined where there is none. */
export type WhyRevoked = (requester: Principal) => string | undefined;

/**
 * See `Approvals.revoke`. Denied before it is recorded, since only the store knows who was first; a grant whose end
 * could not be recorded is ended all the same.
 */
export async function revoke(desk: Desk, whyRevoked: WhyRevoked): Promise<readonly string[]> {
  const reasons: string[] = [];
  for (const { id, requester } of await desk.store.open()) {
    const why = whyRevoked(requester);
    if (why === undefined || !(await deny(desk, id))) continue;
    desk.told();
    const note = `its requester's credential was revoked: ${why}`;
    await desk.record(approvalEvent(id, 'denied', OWN, { note }));
    reasons.push(why);
  }
  return reasons;
}

/** Whether there was something to deny. */
async function deny({ store }: Desk, id: string): Promise<boolean> {
  let isDenied = false;
  await store.change(id, async (approval) => {
    isDenied = approval.state === 'pending' || approval.state === 'approved';
    return isDenied ? { ...approval, state: 'denied' } : approval;
  });
  return isDenied;
}
