import type { Answer, JsonDocument, RequestMessage, ResponseMessage } from '../domain/index.js';
import type { PinnedPolicy } from '../policy/index.js';
import { decodeMessage } from '../protocol/index.js';
import type { Conversation } from './clear.js';
import type { GatewayParts } from './parts.js';
import { keepSession } from './sessions.js';
import { pinsOf, viewerOf } from './viewer.js';

/** An answer that passes, and what it answers. */
export interface Learned {
  readonly answer: Answer;
  readonly request: RequestMessage;
  readonly message: ResponseMessage;
  /** As the upstream sent it, before the gateway changed anything. */
  readonly document: JsonDocument;
}

/**
 * Takes in what an answer that passes tells the gateway itself: the session that it opens, the tools that it lists and
 * the task that it begins. It happens before the answer leaves, so that a caller who acts on it at once is not ahead of
 * the gateway.
 *
 * @throws UpstreamError where it opens a session that cannot be kept
 */
export async function learn(
  parts: GatewayParts,
  policy: PinnedPolicy,
  conversation: Conversation,
  { answer, request, message, document }: Learned,
): Promise<void> {
  const { identified, session } = conversation;
  if (request.method === 'initialize')
    await keepSession(parts.sessions, conversation, answer, request, message);
  const sent = message.document === document ? message : decodeMessage(document);
  if (sent.kind === 'response') {
    const upstream = identified.arrival.upstream.name;
    await parts.tools.learn(upstream, request, sent, {
      viewer: viewerOf(identified, session),
      pins: pinsOf(policy, upstream),
      fronts: (name) => parts.upstreams.has(name),
    });
  }
  parts.correlation.tasks.learn(conversation, request, message);
}
