import { type Approval, type BoundCall, bindCall, type Resumption } from '../approvals/index.js';
import type {
  ApprovalRequirement,
  AuditReceipt,
  Judged,
  Received,
  RequestMessage,
  UpstreamPins,
} from '../domain/index.js';
import type { PinnedPolicy } from '../policy/index.js';
import type { Exchange } from './exchange.js';
import { record, toolName } from './judge.js';
import { ASKS_FOR_TASKS, type AskedTask } from './own-tasks/task.js';
import type { GatewayParts } from './parts.js';
import { GatewayError, reasonsData } from './refusal.js';
import { Refused } from './refuse.js';
import { shownOf } from './shown.js';
import { pinsOf, viewerOf } from './viewer.js';
import { APPROVAL_META } from './wait/answers.js';
import type { Comeback } from './wait/comeback.js';
import { useGrant } from './wait/grant.js';
import { waitFor } from './wait/wait.js';

/** Whose call it is, where it came as the only message of an HTTP request. */
export interface Caller {
  readonly exchange: Exchange;
  readonly comeback: Comeback | undefined;
  /** What it says of a task that it wants its call to be. */
  readonly asked?: AskedTask | undefined;
}

/** A held call that was judged again, under its grant. */
export interface Released {
  readonly judged: Judged;
  /** Under which it runs. */
  readonly approval: Approval;
  /** By which it was judged; to be given back. */
  readonly policy: PinnedPolicy;
  /**
   * Takes a use of the grant, which has to come before the call runs: after a crash in between, a human must say yes again,
   * and nothing runs twice.
   *
   * @throws ApprovalsError where the grant is used up, or cannot be believed
   */
  spend(): Promise<void>;
}

/** A call that policy wants approved. */
export interface HeldCall {
  readonly held: Judged;
  readonly received: Received;
  readonly request: RequestMessage;
  readonly requirement: ApprovalRequirement;
  readonly call: BoundCall;
  /** Of the tool that is called. */
  readonly definition: string | undefined;
  /** What of its upstream was looked at, by the policy that holds it. */
  readonly pins: UpstreamPins | undefined;
  /** Whether time has passed since policy judged it. */
  readonly hasWaited: boolean;
}

/**
 * Holds a call that needs a human's yes. Without a grant its caller waits, in the way that policy says and it can; with
 * one, the call is judged again by the policy in force now, and its grant is there to be spent.
 *
 * @param caller - undefined for a member of a batch, which does not wait
 * @throws Refused with `approval_required`, `url_elicitation_required` or `approval_unusable`, or a result that asks to
 *   come again
 * @throws ApprovalsError `too_many_pending`, `too_large_to_show`
 */
export async function hold(
  parts: GatewayParts,
  policy: PinnedPolicy,
  held: Judged,
  requirement: ApprovalRequirement,
  caller: Caller | undefined,
): Promise<Released> {
  const { received } = held;
  const { message: request } = received;
  if (request.kind !== 'request')
    throw denied(held, await record(parts, held, {}), 'only a request can wait for an approval');
  const { call, definition } = await bind(parts, received, request);
  const pins = pinsOf(policy, received.identified.arrival.upstream.name);
  const heldCall = { held, received, request, requirement, call, definition, pins, hasWaited: false };
  const comeback = caller?.comeback;
  if (comeback !== undefined && comeback.callDigest !== call.digest)
    throw await unusable(parts, held, 'other_call', comeback.approvalId);
  const claimed = comeback?.approvalId ?? claimedApproval(request);

  const found = await stand(parts, heldCall, claimed);
  if (found.state !== 'pending') return release(parts, heldCall, found, claimed);
  // It may be long before the call is judged again. A batch needs its policy for the others.
  if (caller !== undefined) policy.release();
  const approval = await waitFor(parts, heldCall, found.approval, caller);
  // Meanwhile the tool may have become another, and policy may demand more of the call.
  const after = { ...heldCall, ...(await bind(parts, received, request)), hasWaited: true };
  return release(parts, after, await stand(parts, after, approval.id), approval.id);
}

/** How a call stands; one that nobody was asked about yet is asked about. */
async function stand(
  parts: GatewayParts,
  heldCall: HeldCall,
  claimed: string | undefined,
): Promise<Exclude<Resumption, { state: 'none' }>> {
  const { call, requirement } = heldCall;
  const found = await parts.approvals.resume(call, claimed, requirement.grant?.class);
  return found.state === 'none' ? { state: 'pending', approval: await ask(parts, heldCall) } : found;
}

async function ask(parts: GatewayParts, heldCall: HeldCall): Promise<Approval> {
  const { held, received, request, requirement, call, definition, pins } = heldCall;
  const difference =
    definition && (await parts.tools.difference(call.upstream, call.tool?.name, definition, pins));
  return parts.approvals.request(call, {
    requirement,
    requester: received.identified.principal,
    revision: held.revision,
    shown: shownOf(parts, held, request, { definition, difference }),
  });
}

async function release(
  parts: GatewayParts,
  heldCall: HeldCall,
  found: Exclude<Resumption, { state: 'none' }>,
  claimed: string | undefined,
): Promise<Released> {
  const { held } = heldCall;
  if (found.state === 'refused')
    throw await unusable(parts, held, found.reason, found.approval?.id ?? claimed);
  if (found.state === 'pending') throw await unusable(parts, held, 'not_decided', found.approval.id);
  const released = await useGrant(parts, heldCall, found.approval);
  if (typeof released === 'string') throw await unusable(parts, held, released, found.approval.id);
  return released;
}

const UNUSABLE = {
  denied: 'the approval was denied',
  expired: 'the approval has expired',
  spent: 'the approval was used already',
  unknown: 'there is no such approval',
  other_principal: "the approval is another principal's",
  other_call: 'the approval is for another call',
  other_arguments: 'the approval is for other arguments',
  tool_changed: 'the tool has changed since the approval was asked for',
  grant_invalid: 'the grant was changed since it was given',
  other_terms: 'policy now asks for another approval than was given',
  own_request: 'somebody who stands behind this caller agreed to it',
  not_decided: 'the approval is not decided',
} as const;

async function unusable(
  parts: GatewayParts,
  held: Judged,
  reason: keyof typeof UNUSABLE,
  approvalId: string | undefined,
): Promise<Refused> {
  const error = new GatewayError(
    'approval_unusable',
    UNUSABLE[reason],
    'Send the call without an approval id to ask anew.',
    { ...reasonsData(held.decision.reasons), approval: { state: reason } },
  );
  return new Refused(error, held.decisionId, await record(parts, held, { approvalId }));
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

/** By the tool as it was last listed: what was approved when it was another tool is not approved. */
async function bind(parts: GatewayParts, received: Received, request: RequestMessage) {
  const { identified, session } = received;
  const upstream = identified.arrival.upstream.name;
  const name = toolName(received);
  const listed =
    name === undefined ? undefined : await parts.tools.recall(upstream, name, viewerOf(identified, session));
  const call = bindCall({
    principal: identified.principal,
    upstream,
    method: request.method,
    document: request.document,
    params: request.params,
    // How a call is answered is no part of what it does.
    ...(session.protocol_version === ASKS_FOR_TASKS && name !== undefined && { leftOut: ['task'] }),
    ...(name !== undefined && { tool: { name, ...(listed !== undefined && { digest: listed.digest }) } }),
  });
  return { call, definition: listed?.definition };
}
