import { WaitingEnded } from '../../approvals/index.js';
import { type AuditReceipt, Cleared, type RequestMessage } from '../../domain/index.js';
import { progressMessage, progressToken } from '../../protocol/index.js';
import type { Exchange } from '../exchange.js';
import type { GatewayParts } from '../parts.js';
import { beginStream, keepAlive, respondOwnEvent } from '../respond.js';
import { WAIT_TIMES } from './times.js';

/** A call that waits, and the decision that says so. */
export interface WaitingCall {
  readonly request: RequestMessage;
  readonly decisionId: string;
  readonly receipt: AuditReceipt;
  /** In which its id stands for it. */
  readonly session: string;
  /** What progress says; missing where its version of MCP has no place for words (before 2025-03-26). */
  readonly words?: string;
}

/**
 * How much a sign of life counts as progress. It has to grow with each, and what the upstream says afterwards for the
 * same token, which begins at 0 or 1, should be no step back (MCP, progress).
 */
const PROGRESS_EACH = 1e-6;

/**
 * Holds a request open until what it waits for has come or the time is over. Where the caller takes a stream one begins,
 * on which it hears from time to time that it still waits; whatever is answered in the end must then follow on it.
 *
 * @param come - what it waits for; it ends with the signal
 * @returns undefined where the time is over, the caller gone, the call taken back or the gateway about to stop
 */
export async function holdOpen<T>(
  parts: GatewayParts,
  exchange: Exchange,
  call: WaitingCall,
  milliseconds: number,
  come: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const { silent, keepAlive: every } = parts.waitTimes ?? WAIT_TIMES;
  const over = new AbortController();
  const end = () => over.abort();
  const streams = takesStream(exchange);
  const timer = setTimeout(end, streams ? milliseconds : Math.min(milliseconds, silent));
  exchange.signal.addEventListener('abort', end, { once: true });
  const leave = parts.correlation.waits.begin(call.session, call.request.id, end);
  if (exchange.signal.aborted) end();
  let stop: (() => void) | undefined;
  try {
    if (streams) stop = showLife(exchange, call, every);
    return await come(over.signal);
  } catch (thrown) {
    if (over.signal.aborted || thrown instanceof WaitingEnded) return undefined;
    throw thrown;
  } finally {
    clearTimeout(timer);
    leave();
    stop?.();
    exchange.signal.removeEventListener('abort', end);
  }
}

/** Whether the caller names a stream of events among what it accepts, as every client of streamable HTTP must. */
function takesStream({ request }: Exchange): boolean {
  const accepted = (request.headers.accept ?? '').toLowerCase().split(',');
  return accepted.some((type) => type.split(';')[0]?.trim() === 'text/event-stream');
}

/** @returns what ends it */
function showLife(exchange: Exchange, call: WaitingCall, every: number): () => void {
  const { response } = exchange;
  if (!exchange.heldOpen) beginStream(response, undefined, call.decisionId);
  exchange.heldOpen = true;
  const token = progressToken(call.request);
  let signs = 0;
  const sign = () => {
    if (response.writableNeedDrain) return; // it has not even read the last one
    signs += 1;
    keepAlive(response);
    if (token === undefined) return;
    const progress = progressMessage(token, signs * PROGRESS_EACH, call.words);
    // Whether it is read is the caller's matter.
    void respondOwnEvent(response, Cleared.refusal(progress, call.receipt));
  };
  sign();
  const timer = setInterval(sign, every);
  return () => clearInterval(timer);
}
