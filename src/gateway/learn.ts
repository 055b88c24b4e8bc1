import type { Answer, Identified, JsonDocument, RequestMessage, ResponseMessage } from '../domain/index.js';
import type { PinnedPolicy } from '../policy/index.js';
import { decodeMessage } from '../protocol/index.js';
import type { Conversation } from './clear.js';
import type { GatewayParts } from './parts.js';
import { keepSession } from './sessions.js';
import type { NewDefinition } from './tools.js';
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
    const news = await parts.tools.learn(upstream, request, sent, {
      viewer: viewerOf(identified, session),
      pins: pinsOf(policy, upstream),
    });
    await recordSuspicions(parts, identified, news);
  }
  parts.correlation.tasks.learn(conversation, request, message);
}

/** Of one list; it is said how many more there are. */
const MOST_RECORDED = 100;
/** UTF-16 code units of a name that are recorded. */
const LONGEST_NAME = 200;

/** @throws AuditError */
async function recordSuspicions(
  parts: GatewayParts,
  { arrival, principal: { id, client_id, groups } }: Identified,
  news: readonly NewDefinition[],
): Promise<void> {
  const suspicious = news.filter(({ suspicions }) => suspicions.length > 0);
  if (suspicious.length === 0) return;
  await parts.audit.append({
    type: 'suspicious_tools',
    exchange_id: arrival.exchangeId,
    principal: { id, client_id, groups },
    upstream: arrival.upstream.name,
    tools: suspicious.slice(0, MOST_RECORDED).map(({ tool, digest, suspicions }) => ({
      name: tool.slice(0, LONGEST_NAME),
      digest,
      suspicions,
    })),
    more: Math.max(0, suspicious.length - MOST_RECORDED),
  });
}
