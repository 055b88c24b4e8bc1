import type { Answer, Cleared, JsonDocument, Message, RequestMessage } from '../domain/index.js';
import { toolCall } from '../protocol/index.js';
import { answeredNonsense } from '../upstream/index.js';
import type { Batch } from './batch.js';
import { clear, messageFrom } from './clear.js';
import { declineTo } from './decline.js';
import { learn } from './learn.js';
import type { GatewayParts } from './parts.js';
import { type RefusedAnswer, refuse } from './refuse.js';
import { sessionKey } from './sessions.js';

/** What goes to the caller of a batch: a message of the upstream's, or an error of the gateway's in place of an answer. */
export interface Passage {
  readonly from: 'upstream' | 'gateway';
  readonly cleared: Cleared;
  /** The request of the batch that it answers, which no longer waits. */
  readonly answers: RequestMessage | undefined;
}

/**
 * Decides on one message that an upstream sent in answer to a batch, an answer together with the request that it
 * answers. What may not pass is recorded and takes nothing else with it.
 *
 * @param asked which request a message answers; throws where it has no place in the answer
 * @returns undefined where nothing goes to the caller
 */
export async function clearForBatch(
  parts: GatewayParts,
  batch: Batch,
  answer: Answer,
  document: JsonDocument,
  asked: (batch: Batch, message: Message) => RequestMessage | undefined,
): Promise<Passage | undefined> {
  let message: Message | undefined;
  let answers: RequestMessage | undefined;
  try {
    message = messageFrom(batch, document);
    answers = asked(batch, message);
    const { cleared } = await clear(parts, batch.policy, batch, message, answers);
    if (message.kind === 'request')
      parts.correlation.remember('server', sessionKey(batch.identified, batch.session), message);
    if (message.kind === 'response' && answers !== undefined) {
      await learn(parts, batch, answer, answers, message);
      batch.waiting.delete(answers.id.key);
    }
    return { from: 'upstream', cleared, answers };
  } catch (thrown) {
    if (answers !== undefined) return refuseRequest(parts, batch, answers, thrown);
    const method = message === undefined || message.kind === 'response' ? undefined : message.method;
    const refused = await refuse(parts, batch.exchange, thrown, { id: undefined, method });
    if (message?.kind === 'request' && refused !== undefined)
      await declineTo(parts, batch, batch.exchange)(message, refused);
    return undefined;
  }
}

/**
 * Answers a request of a batch in the upstream's place.
 *
 * @returns undefined where this cannot be recorded; the request then still waits
 */
export async function refuseRequest(
  parts: GatewayParts,
  batch: Batch,
  request: RequestMessage,
  thrown: unknown,
): Promise<(Passage & RefusedAnswer) | undefined> {
  const about = { id: request.id, method: request.method, tool: toolCall(request)?.name };
  const refused = await refuse(parts, batch.exchange, thrown, about);
  if (refused === undefined) return undefined;
  batch.waiting.delete(request.id.key);
  return { from: 'gateway', answers: request, ...refused };
}

/**
 * The request of a batch that a message answers; undefined where it is no answer.
 *
 * @throws UpstreamError where an answer is for no request of the batch that still waits
 */
export function askedFor(batch: Batch, message: Message): RequestMessage | undefined {
  if (message.kind !== 'response') return undefined;
  const request = message.id && batch.waiting.get(message.id.key);
  if (request === undefined)
    throw answeredNonsense(batch.identified.arrival.upstream.name, 'a request that was not made');
  return request;
}
