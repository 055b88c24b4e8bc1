import type { Answer, Judged, Message, RequestMessage, ResponseMessage } from '../domain/index.js';
import type { PinnedPolicy } from '../policy/index.js';
import { answeredNonsense, brokeOff } from '../upstream/index.js';
import { type Conversation, clear, messageFrom, readAnswer } from './clear.js';
import type { Exchange } from './exchange.js';
import { learn } from './learn.js';
import type { GatewayParts } from './parts.js';
import { beginStream, respond, respondEmpty, respondHeld } from './respond.js';
import { passStream } from './stream.js';

/** Statuses whose bodies clients negotiate from: an unknown session, a refused version, an unknown method. */
export const PASSED_STATUSES = new Set([200, 400, 404, 405]);

/** An upstream's answer, and what it answers. */
export interface Answered {
  readonly answer: Answer;
  /** The message, and the decision by which it went. */
  readonly judged: Judged;
}

/**
 * Takes what an upstream answered to a message back to its caller: judged, masked, and in the shape it came in.
 *
 * @throws UpstreamError where the answer is not what MCP asks of it
 * @throws Refused where policy does not let it pass
 */
export async function returnAnswer(
  parts: GatewayParts,
  policy: PinnedPolicy,
  exchange: Exchange,
  conversation: Conversation,
  { answer, judged: { decisionId, received } }: Answered,
): Promise<void> {
  const { message } = received.restoration?.sent ?? received;
  const upstream = conversation.identified.arrival.upstream.name;
  if (!PASSED_STATUSES.has(answer.status) && (message.kind === 'request' || answer.status >= 300)) {
    await discard(answer);
    throw answeredNonsense(upstream, `status ${answer.status}`);
  }
  if (message.kind !== 'request') {
    await discard(answer);
    respondEmpty(exchange.response, answer.status, { decisionId, answer });
  } else if (answer.status === 200 && mediaType(answer) === 'text/event-stream') {
    if (exchange.heldOpen) exchange.heldOpen = false;
    else beginStream(exchange.response, answer, decisionId);
    await returnStream(parts, policy, { ...conversation, exchange, answer, request: message });
  } else {
    await returnJson(parts, policy, exchange, conversation, message, answer);
  }
}

/**
 * A stream's events are judged by the revision that judged its request; those of a stream that listens for changes,
 * which may be open for weeks, by the one in force when they come.
 */
async function returnStream(
  parts: GatewayParts,
  policy: PinnedPolicy,
  opened: Conversation & { exchange: Exchange; answer: Answer; request: RequestMessage },
): Promise<void> {
  const { request } = opened;
  const listens = request.method === 'subscriptions/listen';
  if (listens) policy.release();
  await passStream(parts, {
    ...opened,
    requests: [request],
    policy: listens ? () => parts.engine.pin() : () => borrowed(policy),
  });
}

async function returnJson(
  parts: GatewayParts,
  policy: PinnedPolicy,
  exchange: Exchange,
  conversation: Conversation,
  request: RequestMessage,
  answer: Answer,
): Promise<void> {
  const upstream = conversation.identified.arrival.upstream.name;
  if (mediaType(answer) !== 'application/json') {
    await discard(answer);
    throw answeredNonsense(
      upstream,
      `status ${answer.status} with media type ${mediaType(answer) || 'none'}`,
    );
  }
  const document = readAnswer(parts, conversation, await readWhole(parts, upstream, answer));
  const message = messageFrom(conversation, document);
  if (!answers(message, request, answer.status))
    throw answeredNonsense(upstream, 'another request than was sent');
  const { cleared, decisionId } = await clear(parts, policy, conversation, message, request);
  await learn(parts, policy, conversation, { answer, request, message, document });
  if (exchange.heldOpen) await respondHeld(exchange, cleared);
  else respond(exchange.response, answer.status, cleared, { decisionId, answer });
}

/**
 * Takes what the gateway itself answers in an upstream's place to its caller, judged and masked as what an upstream says.
 *
 * @param bytes - a JSON-RPC response
 * @throws Refused where policy does not let it pass
 */
export async function returnOwn(
  parts: GatewayParts,
  policy: PinnedPolicy,
  exchange: Exchange,
  conversation: Conversation,
  { received: { message: request } }: Judged,
  bytes: Buffer,
): Promise<void> {
  if (request.kind !== 'request') throw new TypeError('only a request is answered');
  const message = messageFrom(conversation, readAnswer(parts, conversation, bytes));
  const { cleared, decisionId } = await clear(parts, policy, conversation, message, request);
  if (exchange.heldOpen) await respondHeld(exchange, cleared);
  else respond(exchange.response, 200, cleared, { decisionId });
}

/** Whether a message is the answer to a request; an error status may come with an error that names no id. */
function answers(message: Message, request: RequestMessage, status: number): message is ResponseMessage {
  if (message.kind !== 'response') return false;
  if (message.id === undefined) return status !== 200;
  return message.id.key === request.id.key;
}

/** A pinned policy that an event may use but not give back: the exchange does, at its end. */
export function borrowed(policy: PinnedPolicy): PinnedPolicy {
  const { revision, facts, pins } = policy;
  return { revision, facts, pins, decide: (input) => policy.decide(input), release: () => undefined };
}

/** Reads a body to its end, up to the size of a message. */
export async function readWhole(parts: GatewayParts, upstream: string, answer: Answer): Promise<Buffer> {
  const most = parts.settings.limits.messageBytes;
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of answer.body) {
      bytes += chunk.byteLength;
      if (bytes > most) throw answeredNonsense(upstream, `more than ${most} bytes`);
      chunks.push(chunk);
    }
  } catch (cause) {
    throw cause instanceof Error && 'nextStep' in cause ? cause : brokeOff(upstream, cause);
  }
  return Buffer.concat(chunks);
}

/** Lets go of a body that nobody will read. */
export async function discard(answer: Answer): Promise<void> {
  for await (const _ of answer.body) break;
}

/** An answer's media type without its parameters, empty where there is none. */
export function mediaType(answer: Answer): string {
  const header = answer.headers['content-type'];
  return typeof header === 'string' ? (header.split(';')[0] ?? '').trim().toLowerCase() : '';
}
