import type { Answer, Judged, Message, RequestMessage } from '../domain/index.js';
import type { PinnedPolicy } from '../policy/index.js';
import { answeredNonsense, brokeOff } from '../upstream/index.js';
import { type Conversation, clear, decodeAnswer } from './clear.js';
import { declineTo } from './decline.js';
import type { Exchange } from './exchange.js';
import type { GatewayParts } from './parts.js';
import { beginStream, respond, respondEmpty } from './respond.js';
import { keepSession, sessionKey } from './sessions.js';
import { passStream } from './stream.js';

/** Statuses whose bodies clients negotiate from: an unknown session, a refused version, an unknown method. */
const PASSED_STATUSES = new Set([200, 400, 404, 405]);

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
  judged: Judged,
  answer: Answer,
): Promise<void> {
  const { identified, session, message } = judged.received;
  const conversation = { identified, session };
  const upstream = identified.arrival.upstream.name;
  if (message.kind !== 'request') {
    await discard(answer);
    if (answer.status >= 300 && !PASSED_STATUSES.has(answer.status))
      throw answeredNonsense(upstream, `status ${answer.status}`);
    respondEmpty(exchange.response, answer.status, { decisionId: judged.decisionId, answer });
    return;
  }
  if (!PASSED_STATUSES.has(answer.status)) {
    await discard(answer);
    throw answeredNonsense(upstream, `status ${answer.status}`);
  }
  if (message.method === 'initialize' && answer.status === 200)
    await keepSession(parts.sessions, identified, session, answer);
  if (answer.status === 200 && mediaType(answer) === 'text/event-stream') {
    const key = sessionKey(identified, session);
    parts.correlation.remember('client', key, message);
    beginStream(exchange.response, answer, judged.decisionId);
    const stream = {
      ...conversation,
      exchange,
      answer,
      request: message,
      policy: () => borrowed(policy),
      decline: declineTo(parts, conversation, exchange),
    };
    const { answered } = await passStream(parts, stream);
    if (answered) parts.correlation.take('client', key, message.id);
    return;
  }
  await returnJson(parts, policy, exchange, conversation, message, answer);
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
  const message = decodeAnswer(parts, upstream, await readWhole(parts, upstream, answer));
  if (!answers(message, request, answer.status))
    throw answeredNonsense(upstream, 'another request than was sent');
  const { cleared, decisionId } = await clear(parts, policy, conversation, message, request);
  if (message.kind === 'response') parts.tools.learn(upstream, request, message);
  respond(exchange.response, answer.status, cleared, { decisionId, answer });
}

/** Whether a message is the answer to a request; an error status may come with an error that names no id. */
function answers(message: Message, request: RequestMessage, status: number): boolean {
  if (message.kind !== 'response') return false;
  if (message.id === undefined) return status !== 200;
  return message.id.key === request.id.key;
}

/** A pinned policy that an event may use but not give back: the exchange does, at its end. */
function borrowed(policy: PinnedPolicy): PinnedPolicy {
  return { revision: policy.revision, decide: (input) => policy.decide(input), release: () => undefined };
}

async function readWhole(parts: GatewayParts, upstream: string, answer: Answer): Promise<Buffer> {
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
async function discard(answer: Answer): Promise<void> {
  for await (const _ of answer.body) break;
}

function mediaType(answer: Answer): string {
  const header = answer.headers['content-type'];
  return typeof header === 'string' ? (header.split(';')[0] ?? '').trim().toLowerCase() : '';
}
