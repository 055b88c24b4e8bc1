import { type Answer, RegateError } from '../domain/index.js';
import { type SseEvent, SseReader } from '../protocol/index.js';
import { brokeOff } from '../upstream/index.js';
import type { Batch } from './batch.js';
import { askedFor, clearForBatch, type Passage, refuseRequest } from './batch-message.js';
import { readBatchAnswer } from './clear.js';
import type { GatewayParts } from './parts.js';
import { refuse } from './refuse.js';
import { beginStream, passEmptyEvent, respondBatchEvent, respondEvent, respondOwnEvent } from './respond.js';
import { sessionKey } from './sessions.js';

/**
 * Passes the stream that answers a batch. The gateway's own errors come first, as events of their own; an event of the
 * upstream's passes as it comes, with those of its messages that may. Requests that are unanswered when it ends get an
 * error, unless the upstream gave event ids and so may be resumed.
 */
export async function passBatchStream(parts: GatewayParts, batch: Batch, answer: Answer): Promise<void> {
  const { exchange, members, waiting, decisionId } = batch;
  const key = sessionKey(batch.identified, batch.session);
  // Their answers may come on a later stream, with which the client resumes this one.
  const requests = [...waiting.values()];
  for (const request of requests) parts.correlation.remember('client', key, request);
  beginStream(exchange.response, answer, decisionId);
  for (const member of members) {
    if (member.outcome === 'refused' && member.awaitsAnswer)
      await respondOwnEvent(exchange.response, member.error);
  }
  await passEvents(parts, batch, answer);
  for (const { id } of requests) {
    if (!waiting.has(id.key)) parts.correlation.take('client', key, id);
  }
}

async function passEvents(parts: GatewayParts, batch: Batch, answer: Answer): Promise<void> {
  const { exchange, waiting } = batch;
  const upstream = batch.identified.arrival.upstream.name;
  const reader = new SseReader({ eventBytes: parts.settings.limits.messageBytes });
  let resumable = false;
  try {
    for await (const chunk of answer.body) {
      for (const event of reader.push(chunk)) {
        resumable ||= event.id !== undefined;
        if (event.data === undefined) await passEmptyEvent(exchange.response, event);
        else await passEvent(parts, batch, answer, event, event.data);
      }
    }
    if (reader.end() || (waiting.size > 0 && !resumable)) throw brokeOff(upstream);
  } catch (thrown) {
    const failure = thrown instanceof RegateError ? thrown : brokeOff(upstream, thrown);
    if (!exchange.signal.aborted) await breakOff(parts, batch, resumable, failure);
  } finally {
    exchange.response.end();
  }
}

async function passEvent(
  parts: GatewayParts,
  batch: Batch,
  answer: Answer,
  event: SseEvent,
  data: Buffer,
): Promise<void> {
  const { response } = batch.exchange;
  const { form, documents } = readBatchAnswer(parts, batch, data);
  const passages: Passage[] = [];
  for (const document of documents) {
    const passage = await clearForBatch(parts, batch, answer, document, askedFor);
    if (passage !== undefined) passages.push(passage);
  }
  const passed = passages.filter(({ from }) => from === 'upstream').map(({ cleared }) => cleared);
  const [first] = passed;
  if (first !== undefined) {
    if (form === 'array') await respondBatchEvent(response, event, passed);
    else await respondEvent(response, event, first);
  }
  for (const { from, cleared } of passages) {
    if (from === 'gateway') await respondOwnEvent(response, cleared);
  }
}

/** Ends a stream that cannot go on: whoever still waits gets an error, what the upstream did wrong is recorded. */
async function breakOff(
  parts: GatewayParts,
  batch: Batch,
  resumable: boolean,
  failure: RegateError<string>,
): Promise<void> {
  const { exchange, waiting } = batch;
  if (resumable || waiting.size === 0) {
    await refuse(parts, exchange, failure, { id: undefined });
    return;
  }
  for (const request of [...waiting.values()]) {
    const passage = await refuseRequest(parts, batch, request, failure);
    if (passage !== undefined) await respondOwnEvent(exchange.response, passage.cleared);
  }
}
