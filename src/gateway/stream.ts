import {
  type Answer,
  type Message,
  RegateError,
  type RequestId,
  type RequestMessage,
} from '../domain/index.js';
import type { PinnedPolicy } from '../policy/index.js';
import { type SseEvent, SseReader, STATELESS } from '../protocol/index.js';
import { answeredNonsense, brokeOff } from '../upstream/index.js';
import { type Conversation, clear, decodeAnswer } from './clear.js';
import type { Exchange } from './exchange.js';
import { learn } from './learn.js';
import type { GatewayParts } from './parts.js';
import { type RefusedAnswer, refuse } from './refuse.js';
import { passEmptyEvent, respondEvent, respondOwnEvent } from './respond.js';
import { sessionKey } from './sessions.js';

/** A stream of events from an upstream, as it passes to one caller. */
export interface Stream extends Conversation {
  readonly exchange: Exchange;
  readonly answer: Answer;
  /** The request that the stream answers; undefined on a stream that a GET opened. */
  readonly request: RequestMessage | undefined;
  /** The policy for the next event: one revision for all that answers a request, the newest for each event of a GET. */
  readonly policy: () => PinnedPolicy;
  /** Tells the upstream that a request of its own does not reach the caller. */
  readonly decline: (request: RequestMessage, refused: RefusedAnswer) => Promise<void>;
}

/**
 * Passes a stream event by event, each judged as it comes and none waiting for the next. A request whose stream ends
 * without its answer gets an error, unless the upstream gave event ids and so may be resumed (MCP 2025-11-25,
 * transports, "Sending messages to the server"), or the stream is one of those that just end (MCP 2026-07-28,
 * subscriptions).
 *
 * @returns whether the stream's request was answered
 */
export async function passStream(parts: GatewayParts, stream: Stream): Promise<{ answered: boolean }> {
  const { exchange, request, answer } = stream;
  const reader = new SseReader({ eventBytes: parts.settings.limits.messageBytes });
  let answered = request === undefined;
  let resumable = false;
  try {
    for await (const chunk of answer.body) {
      for (const event of reader.push(chunk)) {
        resumable ||= event.id !== undefined && stream.session.protocol_version !== STATELESS;
        if (event.data === undefined) await passEmptyEvent(exchange.response, event);
        else answered = (await passEvent(parts, stream, event, event.data)) || answered;
      }
    }
    const mayEnd = answered || resumable || request?.method === 'subscriptions/listen';
    if (reader.end() || !mayEnd) throw brokeOff(upstreamName(stream));
  } catch (thrown) {
    if (!exchange.signal.aborted) await breakOff(parts, stream, answered || resumable, thrown);
  } finally {
    exchange.response.end();
  }
  return { answered };
}

/** Ends a stream that cannot go on. Whoever still waits gets an error; what the upstream did wrong is recorded. */
async function breakOff(
  parts: GatewayParts,
  stream: Stream,
  nobodyWaits: boolean,
  thrown: unknown,
): Promise<void> {
  const failure = thrown instanceof RegateError ? thrown : brokeOff(upstreamName(stream), thrown);
  if (nobodyWaits) await refuse(parts, stream.exchange, failure, { id: undefined });
  else await refuseOnStream(parts, stream, stream.request?.id, failure);
}

/** @returns whether the event was the answer to the stream's request */
async function passEvent(
  parts: GatewayParts,
  stream: Stream,
  event: SseEvent,
  data: Buffer,
): Promise<boolean> {
  const message = decodeAnswer(parts, stream, data);
  const asked = askedFor(parts, stream, message);
  const policy = stream.policy();
  try {
    const { cleared } = await clear(parts, policy, stream, message, asked);
    if (message.kind === 'request') {
      parts.correlation.remember('server', sessionKey(stream.identified, stream.session), message);
    }
    if (message.kind === 'response' && asked !== undefined) {
      await learn(parts, stream, stream.answer, asked, message);
    }
    await respondEvent(stream.exchange.response, event, cleared);
  } catch (thrown) {
    await refuseMessage(parts, stream, message, thrown);
  } finally {
    policy.release();
  }
  return message.kind === 'response' && asked !== undefined && asked === stream.request;
}

/**
 * The request that a response on this stream answers.
 *
 * @throws UpstreamError where nobody asked for it
 */
function askedFor(parts: GatewayParts, stream: Stream, message: Message): RequestMessage | undefined {
  if (message.kind !== 'response') return undefined;
  const { request, session } = stream;
  const { id } = message;
  if (request !== undefined && id?.key === request.id.key) return request;
  // Without a session no answer comes but on its own request's stream, and ids are not even unique.
  const mayBeEarlier = session.protocol_version !== STATELESS;
  const earlier =
    mayBeEarlier && id && parts.correlation.take('client', sessionKey(stream.identified, stream.session), id);
  if (earlier) return earlier;
  throw answeredNonsense(upstreamName(stream), 'a request that was not made');
}

/** A message of the stream that does not pass: whoever waits for it is told, the stream goes on. */
async function refuseMessage(
  parts: GatewayParts,
  stream: Stream,
  message: Message,
  thrown: unknown,
): Promise<void> {
  const { exchange } = stream;
  if (message.kind === 'response') {
    await refuseOnStream(parts, stream, message.id, thrown);
    return;
  }
  const refused = await refuse(parts, exchange, thrown, { id: undefined, method: message.method });
  if (message.kind === 'request' && refused !== undefined) await stream.decline(message, refused);
}

async function refuseOnStream(
  parts: GatewayParts,
  stream: Stream,
  id: RequestId | undefined,
  thrown: unknown,
): Promise<void> {
  const refused = await refuse(parts, stream.exchange, thrown, { id });
  if (refused !== undefined) await respondOwnEvent(stream.exchange.response, refused.cleared);
}

function upstreamName(stream: Stream): string {
  return stream.identified.arrival.upstream.name;
}
