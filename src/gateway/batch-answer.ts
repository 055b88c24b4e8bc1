import { type Answer, type Cleared, type Message, Permit, type RequestMessage } from '../domain/index.js';
import { answeredNonsense } from '../upstream/index.js';
import { forward } from './admit.js';
import { borrowed, discard, mediaType, PASSED_STATUSES, readWhole } from './answer.js';
import type { Batch } from './batch.js';
import { readMessages } from './clear.js';
import type { GatewayParts } from './parts.js';
import { passageFor, refuseRequest, unasked } from './passage.js';
import { type RefusedAnswer, refuse } from './refuse.js';
import { beginStream, respondBatch, respondEmpty, respondOwnEvent } from './respond.js';
import { passStream } from './stream.js';

/** What an HTTP response to a batch says beside its messages. */
interface Outcome {
  readonly status: number;
  readonly answer?: Answer;
  /** An error that stands for no request, for the caller of a batch in which there is none. */
  readonly error?: Cleared;
}

/**
 * Sends on what of a batch may pass, as one request, and takes back what the upstream answers: JSON as one array, a
 * stream event by event. Each request is answered exactly once, by the gateway where the upstream does not.
 *
 * @throws whatever went wrong, where not even that could be recorded
 */
export async function forwardBatch(parts: GatewayParts, batch: Batch): Promise<void> {
  const permits = batch.members.flatMap((member) => (member.outcome === 'admitted' ? [member.permit] : []));
  if (permits.length === 0) {
    respondMembers(batch, { status: 200 });
    return;
  }
  const { signal } = batch.exchange;
  try {
    if (signal.aborted)
      for (const member of batch.members) if (member.outcome === 'admitted') await member.giveBack();
    const answer = await forward(parts, Permit.forBatch(permits), signal);
    await returnBatchAnswer(parts, batch, answer);
  } catch (thrown) {
    await failBatch(parts, batch, thrown);
  }
}

async function returnBatchAnswer(parts: GatewayParts, batch: Batch, answer: Answer): Promise<void> {
  const { identified, waiting } = batch;
  const upstream = identified.arrival.upstream.name;
  if (!PASSED_STATUSES.has(answer.status) && (waiting.size > 0 || answer.status >= 300)) {
    await discard(answer);
    throw answeredNonsense(upstream, `status ${answer.status}`);
  }
  if (waiting.size === 0) {
    await discard(answer);
    respondMembers(batch, { status: answer.status, answer });
  } else if (answer.status === 200 && mediaType(answer) === 'text/event-stream') {
    await returnStream(parts, batch, answer);
  } else if (mediaType(answer) === 'application/json') {
    await returnJson(parts, batch, answer);
  } else {
    await discard(answer);
    const type = mediaType(answer) || 'none';
    throw answeredNonsense(upstream, `status ${answer.status} with media type ${type}`);
  }
}

/** The gateway's own errors come first, as events of their own. */
async function returnStream(parts: GatewayParts, batch: Batch, answer: Answer): Promise<void> {
  const { exchange, members, waiting, decisionId } = batch;
  beginStream(exchange.response, answer, decisionId);
  for (const member of members) {
    if (member.outcome === 'refused' && member.awaitsAnswer)
      await respondOwnEvent(exchange.response, member.error);
  }
  const requests = [...waiting.values()];
  await passStream(parts, { ...batch, answer, requests, policy: () => borrowed(batch.policy) });
}

async function returnJson(parts: GatewayParts, batch: Batch, answer: Answer): Promise<void> {
  const upstream = batch.identified.arrival.upstream.name;
  const { documents } = readMessages(parts, batch, await readWhole(parts, upstream, answer));
  const asked = (message: Message) => askedFor(batch, message);
  for (const document of documents) {
    const passage = await passageFor(parts, batch.policy, { ...batch, answer }, document, asked);
    if (passage?.answers !== undefined) batch.answered.set(passage.answers.id.key, passage.cleared);
  }
  const missing = answeredNonsense(upstream, 'not every request of a batch');
  await answerWaiting(parts, batch, missing);
  respondMembers(batch, { status: answer.status, answer });
}

/**
 * The request that a message answers. JSON holds answers and nothing else (MCP 2025-03-26, streamable HTTP).
 *
 * @throws UpstreamError where it is no answer, or to no request that still waits
 */
function askedFor(batch: Batch, message: Message): RequestMessage {
  if (message.kind !== 'response')
    throw answeredNonsense(batch.identified.arrival.upstream.name, `a ${message.kind} in place of an answer`);
  const request = message.id && batch.waiting.get(message.id.key);
  if (request === undefined) throw unasked(batch);
  return request;
}

/** Answers what the upstream did not, or did not in a way that may pass. */
async function failBatch(parts: GatewayParts, batch: Batch, thrown: unknown): Promise<void> {
  const { exchange } = batch;
  if (exchange.response.headersSent) throw thrown;
  const failed =
    batch.waiting.size > 0
      ? await answerWaiting(parts, batch, thrown)
      : await refuse(parts, exchange, thrown, { id: undefined });
  if (failed === undefined) throw thrown;
  respondMembers(batch, { status: failed.refusal.httpStatus, error: failed.cleared });
}

/**
 * Gives each request that is still unanswered an error.
 *
 * @returns the last such error; undefined where there was none to give
 * @throws what is given, where it cannot be recorded
 */
async function answerWaiting(
  parts: GatewayParts,
  batch: Batch,
  thrown: unknown,
): Promise<RefusedAnswer | undefined> {
  let last: RefusedAnswer | undefined;
  for (const request of [...batch.waiting.values()]) {
    const refused = await refuseRequest(parts, batch, request, thrown);
    if (refused === undefined) throw thrown;
    batch.answered.set(request.id.key, refused.cleared);
    last = refused;
  }
  return last;
}

/**
 * Answers with one array, in the order of the members. A status that says that the upstream failed stays; without one,
 * a batch that asks for nothing, of which something was refused, is told so as a single message is.
 */
function respondMembers(batch: Batch, { status, answer, error }: Outcome): void {
  const { members, decisionId } = batch;
  const { response } = batch.exchange;
  const about = { decisionId, ...(answer !== undefined && { answer }) };
  const answers = members.flatMap((member) => answerTo(batch, member) ?? []);
  const untold = members.flatMap((member) => (member.outcome === 'refused' ? [member.error] : []));
  if (error !== undefined) untold.push(error);
  const statusOr = (otherwise: number) => (status < 300 ? otherwise : status);
  if (answers.length > 0) respondBatch(response, statusOr(200), answers, about);
  else if (untold.length > 0) respondBatch(response, statusOr(403), untold, about);
  else respondEmpty(response, statusOr(202), about);
}

function answerTo(batch: Batch, member: Batch['members'][number]): Cleared | undefined {
  if (member.outcome === 'refused') return member.awaitsAnswer ? member.error : undefined;
  return member.message.kind === 'request' ? batch.answered.get(member.message.id.key) : undefined;
}
