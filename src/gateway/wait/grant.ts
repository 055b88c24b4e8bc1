import { type Approval, isBehind, meetsTerms } from '../../approvals/index.js';
import type { Judged } from '../../domain/index.js';
import type { UsedApproval } from '../../policy/index.js';
import { deniedByPolicy } from '../denied.js';
import type { HeldCall, Released } from '../hold.js';
import { judge, record } from '../judge.js';
import type { GatewayParts } from '../parts.js';
import { Refused } from '../refuse.js';
import { narrowedTo } from './narrowed.js';

/**
 * Judges a call under its grant: with the arguments that were approved, by the policy in force now, if what was given is
 * still enough for what that policy demands of them.
 *
 * @returns `other_terms` where it is not enough, `own_request` where the caller, who may be another than the one who asked
 *   in the same name, stands behind a yes
 * @throws Refused where policy no longer lets the call pass
 */
export async function useGrant(
  parts: GatewayParts,
  { held, received: asked, requirement, call, hasWaited }: HeldCall,
  approval: Approval,
): Promise<Released | 'other_terms' | 'own_request'> {
  if (approversOf(approval).some((id) => isBehind(asked.identified.principal, id))) return 'own_request';
  const received = approval.narrowed === undefined ? asked : narrowedTo(parts, asked, approval.narrowed);
  const policy = parts.engine.pin();
  let isUsed = false;
  try {
    const isSame = received === asked && !hasWaited && policy.revision === held.revision;
    const first = isSame ? held : await judge(parts, policy, received);
    if (first.decision.effect === 'deny') throw await deny(parts, first, approval);
    const { approval: demanded = requirement } = first.decision;
    if (!meetsTerms(approval, demanded, new Date())) return 'other_terms';
    const judged = await judge(parts, policy, received, usedOf(approval));
    if (judged.decision.effect !== 'allow') throw await deny(parts, judged, approval);
    isUsed = true;
    const spend = async () => void (await parts.approvals.spend(approval.id, call, requirement.grant?.class));
    return { judged, approval, policy, spend };
  } finally {
    if (!isUsed) policy.release();
  }
}

/** A grant as policy sees it. */
export function usedOf(approval: Approval): UsedApproval {
  return { id: approval.id, approvers: approversOf(approval), state: 'approved' };
}

function approversOf({ votes }: Approval): string[] {
  return votes.filter(({ verdict }) => verdict === 'approve').map(({ voter }) => voter);
}

async function deny(parts: GatewayParts, judged: Judged, { id }: Approval): Promise<Refused> {
  const receipt = await record(parts, judged, { approvalId: id });
  return new Refused(deniedByPolicy(judged), judged.decisionId, receipt);
}
