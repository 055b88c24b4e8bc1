import {
  type Answer,
  type Message,
  RegateError,
  type RequestId,
  type RequestMessage,
  STATELESS,
} from '../domain/index.js';
import type { PinnedPolicy } from '../policy/index.js';
import { type SseEvent, SseReader } from '../protocol/index.js';
import { brokeOff } from '../upstream/index.js';
import { type Conversation, readMessages } from './clear.js';
import type { Exchange } from './exchange.js';
import type { GatewayParts } from './parts.js';
import { type Awaited, type Passage, passageFor, refuseRequest, unasked } from './passage.js';
import { refuse } from './refuse.js';
import { passEmptyEvent, respondBatchEvent, respondEvent, respondOwnEvent } from './respond.js';
import { sessionKey } from './sessions.js';

/** A stream of events from an upstream, as it passes to one caller. */
export interface Stream extends Conversation {
  readonly exchange: Exchange;
  readonly answer: Answer;
  /** What the stream answers: one request, those of a batch, or none where a GET opened it. */
  readonly requests: readonly RequestMessage[];
  /** The policy for the next event: one revision for all that answers a request, the newest for each event of a GET. */
  readonly policy: () => PinnedPolicy;
}

type OpenStream = Stream & Awaited;

/**
 * Passes a stream event by event, each judged as it comes and none waiting for the next; an event's array keeps those of
 * its messages that may pass. Requests that are unanswered when it ends get an error, unless the upstream gave event
 * ids and so may be resumed (MCP 2025-11-25, transports, "Sending messages to the server"), or the stream is one of
 * those that just end (MCP 2026-07-28, subscriptions).
 */
export async function passStream(parts: GatewayParts, begun: Stream): Promise<void> {
  const { exchange, answer, requests } = begun;
  const stream = { ...begun, waiting: new Map(requests.map((request) => [request.id.key, request])) };
  const reader = new SseReader({ eventBytes: parts.settings.limits.messageBytes });
  let resumable = false;
  rememberRequests(parts, stream);
  try {
    for await (const chunk of answer.body) {
      for (const event of reader.push(chunk)) {
        resumable ||= event.id !== undefined && !isStateless(stream);
        if (event.data === undefined) await passEmptyEvent(exchange.response, event);
        else await passEvent(parts, stream, event, event.data);
      }
    }
    const mayEnd = resumable || [...stream.waiting.values()].every(({ method }) => justEnds(method));
    if (reader.end() || !mayEnd) throw brokeOff(upstreamName(stream));
  } catch (thrown) {
    if (!exchange.signal.aborted) await breakOff(parts, stream, resumable, thrown);
  } finally {
    if (exchange.endedBy === undefined) exchange.response.end();
  }
}

async function passEvent(
  parts: GatewayParts,
  stream: OpenStream,
  event: SseEvent,
  data: Buffer,
): Promise<void> {
  const { exchange } = stream;
  const { form, documents } = readMessages(parts, stream, data);
  const passages: Passage[] = [];
  const policy = stream.policy();
  try {
    for (const document of documents) {
      const asked = (message: Message) => askedFor(parts, stream, message);
      const passage = await passageFor(parts, policy, stream, document, asked);
      if (passage !== undefined) passages.push(passage);
    }
  } finally {
    policy.release();
  }
  const passed = passages.filter(({ from }) => from === 'upstream').map(({ cleared }) => cleared);
  const [first] = passed;
  if (first !== undefined) {
    if (form === 'array') await respondBatchEvent(exchange.response, event, passed);
    else await respondEvent(exchange.response, event, first);
  }
  for (const { from, cleared } of passages) {
    if (from === 'gateway') await respondOwnEvent(exchange.response, cleared);
  }
}

/** Answers to what a stream leaves unanswered may come on a later one, with which the client resumes it. */
function rememberRequests(parts: GatewayParts, stream: OpenStream): void {
  // Without a session no answer comes but on its own request's stream, and ids are not even unique.
  if (isStateless(stream)) return;
  for (const request of stream.requests)
    parts.correlation.remember('client', sessionKey(stream.identified, stream.session), request);
}

function forgetRequest(parts: GatewayParts, stream: OpenStream, id: RequestId): RequestMessage | undefined {
  if (isStateless(stream)) return undefined;
  return parts.correlation.take('client', sessionKey(stream.identified, stream.session), id);
}

/**
 * The request that a response on this stream answers, which then no other can.
 *
 * @throws UpstreamError where nobody waits for it
 */
function askedFor(parts: GatewayParts, stream: OpenStream, message: Message): RequestMessage | undefined {
  if (message.kind !== 'response') return undefined;
  const { id } = message;
  if (id === undefined) throw unasked(stream);
  const own = stream.waiting.get(id.key);
  const remembered = forgetRequest(parts, stream, id);
  const request = own ?? remembered;
  if (request === undefined) throw unasked(stream);
  return request;
}

/** Ends a stream that cannot go on. Whoever still waits gets an error; what the upstream did wrong is recorded. */
async function breakOff(
  parts: GatewayParts,
  stream: OpenStream,
  resumable: boolean,
  thrown: unknown,
): Promise<void> {
  const { exchange, waiting } = stream;
  const failure = thrown instanceof RegateError ? thrown : brokeOff(upstreamName(stream), thrown);
  if (resumable || waiting.size === 0) {
    await refuse(parts, exchange, failure, { id: undefined });
    return;
  }
  for (const request of [...waiting.values()]) {
    const passage = await refuseRequest(parts, stream, request, failure);
    if (passage === undefined) continue;
    forgetRequest(parts, stream, request.id);
    await respondOwnEvent(exchange.response, passage.cleared);
  }
}

function justEnds(method: string): boolean {
  return method === 'subscriptions/listen';
}

function isStateless({ session }: Stream): boolean {
  return session.protocol_version === STATELESS;
}

function upstreamName(stream: Stream): string {
  return stream.identified.arrival.upstream.name;
}
