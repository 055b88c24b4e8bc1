import type { Approval } from '../../approvals/index.js';
import type { ApprovalRequirement, JsonObject, Judged } from '../../domain/index.js';
import type { GatewayParts, GatewaySettings } from '../parts.js';
import { GatewayError, reasonsData } from '../refusal.js';
import { StateSeal } from './request-state.js';

/**
 * Names the approval in what a caller of 2026-07-28 is asked for, in a result's `_meta`, and in the `params._meta` of a caller
 * that says which one it means.
 */
export const APPROVAL_META = 'regate/approval';

/** Where a human decides on an approval: its page, or where there are no pages the API's own. */
export function pageOf(
  { settings, page }: { readonly settings: Pick<GatewaySettings, 'publicUrl'>; readonly page?: unknown },
  { id }: Approval,
): string {
  return `${settings.publicUrl}${page === undefined ? '/api' : ''}/approvals/${id}`;
}

/** `return`: the error that names the approval. */
export function mustBeApproved(parts: GatewayParts, held: Judged, approval: Approval): GatewayError {
  return new GatewayError(
    'approval_required',
    `${mustApprove(approval)}; send the same call again once it is approved`,
    `regate approvals approve ${approval.id}`,
    dataOf(parts, held, approval),
  );
}

/** `url_elicitation`: the error by which a client takes a person to a page (MCP 2025-11-25, elicitation). */
export function mustBeVisited(parts: GatewayParts, held: Judged, approval: Approval): GatewayError {
  const elicitation = {
    mode: 'url',
    elicitationId: approval.id,
    url: pageOf(parts, approval),
    message: `${mustApprove(approval)}.`,
  };
  return new GatewayError(
    'url_elicitation_required',
    `${mustApprove(approval)}; send the same call again once it is approved`,
    `regate approvals approve ${approval.id}`,
    { elicitations: [elicitation], ...dataOf(parts, held, approval) },
  );
}

/**
 * `input_required`: the result that asks to come again (MCP 2026-07-28, multi round-trip requests), by way of the page
 * where the client can show it. What the client says of the visit is no vote.
 */
export function inputRequired(
  parts: GatewayParts,
  approval: Approval,
  asked: { readonly callDigest: string; readonly principalId: string; readonly elicitsByUrl: boolean },
): JsonObject {
  const { callDigest, principalId, elicitsByUrl } = asked;
  const { id: approvalId, expiresAt } = approval;
  const params = { mode: 'url', url: pageOf(parts, approval), message: `${mustApprove(approval)}.` };
  return {
    resultType: 'input_required',
    ...(elicitsByUrl && { inputRequests: { [APPROVAL_META]: { method: 'elicitation/create', params } } }),
    requestState: new StateSeal(parts.hashKey).seal({ approvalId, principalId, callDigest, expiresAt }),
    _meta: approvalMeta(parts, approval),
  };
}

/** A result's `_meta` that names the approval its caller waits for. */
export function approvalMeta(parts: GatewayParts, approval: Approval): JsonObject {
  return {
    [APPROVAL_META]: { id: approval.id, url: pageOf(parts, approval), expires_at: approval.expiresAt },
  };
}

function dataOf(parts: GatewayParts, held: Judged, approval: Approval): JsonObject {
  return {
    ...reasonsData(held.decision.reasons),
    approval: {
      id: approval.id,
      all_of: approval.requirement.all_of.map(({ groups, quorum }) => ({ groups, quorum })),
      expires_at: approval.expiresAt,
      url: pageOf(parts, approval),
    },
  };
}

/** What a caller is told of whom it waits for. */
export function mustApprove({ id, requirement }: Approval): string {
  return `a human must approve this call (${id}, by ${whoOf(requirement)})`;
}

function whoOf({ all_of }: ApprovalRequirement): string {
  const bodies = all_of.map(
    ({ groups, quorum }) => `${quorum > 1 ? `${quorum} of ` : ''}${groups.join(', ')}`,
  );
  return bodies.join(' and ');
}
