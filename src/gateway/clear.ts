import { Cleared, type Identified, type Message, Received, type RequestMessage } from '../domain/index.js';
import type { PinnedPolicy } from '../policy/index.js';
import { decodeMessage, mayTravel, mustFit, ProtocolError, readJson } from '../protocol/index.js';
import { answeredNonsense } from '../upstream/index.js';
import { deniedByPolicy } from './admit.js';
import { judge, oblige, record } from './judge.js';
import type { GatewayParts } from './parts.js';
import { Refused } from './refuse.js';
import type { Session } from './sessions.js';

/** Whose conversation a message from an upstream belongs to. */
export interface Conversation {
  readonly identified: Identified;
  readonly session: Session;
}

/** A message that may go to the caller, and the id of the decision that says so. */
export interface ClearedMessage {
  readonly cleared: Cleared;
  readonly decisionId: string;
}

/**
 * Reads one message from an upstream, as strictly as one from a caller.
 *
 * @throws UpstreamError `upstream_answer_invalid`
 */
export function decodeAnswer(
  parts: GatewayParts,
  { identified, session }: Conversation,
  bytes: Buffer,
): Message {
  const upstream = identified.arrival.upstream.name;
  return asMcp(upstream, () => {
    const document = readJson(bytes, { maxDepth: parts.settings.limits.depth });
    const message = decodeMessage(document);
    mayTravel(message, 'to_client', session.protocol_version);
    return message;
  });
}

/** Runs a check of what an upstream sent: to the caller all that it can get wrong is the upstream's failure. */
function asMcp<Checked>(upstream: string, check: () => Checked): Checked {
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
  const upstream = conversation.identified.arrival.upstream.name;
  asMcp(upstream, () => mustFit(message, conversation.session.protocol_version, request));
  const received = new Received(conversation.identified, conversation.session, 'to_client', message, request);
  const judged = await judge(parts, policy, received);
  if (judged.decision.effect !== 'allow') {
    throw new Refused(deniedByPolicy(judged), judged.decisionId, await record(parts, judged, {}));
  }
  const obliged = oblige(parts, judged);
  const receipt = await record(parts, judged, { obliged });
  return { cleared: Cleared.message(judged, obliged, receipt), decisionId: judged.decisionId };
}
