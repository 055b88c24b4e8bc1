/**
 * The way of one message, top to bottom: connect, identify, decode, decide, hold, forward, decode, decide, mask,
 * respond. Each step takes the value of the step before; whatever is thrown ends the way in `refuse`.
 */
import type { Request, Response } from 'express';
import {
  type Arrival,
  Identified,
  type JsonDocument,
  type Message,
  Permit,
  STATELESS,
} from '../domain/index.js';
import { StreamMemory } from '../masking/index.js';
import { decodeBatch, decodeMessage, idToAnswer, readJson } from '../protocol/index.js';
import { answeredNonsense } from '../upstream/index.js';
import { admit, forward, receive } from './admit.js';
import { returnAnswer, returnOwn } from './answer.js';
import { mustBeFor } from './audience.js';
import { admitBatch } from './batch.js';
import { forwardBatch } from './batch-answer.js';
import { mustBeBound } from './binding.js';
import { identifyCaller, schemeOf } from './caller.js';
import type { Conversation } from './clear.js';
import { mustConform } from './conform.js';
import { connect, readBody } from './connect.js';
import { Exchange } from './exchange.js';
import { tellWhenToRetry } from './limit.js';
import { beginLife } from './live.js';
import { challenge } from './metadata.js';
import { wayOf } from './own-tasks/way.js';
import type { GatewayParts } from './parts.js';
import { GatewayError } from './refusal.js';
import { refuse } from './refuse.js';
import { beginStream, respond, respondEmpty, respondHeld, respondUnrecorded } from './respond.js';
import { findSession, sessionKey } from './sessions.js';
import { passStream } from './stream.js';
import { takeState } from './wait/comeback.js';
import { withdrawLate } from './withdraw.js';

/** Walks one HTTP request to an upstream's MCP endpoint the whole way; never throws. */
export async function handle(parts: GatewayParts, request: Request, response: Response): Promise<void> {
  const exchange = new Exchange(request, response);
  const walking = walk(parts, exchange);
  try {
    await Promise.race([walking, exchange.ended]);
  } catch (thrown) {
    await respondRefused(parts, exchange, exchange.endedBy ?? thrown);
    if (exchange.endedBy !== undefined) await withdrawLate(parts, walking);
  }
}

async function walk(parts: GatewayParts, exchange: Exchange): Promise<void> {
  const arrival = connect(exchange.request, exchange.id, parts.settings, parts.upstreams);
  exchange.upstream = arrival.upstream.name;
  const identified = await identify(parts, exchange, arrival);
  if (arrival.method === 'POST') await passMessage(parts, exchange, identified);
  else if (arrival.method === 'GET') await openStream(parts, exchange, identified);
  else await endSession(parts, exchange, identified);
}

async function identify(parts: GatewayParts, exchange: Exchange, arrival: Arrival): Promise<Identified> {
  const principal = await identifyCaller(parts, exchange.request, exchange.response);
  beginLife(parts, exchange, principal);
  mustBeFor(parts.settings, arrival.upstream.name, principal);
  mustBeBound(principal, parts.upstreams.get(arrival.upstream.name));
  return new Identified(arrival, principal);
}

async function passMessage(parts: GatewayParts, exchange: Exchange, identified: Identified): Promise<void> {
  const bytes = await readBody(exchange.request, exchange.response, parts.settings.limits.messageBytes);
  const document = readJson(bytes, { maxDepth: parts.settings.limits.depth });
  if (document.kind(document.root) === 'array') {
    await passBatch(parts, exchange, identified, document);
    return;
  }
  const message = decode(exchange, document);
  const session = await findSession(parts.sessions, identified, message);
  mustConform(message, identified.arrival.headers, session);
  const { message: returned, comeback } = takeState(parts, identified, session, message);
  const way = await wayOf(parts, exchange, { identified, session }, returned);
  const received = receive(parts, way.identified, session, way.message);
  const pinned = parts.engine.pin();
  let policy = pinned;
  try {
    const admitted = await admit(parts, pinned, received, { exchange, comeback, asked: way.asked });
    policy = admitted.policy;
    if (exchange.signal.aborted) await admitted.giveBack();
    const { judged, permit } = admitted;
    const { text, restoration } = judged.received;
    const isNarrowed = text === 'rewritten';
    const conversation = {
      ...way,
      session,
      isNarrowed,
      restored: restoration?.values,
      memory: new StreamMemory(),
    };
    if (way.answer === undefined) {
      const answer = await forward(parts, permit, exchange.signal);
      await returnAnswer(parts, policy, exchange, conversation, { answer, judged });
    } else {
      exchange.signal.throwIfAborted();
      await returnOwn(parts, policy, exchange, conversation, judged, await way.answer(admitted));
    }
  } finally {
    pinned.release();
    policy.release();
  }
}

function decode(exchange: Exchange, document: JsonDocument): Message {
  exchange.requestId = idToAnswer(document);
  const message = decodeMessage(document);
  exchange.carries(message);
  return message;
}

/** The same way for each member of a batch, but for one request to the upstream. */
async function passBatch(
  parts: GatewayParts,
  exchange: Exchange,
  identified: Identified,
  document: JsonDocument,
): Promise<void> {
  const session = await findSession(parts.sessions, identified);
  const members = decodeBatch(document, session.protocol_version, { maxDepth: parts.settings.limits.depth });
  const policy = parts.engine.pin();
  try {
    const batch = await admitBatch(
      parts,
      policy,
      exchange,
      { identified, session, memory: new StreamMemory() },
      members,
    );
    await forwardBatch(parts, batch);
  } finally {
    policy.release();
  }
}

/** GET: the caller listens for what the upstream says unasked. */
async function openStream(parts: GatewayParts, exchange: Exchange, identified: Identified): Promise<void> {
  const { conversation, permit } = await permitSession(parts, identified, 'stream_opened');
  const answer = await forward(parts, permit, exchange.signal);
  const type = answer.headers['content-type'];
  if (answer.status !== 200 || typeof type !== 'string' || !type.startsWith('text/event-stream')) {
    for await (const _ of answer.body) break;
    if (![400, 404, 405, 409].includes(answer.status))
      throw answeredNonsense(conversation.identified.arrival.upstream.name, `status ${answer.status}`);
    respondEmpty(exchange.response, answer.status, { answer });
    return;
  }
  beginStream(exchange.response, answer, undefined);
  const key = sessionKey(identified, conversation.session);
  parts.correlation.elicitations.listens(key, exchange.response);
  await passStream(parts, {
    ...conversation,
    exchange,
    answer,
    requests: [],
    policy: () => parts.engine.pin(),
  });
}

/** DELETE: the caller ends its session. */
async function endSession(parts: GatewayParts, exchange: Exchange, identified: Identified): Promise<void> {
  const { conversation, permit } = await permitSession(parts, identified, 'end_requested');
  const answer = await forward(parts, permit, exchange.signal);
  for await (const _ of answer.body) break;
  const { session } = conversation;
  const upstream = identified.arrival.upstream.name;
  if (answer.status >= 500) throw answeredNonsense(upstream, `status ${answer.status}`);
  if (session.id !== undefined && (answer.status < 300 || answer.status === 404)) {
    await parts.sessions.close(upstream, session.id);
    parts.correlation.forget(sessionKey(identified, session));
  }
  respondEmpty(exchange.response, answer.status, { answer });
}

async function permitSession(
  parts: GatewayParts,
  identified: Identified,
  action: 'stream_opened' | 'end_requested',
): Promise<{ conversation: Conversation; permit: Permit }> {
  const session = await findSession(parts.sessions, identified);
  if (session.protocol_version === STATELESS) {
    throw new GatewayError('method_not_allowed', 'this version of MCP has no sessions', 'Send a POST.');
  }
  const { id, client_id, groups } = identified.principal;
  const receipt = await parts.audit.append({
    type: 'session',
    action,
    exchange_id: identified.arrival.exchangeId,
    principal: { id, client_id, groups },
    upstream: identified.arrival.upstream.name,
    ...(session.id !== undefined && { session_id: session.id }),
  });
  const conversation = { identified, session, memory: new StreamMemory() };
  return { conversation, permit: Permit.forSession(identified, session, receipt) };
}

async function respondRefused(parts: GatewayParts, exchange: Exchange, thrown: unknown): Promise<void> {
  const response = exchange.responseToRefuse;
  const refused = await refuse(parts, exchange, thrown, { id: exchange.requestId });
  if (exchange.endedBy !== undefined && thrown !== exchange.endedBy) {
    await respondRefused(parts, exchange, exchange.endedBy); // it was ended meanwhile, which is all there is to say
    return;
  }
  if (exchange.heldOpen && exchange.endedBy === undefined && refused !== undefined) {
    await respondHeld(exchange, refused.cleared);
    return;
  }
  if (response.headersSent) {
    response.destroy(); // an answer was begun that cannot be finished: the caller must not take it for whole
    return;
  }
  if (refused === undefined) {
    respondUnrecorded(response, exchange.requestId);
    return;
  }
  const { refusal, decisionId, cleared } = refused;
  if (refusal.httpStatus === 401 || refusal.challengeError !== undefined) {
    const { request, upstream } = exchange;
    response.setHeader('WWW-Authenticate', challenge(parts, upstream, refusal, schemeOf(request)));
  }
  tellWhenToRetry(response, refusal);
  // An answer or a notification that policy refuses is told by its status: nobody reads a JSON-RPC error for it.
  const status = refusal.httpStatus === 200 && !exchange.awaitsAnswer ? 403 : refusal.httpStatus;
  respond(response, status, cleared, { decisionId });
}
