import { Server, type Socket } from 'node:net';
import type { Request, RequestHandler, Response } from 'express';
import { BUNDLE_MEDIA_TYPE, preferredWait } from '../long-poll.js';
import { readChannel, readDigest } from './names.js';
import type { RevisionWatch } from './revision-watch.js';
import type { ChannelState, RevisionStore } from './store.js';
import { mustBeCurrent, mustBePublished } from './unknown.js';

/** Less than the minute after which proxies commonly give up on a server. */
const LONGEST_WAIT_SECONDS = 55;
const A_YEAR_SECONDS = 31_536_000;

/** What the routes that send archives need. */
export interface Shelves {
  readonly store: RevisionStore;
  readonly watch: RevisionWatch;
  /** Reads an archive by its digest. */
  readonly archive: (digest: string) => Promise<Buffer>;
}

/** Sends what is current in a channel, by OPA's bundle protocol. */
export function serveChannel(shelves: Shelves): RequestHandler<{ name: string; channel?: string }> {
  const { store, watch, archive } = shelves;
  return async (request, response) => {
    const name = readChannel(request.params.name, request.params.channel);
    const waitSeconds = Math.min(
      preferredWait(request.headersDistinct['prefer']?.join()),
      LONGEST_WAIT_SECONDS,
    );
    let current = await mustBeCurrent(store, name);
    if (waitSeconds > 0 && hasAlready(request, current.digest)) {
      await waitForAnother(watch, current, waitSeconds, request, response);
      if (response.destroyed) return;
      current = await mustBeCurrent(store, name);
    }
    response.set({
      ETag: etagOf(current.digest),
      // Caches keep a bundle and ask whether it is still the current one. What was or may be waited for is nobody else's.
      'Cache-Control': waitSeconds > 0 ? 'no-store' : 'no-cache, no-transform',
      Vary: 'Prefer',
    });
    // Else the caller's next long poll would keep alive a server that is stopping.
    if (!isListening(request.socket)) response.set('Connection', 'close');
    if (hasAlready(request, current.digest)) response.status(304).end();
    else response.set('Content-Type', BUNDLE_MEDIA_TYPE).send(await archive(current.digest));
  };
}

/** Sends the archive of a published revision, which never changes. */
export function serveRevision({ store, archive }: Shelves): RequestHandler<{ name: string; digest: string }> {
  return async (request, response) => {
    const { bundle } = readChannel(request.params.name);
    const { digest } = await mustBePublished(store, bundle, readDigest(request.params.digest));
    const bytes = hasAlready(request, digest) ? undefined : await archive(digest);
    response.set({
      ETag: etagOf(digest),
      'Cache-Control': `public, max-age=${A_YEAR_SECONDS}, immutable, no-transform`,
    });
    if (bytes === undefined) response.status(304).end();
    // Not OPA's type: an OPA that follows this address would ask without a pause for what never comes.
    else response.set('Content-Type', 'application/gzip').send(bytes);
  };
}

async function waitForAnother(
  watch: RevisionWatch,
  { bundle, channel, digest }: ChannelState,
  waitSeconds: number,
  request: Request<{ name: string; channel?: string }>,
  response: Response,
): Promise<void> {
  const leaving = new AbortController();
  const leave = () => leaving.abort();
  response.once('close', leave);
  await watch.wait({
    bundle,
    channel,
    digest,
    milliseconds: waitSeconds * 1000,
    left: leaving.signal,
    isServed: () => isListening(request.socket),
  });
  response.off('close', leave);
}

/** Whether the server of a connection takes new ones; it is known by its socket and tells of its end only by this. */
function isListening(socket: Socket): boolean {
  return !('server' in socket && socket.server instanceof Server) || socket.server.listening;
}

function etagOf(digest: string): string {
  return `"${digest}"`;
}

/**
 * If-None-Match (RFC 9110, section 13.1.2). Express's own answer heeds `Cache-Control: no-cache` too, which fetch
 * adds to every conditional request, and would send the whole bundle at each poll.
 */
function hasAlready({ headers }: Pick<Request, 'headers'>, digest: string): boolean {
  const known = headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, '')) ?? [];
  return known.includes(etagOf(digest)) || known.includes('*');
}
