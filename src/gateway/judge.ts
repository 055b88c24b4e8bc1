import { createHash, randomUUID } from 'node:crypto';
import {
  type AuditReceipt,
  type CountedLimit,
  type Decision,
  type FactSource,
  type Facts,
  Judged,
  type Message,
  type Obliged,
  type Received,
} from '../domain/index.js';
import { readFacts } from '../facts/index.js';
import {
  carryOut,
  findSensitive,
  type OutputSchema,
  type StreamMemory,
  type TokenOwner,
} from '../masking/index.js';
import {
  type AdvertisedTool,
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
import { describeServer } from './pinning/server.js';
import { recordInput } from './record-input.js';
import { GatewayError, reasonsData } from './refusal.js';
import { limitsToRecord, valuesAround, withoutRestored } from './restored-words.js';
import { pinsOf, viewerOf } from './viewer.js';

/**
 * Puts one message and all that is known around it to a revision's policy.
 *
 * @param memory - what masking remembers of the messages before it, of an answer that is made of several
 * @throws PolicyError, GatewayError `bundle_expired` where no decision can be had
 */
export async function judge(
  parts: GatewayParts,
  policy: PinnedPolicy,
  received: Received,
  approval?: UsedApproval,
  memory?: StreamMemory,
): Promise<Judged> {
  mustNotBeExpired(parts);
  const { message, identified, direction, session, request, restoration } = received;
  const findings = findSensitive(message.document, memory);
  const tool = await advertisedTool(parts, policy, received);
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
    ...(await offered(parts, received)),
    facts: (sources) => factsOf(received, sources),
    ...(approval !== undefined && { approval }),
    ...(restoration !== undefined && { restored: restoration.places }),
  };
  const { decision: said, evaluationMicroseconds } = await decide(parts, policy, input);
  const decision = withoutRestored(received, withoutForeignTasks(parts, received, said));
  const recorded = recordInput(parts, withTokens(input, received), decision, {
    received,
    facts: policy.facts,
    memory,
  });
  const verdict = {
    decision,
    revision: policy.revision,
    findings,
    evaluationMicroseconds,
    ...(recorded !== undefined && { input: recorded }),
  };
  const judged = new Judged(received, randomUUID(), verdict);
  // A request was compared with its tokens; with values in it or in an answer, what differs could have these in its words.
  if (valuesAround(received).length === 0)
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

/** The same as it is recorded: with tokens where values took their places, since those are kept nowhere but in the vault. */
function withTokens(input: PolicyInput, { restoration }: Received): PolicyInput {
  if (restoration === undefined) return input;
  const { sent } = restoration;
  return { ...input, message: sent.message.document, facts: (sources) => factsOf(sent, sources) };
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
 * What is done to the message so that it is as the decision demands. Tokens in it can be turned back by nobody yet: to
 * be shown to people, not to pass.
 *
 * @throws MaskingError
 * @throws GatewayError `policy_denied` where it limits what goes to a client, which nothing counts
 */
export function oblige(
  parts: GatewayParts,
  judged: Judged,
  outputSchema?: OutputSchema | 'unchecked',
  memory?: StreamMemory,
): Obliged {
  mustNotCount(judged);
  const { received, decision } = judged;
  return carryOut(received.message.document, decision, {
    hashKey: parts.hashKey,
    owner: parts.vault && ownerOf(received),
    known: received.restored,
    memory,
    outputSchema,
  });
}

/**
 * Carries out what the decision demands of the message. What its tokens stand for is on disk when this resolves.
 *
 * @throws as {@link oblige}
 */
export async function fulfil(parts: GatewayParts, judged: Judged, memory?: StreamMemory): Promise<Obliged> {
  const obliged = oblige(parts, judged, await outputSchemaOf(parts, judged, memory), memory);
  if (obliged.tokenized.length === 0 || parts.vault === undefined) return obliged;
  return obliged.kept(await parts.vault.keep(ownerOf(judged.received), obliged.tokenized));
}

/** Whose tokens a message has: of whoever it goes to or comes from, and of the server on the other side. */
function ownerOf({ identified }: Received): TokenOwner {
  return { principalId: identified.principal.id, upstream: identified.arrival.upstream.name };
}

/** What a tool's result is to satisfy, where something of it may be masked. */
async function outputSchemaOf(
  parts: GatewayParts,
  { received, decision }: Judged,
  memory: StreamMemory | undefined,
): Promise<OutputSchema | 'unchecked' | undefined> {
  const { message, direction, identified, restored } = received;
  const mayMask = decision.mask.length > 0 || restored.length > 0 || (memory?.words.size ?? 0) > 0;
  if (direction !== 'to_client' || !mayMask) return undefined;
  const tool = toolName(received);
  if (tool === undefined || message.document.at('result', 'structuredContent') === undefined)
    return undefined;
  return parts.tools.outputSchema(identified.arrival.upstream.name, tool);
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
  const outputSchema = consequences.obliged?.outputSchema;
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
    message_digest: digestOf(received.restoration?.sent.message ?? message),
    findings: judged.findings,
    masked: (consequences.obliged?.masked ?? []).filter(({ count }) => count > 0),
    ...(received.restoration !== undefined && { restored: received.restoration.places }),
    ...(outputSchema !== undefined && { output_schema: outputSchema }),
    ...(consequences.approvalId !== undefined && { approval_id: consequences.approvalId }),
    ...(consequences.limits !== undefined && { limits: limitsToRecord(received, consequences.limits) }),
    ...(judged.input !== undefined && { input: judged.input }),
    evaluation_us: judged.evaluationMicroseconds,
  });
}

/** Of bytes in which values took the place of tokens, a digest would tell whoever tries them one by one. */
function digestOf({ document }: Message): string {
  return `sha256:${createHash('sha256').update(document.bytes).digest('hex')}`;
}

/** The tool that a call, or the call that an answer answers, names. */
export function toolName(received: Received): string | undefined {
  const call = received.message.kind === 'request' ? received.message : received.request;
  return call === undefined ? undefined : toolCall(call)?.name;
}

/** Where an upstream has pins, a tool is what the caller was shown, through whichever gateway. */
async function advertisedTool(
  parts: GatewayParts,
  policy: PinnedPolicy,
  received: Received,
): Promise<AdvertisedTool | undefined> {
  const name = toolName(received);
  if (name === undefined) return undefined;
  const { identified, session } = received;
  const upstream = identified.arrival.upstream.name;
  if (pinsOf(policy, upstream) === undefined) return parts.tools.find(upstream, name);
  return parts.tools.findShown(upstream, viewerOf(identified, session), name);
}

/** What a server offers in an answer: its tools, or itself. */
async function offered(
  parts: GatewayParts,
  { message, direction, request, identified }: Received,
): Promise<Pick<PolicyInput, 'listed' | 'server'>> {
  if (direction !== 'to_client' || message.kind !== 'response' || message.outcome !== 'result') return {};
  const { document, body } = message;
  switch (request?.method) {
    case 'tools/list': {
      const list = document.member(body, 'tools');
      const upstream = identified.arrival.upstream.name;
      if (list === undefined) return {};
      await parts.tools.loadNames();
      return { listed: once(() => parts.tools.describeList(upstream, document, list)) };
    }
    case 'initialize':
    case 'server/discover':
      return { server: once(() => describeServer(document, body)) };
    default:
      return {};
  }
}

/** A shadow and the record of what policy saw ask again. */
function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
