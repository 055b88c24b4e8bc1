import type { Answer, Cleared, JsonDocument, Message, RequestMessage } from '../domain/index.js';
import type { PinnedPolicy } from '../policy/index.js';
import { toolCall } from '../protocol/index.js';
import { answeredNonsense } from '../upstream/index.js';
import { type Conversation, clear, messageFrom } from './clear.js';
import { declineTo } from './decline.js';
import type { Exchange } from './exchange.js';
import { learn } from './learn.js';
import type { GatewayParts } from './parts.js';
import { type RefusedAnswer, refuse } from './refuse.js';
import { sessionKey } from './sessions.js';

/** An upstream's answer that may hold several messages, and who waits for what of it. */
export interface Awaited extends Conversation {
  readonly exchange: Exchange;
  readonly answer: Answer;
  /** The requests that are still unanswered, by the key of their id. */
  readonly waiting: Map<string, RequestMessage>;
}

/** What goes to the caller: a message of the upstream's, or an error of the gateway's in place of an answer. */
export interface Passage {
  readonly from: 'upstream' | 'gateway';
  readonly cleared: Cleared;
  /** The request that it answers, which no longer waits. */
  readonly answers: RequestMessage | undefined;
}

/**
 * Decides on one message of an answer, that to a request together with the request. What may not pass is recorded and
 * takes nothing else with it.
 *
 * @param asked which request a message answers; throws where it has no place in the answer
 * @returns undefined where nothing goes to the caller
 */
export async function passageFor(
  parts: GatewayParts,
  policy: PinnedPolicy,
  awaited: Awaited,
  document: JsonDocument,
  asked: (message: Message) => RequestMessage | undefined,
): Promise<Passage | undefined> {
  let message: Message | undefined;
  let answers: RequestMessage | undefined;
  try {
    message = messageFrom(awaited, document);
    answers = asked(message);
    const { cleared } = await clear(parts, policy, awaited, message, answers);
    if (message.kind === 'request')
      parts.correlation.remember('server', sessionKey(awaited.identified, awaited.session), message);
    if (message.kind === 'response' && answers !== undefined) {
      await learn(parts, policy, awaited, { answer: awaited.answer, request: answers, message, document });
      awaited.waiting.delete(answers.id.key);
    }
    return { from: 'upstream', cleared, answers };
  } catch (thrown) {
    if (answers !== undefined) return refuseRequest(parts, awaited, answers, thrown);
    const method = message === undefined || message.kind === 'response' ? undefined : message.method;
    const refused = await refuse(parts, awaited.exchange, thrown, { id: undefined, method });
    if (message?.kind === 'request' && refused !== undefined)
      await declineTo(parts, awaited, awaited.exchange)(message, refused);
    return undefined;
  }
}

/**
 * Answers a request in the upstream's place.
 *
 * @returns undefined where this cannot be recorded; the request then still waits
 */
export async function refuseRequest(
  parts: GatewayParts,
  awaited: Pick<Awaited, 'exchange' | 'waiting'>,
  request: RequestMessage,
  thrown: unknown,
): Promise<(Passage & RefusedAnswer) | undefined> {
  const about = { id: request.id, method: request.method, tool: toolCall(request)?.name };
  const refused = await refuse(parts, awaited.exchange, thrown, about);
  if (refused === undefined) return undefined;
  awaited.waiting.delete(request.id.key);
  return { from: 'gateway', answers: request, ...refused };
}

/** An upstream that answers what nobody waits to hear. */
export function unasked(conversation: Conversation): Error {
  return answeredNonsense(conversation.identified.arrival.upstream.name, 'a request that was not made');
}
