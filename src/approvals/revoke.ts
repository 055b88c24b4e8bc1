import type { Principal } from '../domain/index.js';
import { approvalEvent, type Desk, OWN } from './desk.js';

/** Who asked for an approval: by its id alone where it was kept before requesters were. */
export type Requester = Principal | Pick<Principal, 'id'>;

/** The id of a revocation that ends what somebody asked for; undefined where there is none. */
export type WhyRevoked = (requester: Requester) => string | undefined;

/**
 * See `Approvals.revoke`. Denied before it is recorded, since only the store knows who was first; a grant whose end
 * could not be recorded is ended all the same.
 */
export async function revoke({ store, record }: Desk, whyRevoked: WhyRevoked): Promise<readonly string[]> {
  const reasons: string[] = [];
  for (const { id, call, requester } of await store.open()) {
    const why = whyRevoked(requester ?? { id: call.principalId });
    if (why === undefined || !(await store.deny(id))) continue;
    await record(approvalEvent(id, 'denied', OWN, `its requester's credential was revoked: ${why}`));
    reasons.push(why);
  }
  return reasons;
}
