/** The HTTP answers of a road that is the HTTP server in place of one that speaks no HTTP. */
import { type Answer, type JsonObject, STATELESS, WITH_SESSIONS } from '../domain/index.js';
import { isRequest } from './envelope.js';
import { OWN_ERROR, ownError } from './own-error.js';
import type { Posted } from './posted.js';
import type { Begun } from './reply.js';

/** @param join - the shape of a JSON body: the one answer itself, or an array of those to a batch */
export function answerOf(
  begun: Begun,
  join: (messages: readonly Buffer[]) => Buffer = Buffer.concat,
): Answer {
  return begun.shape === 'json'
    ? { status: 200, headers: { 'content-type': 'application/json' }, body: only(join(begun.messages)) }
    : { status: 200, headers: { 'content-type': 'text/event-stream' }, body: begun.stream };
}

/** An answer that is all said by its status. */
export function empty(status: number): Answer {
  return { status, headers: {}, body: only(Buffer.alloc(0)) };
}

/**
 * What a server answers that has sessions only. A client that knows both eras sends `initialize` then (MCP 2026-07-28,
 * versioning).
 */
export function sessionsOnly(single: Posted | undefined): Answer {
  const data = { requested: STATELESS, supported: WITH_SESSIONS.toReversed() };
  return refusal(400, 'this server has sessions only', single, OWN_ERROR.UNSUPPORTED_VERSION, data);
}

/** What a streamable-HTTP server answers to a message or a batch that it does not take. */
export function refusal(
  status: number,
  message: string,
  single: Posted | undefined,
  code: number = OWN_ERROR.INVALID_REQUEST,
  data?: JsonObject,
): Answer {
  const request = single !== undefined && isRequest(single) ? single : undefined;
  const body = ownError(request, code, message, data);
  return { status, headers: { 'content-type': 'application/json' }, body: only(body) };
}

async function* only(bytes: Buffer): AsyncGenerator<Buffer> {
  if (bytes.byteLength > 0) yield bytes;
}
