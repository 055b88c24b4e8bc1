import { readFileSync } from 'node:fs';
import { type Request, type Response, Router } from 'express';
import type { Approval } from '../../approvals/index.js';
import type { JsonObject } from '../../domain/index.js';
import type { GatewayParts } from '../parts.js';
import { Places } from '../places.js';
import { type BallotBody, readBallot } from './ballot.js';
import { deliveriesFor, retryFor } from './deliveries.js';
import { respondError } from './errors.js';
import { STREAMS, streamChanges } from './events.js';
import { historyOf } from './history.js';
import { listFor } from './listing.js';
import { deliveryListingOf, listingOf } from './query.js';
import { mustBeReadable } from './rights.js';
import { shownAs } from './shown.js';
import { mustStillHold, type Viewer, viewerOf } from './viewer.js';

const OPENAPI = new URL('../../../schemas/openapi.json', import.meta.url);

/** The description of the API (OpenAPI 3.1), for anyone. */
export function openApi(): Router {
  const router = Router();
  const description = readFileSync(OPENAPI);
  router.get('/openapi.json', (_request, response) => void response.type('json').send(description));
  return router;
}

/** The HTTP API for approvers, below `/api/approvals`: by a token, or by the page's session. */
export function approvalsApi(parts: GatewayParts): Router {
  const router = Router();
  const streams = new Places(STREAMS);
  const route =
    (handler: (viewer: Viewer, request: Request, response: Response) => Promise<JsonObject>) =>
    async (request: Request, response: Response) => {
      response.setHeader('Cache-Control', 'no-store');
      response.setHeader('X-Content-Type-Options', 'nosniff');
      try {
        response.json(await handler(await viewerOf(parts, request, response), request, response));
      } catch (thrown) {
        respondError(parts, request, response, thrown);
      }
    };
  const find = async ({ principal }: Viewer, request: Request) =>
    mustBeReadable(principal, await parts.approvals.show(String(request.params['id'])));

  router.get(
    '/',
    route(({ principal }, request) => listFor(parts, principal, listingOf(request))),
  );
  // Or Express would hand it to GET, which opens a stream.
  router.head('/events', (_request, response) => void response.status(405).setHeader('Allow', 'GET').end());
  router.get('/events', async (request, response) => {
    try {
      await streamChanges(parts, await viewerOf(parts, request, response), streams, response);
    } catch (thrown) {
      respondError(parts, request, response, thrown);
    }
  });
  router.get(
    '/deliveries',
    route(({ principal }, request) => deliveriesFor(parts, principal, deliveryListingOf(request))),
  );
  router.post(
    '/deliveries/:id/retry',
    route(({ principal }, request) => retryFor(parts, principal, String(request.params['id']))),
  );
  router.get(
    '/:id',
    route(async (viewer, request) => detailFor(parts, viewer, await find(viewer, request))),
  );
  for (const verdict of ['approve', 'deny'] as const)
    router.post(
      `/:id/${verdict}`,
      route(async (viewer, request, response) => {
        const approval = await find(viewer, request);
        return vote(parts, viewer, {
          approval,
          verdict,
          body: await readBallot(verdict, request, response, parts),
        });
      }),
    );
  return router;
}

async function vote(
  parts: GatewayParts,
  viewer: Viewer,
  { approval, verdict, body }: { approval: Approval; verdict: 'approve' | 'deny'; body: BallotBody },
): Promise<JsonObject> {
  const { note, arguments: narrowed, break_glass } = body;
  await mustStillHold(viewer);
  const voted = await parts.approvals.vote(approval.id, viewer.principal, {
    verdict,
    ...(note !== undefined && { note }),
    ...(narrowed !== undefined && { narrowed }),
    ...(break_glass === true && { breakGlass: true }),
  });
  return detailFor(parts, viewer, voted);
}

/** One approval with all that whoever decides on it should know. */
async function detailFor(
  parts: GatewayParts,
  { principal }: Viewer,
  approval: Approval,
): Promise<JsonObject> {
  return {
    ...shownAs(approval, principal),
    history: await historyOf(parts, approval, principal),
  };
}
