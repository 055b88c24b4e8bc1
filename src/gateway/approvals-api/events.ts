import { once } from 'node:events';
import type { Response } from 'express';
import type { Logger } from 'winston';
import { describeThrown } from '../../domain/index.js';
import type { GatewayParts } from '../parts.js';
import type { Places } from '../places.js';
import { RequestError } from './errors.js';
import { mayRead } from './rights.js';
import { summaryAs } from './shown.js';
import type { Viewer } from './viewer.js';

const HEARTBEAT_MILLISECONDS = 15_000;
/** How many streams may be open. */
export const STREAMS = { perPrincipal: 10, all: 500 };

/**
 * Tells a viewer of each change of what they may read, as server-sent events, until either side ends it or the viewer's
 * proof is over. Nothing is kept for who comes back: a viewer lists again after each connection.
 *
 * @throws {RequestError} `too_many_streams`
 */
export async function streamChanges(
  { approvals, log }: GatewayParts,
  { principal, holds }: Viewer,
  streams: Places,
  response: Response,
): Promise<void> {
  if (response.closed) return; // nobody would tell of its end any more
  const leave = streams.take(principal.id);
  if (leave === undefined)
    throw new RequestError('too_many_streams', 'too many streams are open', 'Close one, then try again.');
  const ended = new AbortController();
  response.once('close', () => ended.abort());
  const heartbeat = setInterval(async () => {
    if (!(await stillHolds(holds, log))) ended.abort();
    else if (!ended.signal.aborted) response.write(': here\n\n');
  }, HEARTBEAT_MILLISECONDS);
  try {
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    });
    response.write('event: open\ndata: {}\n\n');
    for await (const approval of approvals.changes(ended.signal)) {
      if (!(await stillHolds(holds, log))) break;
      if (!mayRead(principal, approval)) continue;
      const data = JSON.stringify(summaryAs(approval, principal));
      if (!response.write(`event: approval\ndata: ${data}\n\n`))
        await once(response, 'drain', { signal: ended.signal });
    }
  } catch (thrown) {
    if (!ended.signal.aborted) log.error('a stream of approvals broke off', { detail: String(thrown) });
  } finally {
    clearInterval(heartbeat);
    leave();
    response.end();
  }
}

/** Where it cannot be known whether somebody is signed in, or is revoked, they hear nothing. */
async function stillHolds(holds: Viewer['holds'], log: Logger): Promise<boolean> {
  try {
    return await holds();
  } catch (thrown) {
    log.warn('a stream of approvals ends', { detail: describeThrown(thrown) });
    return false;
  }
}
