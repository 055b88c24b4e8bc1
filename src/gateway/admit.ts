import { type Judged, Permit, type Received } from '../domain/index.js';
import type { PinnedPolicy } from '../policy/index.js';
import { hold } from './hold.js';
import { judge, oblige, record } from './judge.js';
import type { GatewayParts } from './parts.js';
import { GatewayError, reasonsData } from './refusal.js';
import { Refused } from './refuse.js';

/** A message that may go to its upstream, and the decision that says so. */
export interface Admitted {
  readonly judged: Judged;
  readonly permit: Permit;
}

/**
 * Decides on a message to an upstream: judged, held where a human must approve, masked, recorded.
 *
 * @throws Refused where policy or a human does not let it pass, already recorded
 * @throws PolicyError, MaskingError, AuditError where it cannot be known whether it may
 */
export async function admit(
  parts: GatewayParts,
  policy: PinnedPolicy,
  received: Received,
): Promise<Admitted> {
  const first = await judge(parts, policy, received);
  const { effect, approval } = first.decision;
  const released =
    effect === 'require_approval' && approval !== undefined ? await hold(parts, first, approval) : undefined;
  const judged = released?.judged ?? first;
  if (judged.decision.effect !== 'allow') {
    throw new Refused(deniedByPolicy(judged), judged.decisionId, await record(parts, judged, {}));
  }
  const obliged = oblige(parts, judged);
  const receipt = await record(parts, judged, { obliged, approvalId: released?.approvalId });
  return { judged, permit: Permit.forMessage(judged, obliged, receipt) };
}

/** What the caller is told when policy says no. */
export function deniedByPolicy(judged: Judged): GatewayError {
  const { reasons } = judged.decision;
  const why = reasons.map(({ message }) => message).join('; ');
  return new GatewayError(
    'policy_denied',
    why === '' ? 'policy denied this' : `policy denied this: ${why}`,
    'Ask whoever keeps the policy.',
    reasonsData(reasons),
  );
}
