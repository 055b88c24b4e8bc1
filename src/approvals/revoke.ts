import type { Principal } from '../domain/index.js';
import type { Approval } from './approval.js';
import { approvalEvent, type Desk, OWN, type WhyRevoked } from './desk.js';

/** What ends an approval. */
interface End {
  /** The id of the revocation. */
  readonly why: string;
  readonly note: string;
  /** Whether the same call may be asked about anew at once: its own caller is no longer in question. */
  readonly asksAnew: boolean;
}

/**
 * See `Approvals.revoke`. Denied before it is recorded, since only the store knows who was first; a grant whose end
 * could not be recorded is ended all the same.
 */
export async function revoke(desk: Desk, whyRevoked: WhyRevoked): Promise<readonly string[]> {
  const reasons: string[] = [];
  for (const { id, requester, voters } of await desk.store.open()) {
    const why = whyRevoked(requester);
    const end =
      why === undefined
        ? endByVoters(voters, whyRevoked)
        : { why, note: `its requester's credential was revoked: ${why}`, asksAnew: false };
    if (end !== undefined && (await deny(desk, id, end)) !== undefined) reasons.push(end.why);
  }
  return reasons;
}

/**
 * Ends an approval that somebody agreed to whose credential was revoked since: others may have relied on that yes, so all
 * of them are asked anew. Others, and what is decided for good, stay as they are.
 *
 * @returns the approval as it is now
 */
export async function endRevoked(desk: Desk, approval: Approval): Promise<Approval> {
  const end = isOpen(approval) ? endByVoters(votersOf(approval), desk.whyRevoked) : undefined;
  return end === undefined ? approval : ((await deny(desk, approval.id, end)) ?? approval);
}

/**
 * Whether a yes of an approval is one of somebody whose credential was revoked since. A yes of which no credential was kept
 * is taken for such a one.
 */
export function restsOnRevoked({ whyRevoked }: Desk, approval: Approval): boolean {
  const voters = votersOf(approval);
  return voters.includes(null) || endByVoters(voters, whyRevoked) !== undefined;
}

function votersOf({ votes }: Approval): readonly (Principal | null)[] {
  return votes.filter(({ verdict }) => verdict === 'approve').map(({ principal = null }) => principal);
}

function endByVoters(voters: readonly (Principal | null)[], whyRevoked: WhyRevoked): End | undefined {
  for (const voter of voters) {
    const why = voter === null ? undefined : whyRevoked(voter);
    if (why !== undefined)
      return { why, note: `the credential of ${voter?.id}, who agreed, was revoked: ${why}`, asksAnew: true };
  }
  return undefined;
}

/** @returns the approval, where there was something to deny */
async function deny(desk: Desk, id: string, { note, asksAnew }: End): Promise<Approval | undefined> {
  let isDenied = false;
  const now = desk.now().toISOString();
  const denied = await desk.store.change(id, async (approval) => {
    isDenied = isOpen(approval);
    if (!isDenied) return approval;
    const expiresAt = asksAnew && now < approval.expiresAt ? now : approval.expiresAt;
    return { ...approval, state: 'denied', expiresAt };
  });
  if (!isDenied) return undefined;
  desk.told();
  await desk.record(approvalEvent(id, 'denied', OWN, { note }));
  return denied;
}

function isOpen({ state }: Approval): boolean {
  return state === 'pending' || state === 'approved';
}
