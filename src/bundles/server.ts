import { Server, type Socket } from 'node:net';
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import { describeThrown, RegateError, type Revision } from '../domain/index.js';
import { ARCHIVE_LIMITS } from './archive.js';
import { readBounded } from './bounded-body.js';
import { checkBundleName } from './bundle-name.js';
import { BundleError } from './error.js';
import { mustNotBeExpired } from './expiry.js';
import { BUNDLE_MEDIA_TYPE, preferredWait } from './long-poll.js';
import { type RevisionWatch, watchRevisions } from './revision-watch.js';
import { openRevisions, type PublishedRevision, type Revisions } from './revisions.js';
import type { Trust } from './signature.js';
import { verifyBundle } from './verify.js';

/**
 * Judges an Authorization header and names who may publish. Throws a RegateError where nobody may: with
 * `httpStatus` 401 when the credential does not hold, 403 when its principal may not publish, 503 when that cannot be told now.
 */
export type Authorize = (authorizationHeader: string | undefined) => Promise<{ readonly principal: string }>;

/** Where the server writes what it did; a winston logger fits. */
export interface BundleServerLog {
  info(message: string, details: object): unknown;
  error(message: string, details: object): unknown;
}

/** What a bundle server needs. */
export interface BundleServerOptions {
  /** Folder of the published bundles; made on the first publication. */
  readonly directory: string;
  readonly publisher: Authorize;
  /** Whose signatures may be published. */
  readonly trust: Trust;
  readonly log: BundleServerLog;
}

/** Less than the minute after which proxies commonly give up on a server. */
const LONGEST_WAIT_SECONDS = 55;

/**
 * The bundle server. OPA's bundle protocol for reading, which needs no token: bundles are signed, not secret.
 *
 * | route | answers |
 * | --- | --- |
 * | `GET /bundles/:name` | the current archive; its ETag is its digest; 304 where the caller has it, with `Prefer: wait=SECONDS` only once those are over |
 * | `PUT /bundles/:name` | publishes the archive in the body, after verifying it: `{bundle, revision, digest}`; 409 for one that is older than the current one |
 * | `GET /bundles/:name/revisions` | `{revisions: […]}`, the newest first |
 * | `GET /healthz` | `{status: "ok"}` |
 *
 * Errors are `{error: {code, message, next_step}}`.
 */
export function createBundleServer({ directory, publisher, trust, log }: BundleServerOptions): Express {
  const revisions = openRevisions(directory);
  const watch = watchRevisions(revisions);
  const app = express().disable('x-powered-by').disable('etag');
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  app.get('/bundles/:name', serveBundle(revisions, watch));
  app.get('/bundles/:name/revisions', listRevisions(revisions));
  app.put('/bundles/:name', publish(revisions, watch, publisher, trust, log));
  app.use((_request, response) => {
    answer(response, 404, {
      code: 'not_found',
      message: 'no such address',
      nextStep: 'Ask for /bundles/NAME.',
    });
  });
  app.use(answerError(log));
  return app;
}

function serveBundle(revisions: Revisions, watch: RevisionWatch): RequestHandler<{ name: string }> {
  return async (request, response) => {
    const name = checkBundleName(request.params.name);
    const known = request.headers['if-none-match'];
    const waitSeconds = Math.min(
      preferredWait(request.headersDistinct['prefer']?.join()),
      LONGEST_WAIT_SECONDS,
    );
    let current = await currentRevision(revisions, name);
    if (waitSeconds > 0 && hasAlready(known, etagOf(current))) {
      await waitForAnother(watch, current, waitSeconds, request, response);
      if (response.destroyed) return;
      current = await currentRevision(revisions, name);
    }
    response.set({
      ETag: etagOf(current),
      // Caches keep a bundle and ask whether it is still the current one. What was or may be waited for is nobody else's.
      'Cache-Control': waitSeconds > 0 ? 'no-store' : 'no-cache, no-transform',
      Vary: 'Prefer',
    });
    // Else the caller's next long poll would keep alive a server that is stopping.
    if (!isListening(request.socket)) response.set('Connection', 'close');
    if (hasAlready(known, etagOf(current))) response.status(304).end();
    else response.set('Content-Type', BUNDLE_MEDIA_TYPE).send(await revisions.archive(current));
  };
}

async function waitForAnother(
  watch: RevisionWatch,
  { bundle, digest }: Revision,
  waitSeconds: number,
  request: Request<{ name: string }>,
  response: Response,
): Promise<void> {
  const leaving = new AbortController();
  const leave = () => leaving.abort();
  response.once('close', leave);
  await watch.wait({
    bundle,
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

/** @throws BundleError `bundle_unknown` */
async function currentRevision(revisions: Revisions, name: string): Promise<PublishedRevision> {
  const current = await revisions.current(name);
  if (current === undefined) throw unknownBundle(name);
  return current;
}

function etagOf({ digest }: Revision): string {
  return `"${digest}"`;
}

/**
 * If-None-Match (RFC 9110, section 13.1.2). Express's own answer heeds `Cache-Control: no-cache` too, which fetch
 * adds to every conditional request, and would send the whole bundle at each poll.
 */
function hasAlready(ifNoneMatch: string | undefined, etag: string): boolean {
  const known = ifNoneMatch?.split(',').map((tag) => tag.trim().replace(/^W\//, '')) ?? [];
  return known.includes(etag) || known.includes('*');
}

function listRevisions(revisions: Revisions): RequestHandler<{ name: string }> {
  return async (request, response) => {
    const list = await revisions.list(checkBundleName(request.params.name));
    if (list.length === 0) throw unknownBundle(request.params.name);
    response.json({ revisions: list });
  };
}

function publish(
  revisions: Revisions,
  watch: RevisionWatch,
  publisher: Authorize,
  trust: Trust,
  log: BundleServerLog,
): RequestHandler<{ name: string }> {
  return async (request, response) => {
    // Before the body is read: a stranger's bytes are not worth the memory.
    const { principal } = await publisher(request.headersDistinct['authorization']?.join(', '));
    const bundle = checkBundleName(request.params.name);
    const archive = await readBounded(
      request.iterator({ destroyOnReturn: false }),
      ARCHIVE_LIMITS.archiveBytes,
    );
    const { revision, serial, expires } = await verifyBundle(archive, { ...trust, bundle });
    mustNotBeExpired({ expires });
    const published: PublishedRevision = {
      ...revision,
      ...(serial !== undefined && { serial }),
      ...(expires !== undefined && { expires }),
      published_at: new Date().toISOString(),
      published_by: principal,
    };
    await revisions.publish(archive, published);
    await watch.look(bundle);
    log.info('bundle published', published);
    response.json(revision);
  };
}

function unknownBundle(name: string): BundleError {
  return new BundleError(
    'bundle_unknown',
    `no bundle ${name} was published`,
    'Publish it with `regate publish`.',
  );
}

/** What a caller is told of an error. */
interface Explained {
  readonly code: string;
  readonly message: string;
  readonly nextStep: string;
}

function answer(response: Response, status: number, { code, message, nextStep }: Explained): void {
  response.status(status).json({ error: { code, message, next_step: nextStep } });
}

/** Errors of this room and of the publisher's judge are worded for the caller; of all others nothing is told. */
function answerError(log: BundleServerLog): ErrorRequestHandler {
  return (thrown: unknown, request, response, next) => {
    if (response.headersSent) {
      next(thrown);
      return;
    }
    const status = statusOf(thrown);
    if (status >= 500)
      log.error('bundle request failed', { path: request.path, error: describeThrown(thrown) });
    if (status === 401) response.set('WWW-Authenticate', 'Bearer');
    // A body that was not read to its end cannot be followed by another request.
    if (!request.complete) response.set('Connection', 'close');
    if (thrown instanceof RegateError && status !== 500) answer(response, status, thrown);
    else answer(response, status, status === 400 ? MALFORMED : INTERNAL);
  };
}

const MALFORMED: Explained = {
  code: 'malformed_address',
  message: 'the address is not well-formed',
  nextStep: 'Ask for /bundles/NAME.',
};
const INTERNAL: Explained = {
  code: 'internal',
  message: 'the bundle server failed',
  nextStep: "Look into the bundle server's log.",
};

function statusOf(thrown: unknown): number {
  if (thrown instanceof BundleError) {
    if (thrown.code === 'bundle_unknown' || thrown.code === 'name_invalid') return 404;
    if (thrown.code === 'archive_too_big') return 413;
    if (thrown.code.startsWith('serial_')) return 409;
    return thrown.code === 'storage_invalid' ? 500 : 422;
  }
  if (thrown instanceof RegateError && 'httpStatus' in thrown && typeof thrown.httpStatus === 'number') {
    return thrown.httpStatus;
  }
  return thrown instanceof URIError ? 400 : 500;
}
