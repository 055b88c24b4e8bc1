import { createHash, randomUUID } from 'node:crypto';
import {
  type AuditReceipt,
  type CountedLimit,
  type Decision,
  type FactSource,
  type Facts,
  Judged,
  type Obliged,
  type Received,
} from '../domain/index.js';
import { readFacts } from '../facts/index.js';
import { carryOut, findSensitive } from '../masking/index.js';
import {
  type PinnedPolicy,
  PolicyError,
  type PolicyErrorCode,
  type PolicyInput,
  type UsedApproval,
  type Verdict,
} from '../policy/index.js';
import { toolCall } from '../protocol/index.js';
import { isOwnTask } from './own-tasks/ids.js';
import type { GatewayParts } from './parts.js';
import { recordInput } from './record-input.js';
import { GatewayError, reasonsData } from './refusal.js';

/**
 * Puts one message and all that is known around it to a revision's policy.
 *
 * @throws PolicyError, GatewayError `bundle_expired` where no decision can be had
 */
export async function judge(
  parts: GatewayParts,
  policy: PinnedPolicy,
  received: Received,
  approval?: UsedApproval,
): Promise<Judged> {
  mustNotBeExpired(parts);
  const { message, identified, direction, session, request } = received;
  const findings = findSensitive(message.document);
  const tool = advertisedTool(parts, received);
  const input: PolicyInput = {
    direction,
    kind: message.kind,
    upstream: identified.arrival.upstream,
    principal: identified.principal,
    session,
    message: message.document,
    findings,
    nowNanoseconds: BigInt(Date.now()) * 1_000_000n,
    ...(request !== undefined && { request }),
    ...(tool !== undefined && { tool }),
    facts: (sources) => factsOf(received, sources),
    ...(approval !== undefined && { approval }),
  };
  const { decision: said, evaluationMicroseconds } = await decide(parts, policy, input);
  const decision = withoutForeignTasks(parts, received, said);
  const recorded = recordInput(parts, input, decision, policy.facts);
  const verdict = {
    decision,
    revision: policy.revision,
    findings,
    evaluationMicroseconds,
    ...(recorded !== undefined && { input: recorded }),
  };
  const judged = new Judged(received, randomUUID(), verdict);
  parts.shadow?.compare(input, { decision: said, revision: policy.revision }, judged);
  return judged;
}

/** What is read out of a tool call's arguments. */
function factsOf(
  { message, direction, identified }: Received,
  sources: readonly FactSource[],
): Facts | undefined {
  const call = direction === 'to_server' && message.kind === 'request' ? toolCall(message) : undefined;
  if (call?.name === undefined) return undefined;
  const upstream = identified.arrival.upstream.name;
  const { document } = message;
  return readFacts(sources, {
    upstream,
    tool: call.name,
    document,
    node: document.at('params', 'arguments'),
  });
}

/** Why a policy could not decide by its own fault, rather than by the message's or the gateway's. */
const ITS_FAULT: ReadonlySet<string> = new Set<PolicyErrorCode>([
  'deadline',
  'evaluation_failed',
  'undefined_decision',
  'malformed_decision',
]);

async function decide(parts: GatewayParts, policy: PinnedPolicy, input: PolicyInput): Promise<Verdict> {
  const { revision } = policy;
  const principal = input.principal.id;
  try {
    const verdict = await policy.decide(input);
    parts.decided?.({ revision, principal, failed: false });
    return verdict;
  } catch (thrown) {
    if (thrown instanceof PolicyError && ITS_FAULT.has(thrown.code))
      parts.decided?.({ revision, principal, failed: true });
    throw thrown;
  }
}

/** Looked at for each decision, also by a revision that was pinned before it expired. */
function mustNotBeExpired({ settings, bundleStatus }: GatewayParts): void {
  if (settings.onBundleExpiry !== 'fail_closed' || !bundleStatus().expiry?.isPast) return;
  throw new GatewayError(
    'bundle_expired',
    'no decision: the policy bundle is past its expiry',
    'Publish a bundle that was built anew, or find out why the one that was published does not arrive.',
  );
}

/** Takes out of a list of tasks what is not this principal's, whatever policy says. */
function withoutForeignTasks(parts: GatewayParts, received: Received, decision: Decision): Decision {
  const { message, direction, request, identified } = received;
  if (direction !== 'to_client' || request?.method !== 'tasks/list' || message.kind !== 'response')
    return decision;
  const isOwn = (id: string) => isOwnTask(parts, identified, id);
  return {
    ...decision,
    mask: [...decision.mask, ...parts.correlation.tasks.foreignIn(identified, message, isOwn)],
  };
}

/**
 * Carries out what the decision demands of the message.
 *
 * @throws MaskingError
 * @throws GatewayError `policy_denied` where it limits what goes to a client, which nothing counts
 */
export function oblige(parts: GatewayParts, judged: Judged): Obliged {
  mustNotCount(judged);
  return carryOut(judged.received.message.document, judged.decision, { hashKey: parts.hashKey });
}

function mustNotCount({ received, decision: { limits = [] } }: Judged): void {
  if (received.direction === 'to_server' || limits.length === 0) return;
  const message = 'only what goes to a server can be counted under a limit';
  throw new GatewayError(
    'policy_denied',
    'policy demands what cannot be carried out',
    'Ask whoever keeps the policy.',
    reasonsData([{ policy: 'regate', code: 'obligation_failed', message }]),
  );
}

/** Makes a decision durable; nothing that it allows may move before. */
export function record(
  parts: GatewayParts,
  judged: Judged,
  consequences: {
    readonly obliged?: Obliged;
    readonly approvalId?: string | undefined;
    readonly limits?: readonly CountedLimit[] | undefined;
  },
): Promise<AuditReceipt> {
  const { received, decision } = judged;
  const { identified, message } = received;
  const method = message.kind === 'response' ? received.request?.method : message.method;
  const tool = toolName(received);
  const { id, client_id, groups } = identified.principal;
  return parts.audit.append({
    type: 'decision',
    exchange_id: identified.arrival.exchangeId,
    decision_id: judged.decisionId,
    principal: { id, client_id, groups },
    upstream: identified.arrival.upstream.name,
    direction: received.direction,
    kind: message.kind,
    ...(method !== undefined && { method }),
    ...(tool !== undefined && { tool }),
    effect: decision.effect,
    reasons: decision.reasons,
    labels: decision.labels,
    ...(decision.scopes !== undefined && { scopes: decision.scopes }),
    revision: judged.revision,
    message_digest: `sha256:${createHash('sha256').update(message.document.bytes).digest('hex')}`,
    findings: judged.findings,
    masked: (consequences.obliged?.masked ?? []).filter(({ count }) => count > 0),
    ...(consequences.approvalId !== undefined && { approval_id: consequences.approvalId }),
    ...(consequences.limits !== undefined && { limits: consequences.limits }),
    ...(judged.input !== undefined && { input: judged.input }),
    evaluation_us: judged.evaluationMicroseconds,
  });
}

/** The tool that a call, or the call that an answer answers, names. */
export function toolName(received: Received): string | undefined {
  const call = received.message.kind === 'request' ? received.message : received.request;
  return call === undefined ? undefined : toolCall(call)?.name;
}

function advertisedTool(parts: GatewayParts, received: Received) {
  const name = toolName(received);
  return name === undefined ? undefined : parts.tools.find(received.identified.arrival.upstream.name, name);
}
