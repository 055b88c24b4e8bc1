import type { Answer, JsonDocument, RequestMessage, ResponseMessage } from '../../domain/index.js';
import type { PinnedPolicy } from '../../policy/index.js';
import { readJson, SseReader } from '../../protocol/index.js';
import { answeredNonsense, brokeOff } from '../../upstream/index.js';
import { discard, mediaType, PASSED_STATUSES, readWhole } from '../answer.js';
import { type Conversation, clear, messageFrom, readAnswer, readMessages } from '../clear.js';
import { declineTo } from '../decline.js';
import { inHandOf } from '../exchange.js';
import type { GatewayParts } from '../parts.js';
import { GatewayError } from '../refusal.js';
import { refuse } from '../refuse.js';
import { begunTask } from '../tasks.js';

/** What came of a task's call: a result or an error as JSON, or the id of a task that the server made of it. */
export interface Outcome {
  readonly state: 'completed' | 'failed' | 'forwarded';
  readonly content: Buffer;
}

/** A call that was sent, and what its server answers. */
export interface Sent {
  readonly answer: Answer;
  readonly call: RequestMessage;
  readonly signal: AbortSignal;
}

/**
 * Reads an upstream's answer to a task's call, held to all that an answer to a waiting caller is held to. What the server
 * tells meanwhile reaches nobody; what it asks is declined.
 *
 * @throws UpstreamError where it does not answer as MCP demands
 * @throws Refused where policy does not let the answer pass
 */
export async function collect(
  parts: GatewayParts,
  policy: PinnedPolicy,
  conversation: Conversation,
  sent: Sent,
): Promise<Outcome> {
  const { answer, call } = sent;
  const upstream = conversation.identified.arrival.upstream.name;
  const type = mediaType(answer);
  let message: ResponseMessage;
  if (answer.status === 200 && type === 'text/event-stream') {
    message = await lastOfStream(parts, conversation, sent);
  } else if (PASSED_STATUSES.has(answer.status) && type === 'application/json') {
    const document = readAnswer(parts, conversation, await readWhole(parts, upstream, answer));
    message = mustAnswer(conversation, document, call, answer.status);
  } else {
    await discard(answer);
    throw answeredNonsense(upstream, `status ${answer.status} with media type ${type || 'none'}`);
  }
  const { cleared } = await clear(parts, policy, conversation, message, call);
  const begun = begunTask(conversation.session.protocol_version, call, message);
  if (begun !== undefined) {
    // Nowhere else is it known for certain which values the call was sent with.
    parts.correlation.tasks.adopt(conversation.identified, begun, call);
    return { state: 'forwarded', content: Buffer.from(begun) };
  }
  return outcomeIn(readJson(cleared.bytes, { maxDepth: parts.settings.limits.depth }), upstream);
}

function outcomeIn(document: JsonDocument, upstream: string): Outcome {
  const error = document.at('error');
  if (error !== undefined) return { state: 'failed', content: Buffer.from(document.slice(error)) };
  const result = document.at('result');
  if (result === undefined) throw new TypeError('a response has a result or an error');
  const type = document.member(result, 'resultType');
  if (type !== undefined && document.value(type) === 'input_required')
    throw answeredNonsense(upstream, 'that it needs input first, for which a task of the gateway has no way');
  return { state: 'completed', content: Buffer.from(document.slice(result)) };
}

function mustAnswer(
  conversation: Conversation,
  document: JsonDocument,
  call: RequestMessage,
  status = 200,
): ResponseMessage {
  const message = messageFrom(conversation, document);
  if (message.kind === 'response') {
    const isUnnamed = message.id === undefined && status !== 200;
    if (isUnnamed || message.id?.key === call.id.key) return message;
  }
  throw answeredNonsense(conversation.identified.arrival.upstream.name, 'another request than was sent');
}

async function lastOfStream(
  parts: GatewayParts,
  conversation: Conversation,
  { answer, call, signal }: Sent,
): Promise<ResponseMessage> {
  const upstream = conversation.identified.arrival.upstream.name;
  const reader = new SseReader({ eventBytes: parts.settings.limits.messageBytes });
  try {
    for await (const chunk of answer.body) {
      for (const { data } of reader.push(chunk)) {
        if (data === undefined) continue;
        for (const document of readMessages(parts, conversation, data).documents) {
          const message = messageFrom(conversation, document);
          if (message.kind === 'response') return mustAnswer(conversation, document, call);
          if (message.kind === 'request') await decline(parts, conversation, message, signal);
        }
      }
    }
  } catch (cause) {
    throw cause instanceof Error && 'nextStep' in cause ? cause : brokeOff(upstream, cause);
  }
  throw brokeOff(upstream);
}

/** Tells a server that asks something in the course of a task that nobody is there to answer. */
async function decline(
  parts: GatewayParts,
  conversation: Conversation,
  request: RequestMessage,
  signal: AbortSignal,
): Promise<void> {
  const inHand = inHandOf(conversation.identified, request.method);
  const why = new GatewayError(
    'caller_gone',
    'the call runs as a task, and nobody can be asked',
    'Go on without.',
  );
  const refused = await refuse(parts, inHand, why, { id: undefined });
  if (refused !== undefined)
    await declineTo(parts, conversation, { id: inHand.id, signal })(request, refused);
}
