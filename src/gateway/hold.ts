import { type Approval, bindCall } from '../approvals/index.js';
import type {
  ApprovalRequirement,
  AuditReceipt,
  JsonObject,
  Judged,
  RequestMessage,
} from '../domain/index.js';
import { deniedByPolicy } from './denied.js';
import { judge, record, toolName } from './judge.js';
import type { GatewayParts } from './parts.js';
import { GatewayError, reasonsData } from './refusal.js';
import { Refused } from './refuse.js';

/** A caller that retries a held call may say which approval it means, as this member of `params._meta`. */
export const APPROVAL_META = 'regate/approval';

/** A held call that was judged again, under its grant. */
export interface Released {
  readonly judged: Judged;
  readonly approvalId: string;
  /**
   * Uses up the grant, which has to come before the call runs: after a crash in between, a human must say yes again, and
   * nothing runs twice.
   *
   * @throws ApprovalsError `spent`, `expired`
   */
  spend(): Promise<void>;
}

/**
 * Holds a call that needs a human's yes. Without a grant it ends here, and the caller is told which approval to wait
 * for; with one, the call is judged again by the policy in force now, and its grant is there to be spent.
 *
 * @throws Refused with `approval_required` or `approval_unusable`
 * @throws ApprovalsError `too_many_pending`
 */
export async function hold(
  parts: GatewayParts,
  held: Judged,
  requirement: ApprovalRequirement,
): Promise<Released> {
  const { received } = held;
  const { message } = received;
  if (message.kind !== 'request') {
    const receipt = await record(parts, held, {});
    throw denied(held, receipt, 'only a request can wait for an approval');
  }
  const call = bindCall({
    principal: received.identified.principal,
    upstream: received.identified.arrival.upstream.name,
    method: message.method,
    document: message.document,
    params: message.params,
    ...calledTool(parts, held),
  });
  const resumption = await parts.approvals.resume(call, claimedApproval(message));
  switch (resumption.state) {
    case 'none':
    case 'pending': {
      const shown = {
        arguments: message.params === undefined ? '{}' : message.document.text(message.params),
        reasons: held.decision.reasons,
      };
      const approval =
        resumption.state === 'pending'
          ? resumption.approval
          : await parts.approvals.request(call, requirement, shown, received.identified.principal);
      throw new Refused(
        mustBeApproved(parts, held, approval),
        held.decisionId,
        await record(parts, held, { approvalId: approval.id }),
      );
    }
    case 'refused':
      throw new Refused(
        unusable(held, resumption.reason),
        held.decisionId,
        await record(parts, held, { approvalId: resumption.approval?.id }),
      );
    case 'granted': {
      const { approval } = resumption;
      if (!satisfies(approval, requirement)) {
        throw new Refused(
          unusable(held, 'other_terms'),
          held.decisionId,
          await record(parts, held, { approvalId: approval.id }),
        );
      }
      return {
        judged: await judgeAgain(parts, held, approval),
        approvalId: approval.id,
        spend: async () => void (await parts.approvals.spend(approval.id, call)),
      };
    }
  }
}

async function judgeAgain(parts: GatewayParts, held: Judged, approval: Approval): Promise<Judged> {
  const approvers = approval.votes.filter(({ verdict }) => verdict === 'approve').map(({ voter }) => voter);
  const current = parts.engine.pin();
  try {
    const judged = await judge(parts, current, held.received, {
      id: approval.id,
      approvers,
      state: 'approved',
    });
    if (judged.decision.effect !== 'allow') {
      const receipt = await record(parts, judged, { approvalId: approval.id });
      if (judged.decision.scopes !== undefined)
        throw new Refused(deniedByPolicy(judged), judged.decisionId, receipt);
      throw denied(judged, receipt, 'policy no longer allows it');
    }
    return judged;
  } finally {
    current.release();
  }
}

/** Whether a grant was given on at least the terms that policy demands now. */
function satisfies(approval: Approval, now: ApprovalRequirement): boolean {
  const given = approval.requirement;
  return given.quorum >= now.quorum && given.groups.every((group) => now.groups.includes(group));
}

function mustBeApproved(parts: GatewayParts, held: Judged, approval: Approval): GatewayError {
  const data: JsonObject = {
    ...reasonsData(held.decision.reasons),
    approval: {
      id: approval.id,
      groups: approval.requirement.groups,
      quorum: approval.requirement.quorum,
      expires_at: approval.expiresAt,
      url: `${parts.settings.publicUrl}/api/approvals/${approval.id}`,
    },
  };
  const groups = approval.requirement.groups.join(', ');
  return new GatewayError(
    'approval_required',
    `a human must approve this call (${approval.id}, by ${groups}); send the same call again once it is approved`,
    `regate approvals approve ${approval.id}`,
    data,
  );
}

const UNUSABLE = {
  denied: 'the approval was denied',
  expired: 'the approval has expired',
  spent: 'the approval was used already',
  other_call: 'the approval is for another call',
  unknown: 'there is no such approval',
  other_terms: 'policy now asks for another approval than was given',
} as const;

function unusable(held: Judged, reason: keyof typeof UNUSABLE): GatewayError {
  return new GatewayError(
    'approval_unusable',
    UNUSABLE[reason],
    'Send the call without an approval id to ask anew.',
    {
      ...reasonsData(held.decision.reasons),
      approval: { state: reason },
    },
  );
}

function denied(judged: Judged, receipt: AuditReceipt, message: string): Refused {
  const data = reasonsData(judged.decision.reasons);
  return new Refused(
    new GatewayError('policy_denied', message, 'Ask whoever keeps the policy.', data),
    judged.decisionId,
    receipt,
  );
}

function claimedApproval(message: RequestMessage): string | undefined {
  const { document, params } = message;
  const meta = params === undefined ? undefined : document.member(params, '_meta');
  const id = meta === undefined ? undefined : document.member(meta, APPROVAL_META);
  return id !== undefined && document.kind(id) === 'string' ? document.string(id) : undefined;
}

function calledTool(parts: GatewayParts, held: Judged) {
  const name = toolName(held.received);
  if (name === undefined) return {};
  const digest = parts.tools.find(held.received.identified.arrival.upstream.name, name)?.digest;
  return { tool: { name, ...(digest !== undefined && { digest }) } };
}
