import express, { type Express, type Request, type RequestHandler, type Router } from 'express';
import { ARCHIVE_LIMITS } from '../archive.js';
import { readBounded } from '../bounded-body.js';
import { checkBundleName } from '../bundle-name.js';
import type { FleetShadowTotals } from '../fleet/shadow-totals.js';
import type { Trust } from '../signature.js';
import { answerError, answerNotFound } from './answer-error.js';
import { readArchives } from './archives.js';
import type { BundleServerLog } from './log.js';
import { type ChannelName, checkChannelName, readChannel } from './names.js';
import { promote } from './promotion.js';
import { readPromotionRequest } from './promotion-request.js';
import { publish } from './publication.js';
import type { ChannelAction } from './publishers.js';
import { watchRevisions } from './revision-watch.js';
import { type Shelves, serveChannel, serveRevision } from './serve.js';
import type { RevisionStore } from './store.js';
import { mustHaveChannels } from './unknown.js';

/**
 * Judges an Authorization header and names who publishes or promotes to a channel. Throws a RegateError where nobody
 * may: with `httpStatus` 401 when the credential does not hold, 403 when its principal may not do so there, 503 when
 * that cannot be told now.
 */
export type Authorize = (
  authorizationHeader: string | undefined,
  action: ChannelAction,
  target: ChannelName,
) => Promise<{ readonly principal: string }>;

/** What a bundle server needs. */
export interface BundleServerOptions {
  /** Where bundles are kept. */
  readonly store: RevisionStore;
  readonly publisher: Authorize;
  /** Whose signatures may be published. */
  readonly trust: Trust;
  readonly log: BundleServerLog;
  /** How many decisions must have been compared in shadow, all alike, before a promotion; without it none. */
  readonly shadowDecisions?: number;
  /** What gateways tell of a revision that they evaluate in shadow; without it nothing. */
  readonly shadowTotals?: (bundle: string, digest: string) => Promise<FleetShadowTotals>;
  /** Answers what gateways and OPAs report. */
  readonly reports?: Router;
}

const NO_TOTALS: FleetShadowTotals = { compared: 0, different: 0, failed: 0, skipped: 0, gateways: 0 };

/**
 * The bundle server. OPA's bundle protocol for reading, which needs no token: bundles are signed, not secret.
 *
 * | route | answers |
 * | --- | --- |
 * | `GET /bundles/:name` | the archive that is current in the channel `stable`; its ETag is its digest; 304 where the caller has it, with `Prefer: wait=SECONDS` only once those are over |
 * | `GET /bundles/:name/channels/:channel` | the same of another channel |
 * | `GET /bundles/:name/revisions/:digest` | the archive of a published revision, for ever |
 * | `GET /bundles/:name/revisions` | `{revisions: […]}`, the newest first, each with the `channels` that it is current in |
 * | `GET /bundles/:name/channels` | `{channels: […]}`: what is current in each, since when and by whom |
 * | `PUT` to one of the first two | publishes the archive in the body, after verifying it: `{bundle, revision, digest, channel}` |
 * | `POST /bundles/:name/channels/:channel/promotion` | makes what is current in another channel current in this one: the same |
 * | `GET /healthz` | `{status: "ok"}` |
 *
 * Errors are `{error: {code, message, next_step}}`.
 */
export function createBundleServer(options: BundleServerOptions): Express {
  const { store, log, reports } = options;
  const shelves = { store, watch: watchRevisions(store), archive: readArchives(store) };
  const app = express().disable('x-powered-by').disable('etag');
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  for (const channel of ['/bundles/:name', '/bundles/:name/channels/:channel']) {
    app.get(channel, serveChannel(shelves));
    app.put(channel, takePublication(shelves, options));
  }
  app.get('/bundles/:name/revisions', listRevisions(store));
  app.get('/bundles/:name/revisions/:digest', serveRevision(shelves));
  app.get('/bundles/:name/channels', listChannels(store));
  app.post('/bundles/:name/channels/:channel/promotion', takePromotion(shelves, options));
  if (reports !== undefined) app.use(reports);
  app.use(answerNotFound);
  app.use(answerError(log));
  return app;
}

function listRevisions(store: RevisionStore): RequestHandler<{ name: string }> {
  return async (request, response) => {
    const bundle = checkBundleName(request.params.name);
    const [channels, revisions] = await Promise.all([
      mustHaveChannels(store, bundle),
      store.revisions(bundle),
    ]);
    const currentIn = (digest: string) =>
      channels.filter((state) => state.digest === digest).map(({ channel }) => channel);
    response.json({
      revisions: revisions.map((revision) => ({ ...revision, channels: currentIn(revision.digest) })),
    });
  };
}

function listChannels(store: RevisionStore): RequestHandler<{ name: string }> {
  return async (request, response) => {
    response.json({ channels: await mustHaveChannels(store, checkBundleName(request.params.name)) });
  };
}

function takePublication(
  { store, watch }: Shelves,
  { publisher: authorize, trust, log }: BundleServerOptions,
): RequestHandler<{ name: string; channel?: string }> {
  return async (request, response) => {
    const target = readChannel(request.params.name, request.params.channel);
    // Before the body is read: a stranger's bytes are not worth the memory.
    const { principal: publisher } = await authorize(authorizationOf(request), 'publish', target);
    const archive = await readBounded(
      request.iterator({ destroyOnReturn: false }),
      ARCHIVE_LIMITS.archiveBytes,
    );
    const state = await publish(store, { target, archive, publisher }, trust);
    await watch.look(state.bundle, state.channel);
    log.info('bundle published', state);
    const { bundle, revision, digest, channel } = state;
    response.json({ bundle, revision, digest, channel });
  };
}

function takePromotion(
  { store, watch }: Shelves,
  {
    publisher: authorize,
    log,
    shadowDecisions = 0,
    shadowTotals = async () => NO_TOTALS,
  }: BundleServerOptions,
): RequestHandler<{ name: string; channel: string }> {
  return async (request, response) => {
    const target = readChannel(request.params.name, request.params.channel);
    const { principal: promoter } = await authorize(authorizationOf(request), 'promote', target);
    const wanted = await readPromotionRequest(request.iterator({ destroyOnReturn: false }));
    const state = await promote(
      store,
      {
        target,
        from: checkChannelName(wanted.from),
        promoter,
        shadowDecisions: Math.max(shadowDecisions, wanted.shadow_decisions ?? 0),
        ...(wanted.digest !== undefined && { digest: wanted.digest }),
      },
      shadowTotals,
    );
    await watch.look(state.bundle, state.channel);
    log.info('bundle promoted', state);
    const { bundle, revision, digest, channel } = state;
    response.json({ bundle, revision, digest, channel });
  };
}

/** All of them, as one that stands twice must not pass for the first. */
function authorizationOf({ headersDistinct }: Pick<Request, 'headersDistinct'>): string | undefined {
  return headersDistinct['authorization']?.join(', ');
}
