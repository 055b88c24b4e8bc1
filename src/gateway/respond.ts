import { once } from 'node:events';
import type { Response } from 'express';
import { type Answer, type Cleared, jsonArrayOf, type RequestId } from '../domain/index.js';
import { errorMessage, eventWithData, type SseEvent } from '../protocol/index.js';
import type { Exchange } from './exchange.js';
import { ERROR_CODE } from './refusal.js';

/** Which decision an answer came from, so that a caller can name it to whoever reads the audit. */
const DECISION_HEADER = 'Regate-Decision-Id';

/** What of an upstream's headers reaches the caller; everything else stays on this side. */
const RETURNED = ['mcp-session-id', 'mcp-protocol-version', 'retry-after', 'allow'] as const;

/** Answers with one JSON text. */
export function respond(
  response: Response,
  status: number,
  cleared: Cleared,
  about: { readonly decisionId: string; readonly answer?: Answer },
): void {
  respondJson(response, status, cleared.bytes, about);
}

/** Answers a batch with one JSON array. */
export function respondBatch(
  response: Response,
  status: number,
  cleared: readonly Cleared[],
  about: { readonly decisionId: string; readonly answer?: Answer },
): void {
  respondJson(response, status, jsonArrayOf(cleared.map(({ bytes }) => bytes)), about);
}

function respondJson(
  response: Response,
  status: number,
  bytes: Buffer,
  about: { readonly decisionId: string; readonly answer?: Answer },
): void {
  copyHeaders(response, about.answer);
  response.status(status).setHeader(DECISION_HEADER, about.decisionId);
  response.setHeader('Content-Type', 'application/json');
  response.setHeader('Content-Length', bytes.byteLength);
  response.end(bytes);
}

/** Answers with a status and nothing else: an accepted notification, an ended session. */
export function respondEmpty(
  response: Response,
  status: number,
  about: { readonly decisionId?: string; readonly answer?: Answer },
): void {
  copyHeaders(response, about.answer);
  if (about.decisionId !== undefined) response.setHeader(DECISION_HEADER, about.decisionId);
  response.status(status).end();
}

/** Answers when not even the refusal could be recorded: a fixed text that holds nothing of the message. */
export function respondUnrecorded(response: Response, id: RequestId | undefined): void {
  const error = errorMessage(id, ERROR_CODE.NO_DECISION, 'no decision: the audit cannot be written');
  response.status(503).setHeader('Content-Type', 'application/json');
  response.end(error);
}

/** Begins a stream of server-sent events; its headers leave at once. */
export function beginStream(
  response: Response,
  answer: Answer | undefined,
  decisionId: string | undefined,
): void {
  copyHeaders(response, answer);
  if (decisionId !== undefined) response.setHeader(DECISION_HEADER, decisionId);
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache, no-transform' });
  response.flushHeaders();
}

/** Sends an event with the message it carries; byte for byte where nothing of it was masked. */
export function respondEvent(response: Response, event: SseEvent, cleared: Cleared): Promise<void> {
  return writeEvent(response, event, cleared.bytes);
}

/** Sends an event with those of the messages of its array that may pass, each byte for byte where it was not masked. */
export function respondBatchEvent(
  response: Response,
  event: SseEvent,
  cleared: readonly Cleared[],
): Promise<void> {
  return writeEvent(response, event, jsonArrayOf(cleared.map(({ bytes }) => bytes)));
}

function writeEvent(response: Response, event: SseEvent, data: Buffer): Promise<void> {
  return write(response, event.data?.equals(data) ? event.raw : eventWithData(event, data));
}

/** Sends a message as an event of the gateway's own. */
export function respondOwnEvent(response: Response, cleared: Cleared): Promise<void> {
  return write(
    response,
    Buffer.concat([Buffer.from('event: message\ndata: '), cleared.bytes, Buffer.from('\n\n')]),
  );
}

/** Answers a caller that was held open on a stream of the gateway's own, which ends with it. */
export async function respondHeld(exchange: Exchange, cleared: Cleared): Promise<void> {
  exchange.heldOpen = false;
  await respondOwnEvent(exchange.response, cleared);
  exchange.response.end();
}

/** Sends a comment, which clients pass over, so that nobody on the way takes the stream for dead. */
export function keepAlive(response: Response): void {
  response.write(':\n\n');
}

/** Passes an event that carries no message: a comment, a priming event, a retry time. */
export function passEmptyEvent(response: Response, event: SseEvent): Promise<void> {
  if (event.data !== undefined) throw new TypeError('an event with data carries a message to judge');
  return write(response, event.raw);
}

/** Writes, and waits while the caller reads slowly, so that a stream never piles up here. */
async function write(response: Response, bytes: Buffer): Promise<void> {
  if (response.destroyed || response.write(bytes)) return;
  const settled = new AbortController(); // takes away the listeners of whichever did not come
  const { signal } = settled;
  await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]);
  settled.abort();
}

function copyHeaders(response: Response, answer: Answer | undefined): void {
  if (answer === undefined) return;
  for (const name of RETURNED) {
    const value = answer.headers[name];
    if (typeof value === 'string') response.setHeader(name, value);
  }
}
