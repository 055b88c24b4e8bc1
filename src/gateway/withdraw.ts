import { setTimeout as delay } from 'node:timers/promises';
import type { WhyRevoked } from '../approvals/index.js';
import { describeThrown, type Revocation } from '../domain/index.js';
import { type RevocationDesk, revocationEvent } from '../identity/index.js';
import type { RevocationParts } from './live.js';
import type { GatewayParts } from './parts.js';

/** How soon approvals are gone through again, where the store or the audit failed. */
const RETRY_MILLISECONDS = 1_000;

/**
 * Ends, from now on, all that rests on a credential in the moment in which it is revoked: who was remembered, and what is
 * under way; and just after that, approvals that were asked for with it or agreed to.
 */
export function endWhatIsRevoked(parts: GatewayParts, { desk, live }: RevocationParts): void {
  desk.revocations.onChange((find) => {
    parts.identifier.forget((principal) => find(principal) !== undefined);
    const exchanges = live.end(find);
    void finish(parts, exchanges);
  });
}

/**
 * By which revocation somebody's credential counts no more.
 *
 * @returns a function that throws RevocationError `revocations_unavailable` where it cannot be known
 */
export function whyRevokedBy(desk: RevocationDesk): WhyRevoked {
  return (principal) => {
    desk.mustBeCurrent();
    return desk.revocations.find(principal)?.id;
  };
}

/** For each gateway, a pass through its approvals that has not begun, and the one that has. */
const passes = new WeakMap<GatewayParts, { running: Promise<void>; next?: Promise<void> | undefined }>();

/**
 * Withdraws approvals once more, when a request that was ended is past the point where it could have asked for one. Of
 * many requests that end at once, all that end before a pass begins share it.
 */
export async function withdrawLate(parts: GatewayParts, walking: Promise<void>): Promise<void> {
  await walking.catch(() => undefined); // why it ended is known already
  const pass = passes.get(parts) ?? { running: Promise.resolve() };
  passes.set(parts, pass);
  pass.next ??= pass.running.then(() => {
    pass.next = undefined;
    pass.running = finish(parts, new Map());
    return pass.running;
  });
  await pass.next;
}

/** Never throws. */
async function finish(parts: GatewayParts, exchanges: ReadonlyMap<Revocation, number>): Promise<void> {
  const approvals = await withdrawApprovals(parts);
  for (const revocation of new Set([...exchanges.keys(), ...approvals.keys()])) {
    const ended = {
      exchanges: exchanges.get(revocation) ?? 0,
      approvals: approvals.get(revocation) ?? 0,
    };
    parts.log.info('a revocation ended what was under way', { revocation: revocation.id, ...ended });
    await parts.audit.append({ ...revocationEvent('ended', revocation), ended }).catch((thrown: unknown) => {
      const detail = describeThrown(thrown);
      parts.log.error('what a revocation ended could not be recorded', { revocation: revocation.id, detail });
    });
  }
}

/** Denies what was asked for with revoked credentials, or agreed to, however long that takes. */
async function withdrawApprovals(parts: GatewayParts): Promise<Map<Revocation, number>> {
  const { revocation } = parts;
  if (revocation === undefined) return new Map();
  const { revocations } = revocation.desk;
  const found = new Map<string, Revocation>();
  for (;;) {
    try {
      const reasons = await parts.approvals.revoke((principal) => {
        const why = revocations.find(principal);
        if (why !== undefined) found.set(why.id, why);
        return why?.id;
      });
      return counted(reasons.flatMap((id) => found.get(id) ?? []));
    } catch (thrown) {
      const detail = describeThrown(thrown);
      parts.log.error('approvals of a revoked credential could not be denied', { detail });
      await delay(RETRY_MILLISECONDS, undefined, { ref: false });
    }
  }
}

function counted(revocations: readonly Revocation[]): Map<Revocation, number> {
  const counts = new Map<Revocation, number>();
  for (const revocation of revocations) counts.set(revocation, (counts.get(revocation) ?? 0) + 1);
  return counts;
}
