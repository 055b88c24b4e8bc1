import {
  Cleared,
  type Identified,
  type JsonDocument,
  type Message,
  Received,
  type RequestMessage,
  type RestoredValue,
} from '../domain/index.js';
import type { StreamMemory } from '../masking/index.js';
import type { PinnedPolicy } from '../policy/index.js';
import {
  decodeBatch,
  decodeMessage,
  mayTravel,
  mustFit,
  ProtocolError,
  readJson,
} from '../protocol/index.js';
import { answeredNonsense } from '../upstream/index.js';
import { deniedByPolicy } from './denied.js';
import { fulfil, judge, record } from './judge.js';
import { isOwnTask } from './own-tasks/ids.js';
import type { GatewayParts } from './parts.js';
import { Refused } from './refuse.js';
import { restoredIn } from './restore.js';
import type { Session } from './sessions.js';
import { tellNarrowed } from './wait/narrowed.js';

/** Whose conversation a message from an upstream belongs to. */
export interface Conversation {
  readonly identified: Identified;
  readonly session: Session;
  /** Whether humans gave the call other arguments than it came with: its result says so. */
  readonly isNarrowed?: boolean;
  /** What the gateway changes in an answer before it is judged; undefined where nothing. */
  readonly amend?: ((document: JsonDocument) => JsonDocument) | undefined;
  /** The request by which the answer is judged, where it is another than it answers. */
  readonly judgedAs?: RequestMessage | undefined;
  /** Values that took the places of tokens in what was sent: they do not come back in clear. */
  readonly restored?: readonly RestoredValue[] | undefined;
  /** What masking remembers from one message of an answer to the next. */
  readonly memory: StreamMemory;
}

/** A message that may go to the caller, and the id of the decision that says so. */
export interface ClearedMessage {
  readonly cleared: Cleared;
  readonly decisionId: string;
}

/**
 * Reads one JSON text from an upstream, as strictly as one from a caller.
 *
 * @throws UpstreamError `upstream_answer_invalid`
 */
export function readAnswer(parts: GatewayParts, conversation: Conversation, bytes: Buffer): JsonDocument {
  return asMcp(conversation, () => readJson(bytes, { maxDepth: parts.settings.limits.depth }));
}

/**
 * Reads one JSON text from an upstream: one message or, in the version that has batches, an array of them.
 *
 * @throws UpstreamError `upstream_answer_invalid`
 */
export function readMessages(
  parts: GatewayParts,
  conversation: Conversation,
  bytes: Buffer,
): { readonly form: 'message' | 'array'; readonly documents: readonly JsonDocument[] } {
  const bounds = { maxDepth: parts.settings.limits.depth };
  return asMcp(conversation, () => {
    const document = readJson(bytes, bounds);
    return document.kind(document.root) === 'array'
      ? { form: 'array', documents: decodeBatch(document, conversation.session.protocol_version, bounds) }
      : { form: 'message', documents: [document] };
  });
}

/**
 * The message that a document from an upstream is.
 *
 * @throws UpstreamError `upstream_answer_invalid`
 */
export function messageFrom(conversation: Conversation, document: JsonDocument): Message {
  return asMcp(conversation, () => {
    const told = conversation.isNarrowed === true ? tellNarrowed(document) : document;
    const message = decodeMessage(conversation.amend?.(told) ?? told);
    mayTravel(message, 'to_client', conversation.session.protocol_version);
    return message;
  });
}

/** Runs a check of what an upstream sent: to the caller all that it can get wrong is the upstream's failure. */
function asMcp<Checked>({ identified }: Conversation, check: () => Checked): Checked {
  const upstream = identified.arrival.upstream.name;
  try {
    return check();
  } catch (cause) {
    if (cause instanceof ProtocolError)
      throw answeredNonsense(upstream, `what is no message of this version of MCP (${cause.code})`, cause);
    throw cause;
  }
}

/**
 * Decides on a message to the caller: held to the schema of its version, judged, masked, recorded.
 *
 * @throws UpstreamError `upstream_answer_invalid`
 * @throws GatewayError `task_unknown` where the call of a task was forgotten before its result came
 * @throws Refused where policy does not let it pass, already recorded
 * @throws PolicyError, MaskingError, AuditError where it cannot be known whether it may
 */
export async function clear(
  parts: GatewayParts,
  policy: PinnedPolicy,
  conversation: Conversation,
  message: Message,
  request: RequestMessage | undefined,
): Promise<ClearedMessage> {
  const { identified, session, memory, judgedAs } = conversation;
  const asked = request && (judgedAs ?? parts.correlation.tasks.judgedBy(identified, request));
  asMcp(conversation, () => mustFit(message, session.protocol_version, asked));
  const isOwn = (id: string) => isOwnTask(parts, identified, id);
  const calls = parts.correlation.tasks.callsBehind(identified, message, request, isOwn);
  const restored = [...(conversation.restored ?? [])];
  for (const sent of new Set([asked, ...calls]))
    restored.push(...(await restoredIn(parts, identified, sent)));
  const received = new Received(identified, session, 'to_client', message, asked, 'as_sent', restored);
  const judged = await judge(parts, policy, received, undefined, memory);
  if (judged.decision.effect !== 'allow') {
    throw new Refused(deniedByPolicy(judged), judged.decisionId, await record(parts, judged, {}));
  }
  const obliged = await fulfil(parts, judged, memory);
  const receipt = await record(parts, judged, { obliged });
  return { cleared: Cleared.message(judged, obliged, receipt), decisionId: judged.decisionId };
}
