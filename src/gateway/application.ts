import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { approvalsApi, openApi } from './approvals-api/router.js';
import { approvalsPage } from './approvals-page/router.js';
import { eventsApi } from './events-api.js';
import type { LegacyDoor } from './legacy/door.js';
import { METADATA_PATH, respondMetadata } from './metadata.js';
import { createMetrics } from './metrics.js';
import type { GatewayParts } from './parts.js';
import { handle } from './pipeline.js';
import { readiness } from './readiness.js';
import { refusalOf } from './refusal.js';
import { revocationsApi } from './revocations-api.js';
import { slackApi } from './slack-api.js';

/** The gateway's HTTP surface: the MCP endpoints, their metadata, the APIs of approvers and revokers, issuers' events and two health checks. */
export function createApplication(parts: GatewayParts, legacy: LegacyDoor): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('strict routing');
  app.enable('case sensitive routing');

  app
    .route('/mcp/:upstream')
    .head(allowOnly('POST, GET, DELETE')) // or Express would hand it to GET, which opens a stream
    .post((request, response) => handle(parts, request, response))
    .get((request, response) => handle(parts, request, response))
    .delete((request, response) => handle(parts, request, response))
    .all(allowOnly('POST, GET, DELETE'));
  app
    .route('/mcp/:upstream/sse')
    .head(allowOnly('GET'))
    .get((request, response) => legacy.open(request, response))
    .all(allowOnly('GET'));
  app
    .route('/mcp/:upstream/messages')
    .post((request, response) => legacy.post(request, response))
    .all(allowOnly('POST'));
  app.get(METADATA_PATH, (request, response) =>
    respondMetadata(parts, String(request.params['upstream']), response),
  );
  const { signer } = parts;
  if (signer !== undefined)
    app.get('/.well-known/jwks.json', (request, response) => signer.publish(request, response));
  app.use('/api/approvals', approvalsApi(parts));
  const { revocation } = parts;
  if (revocation !== undefined) {
    app.use('/api/revocations', revocationsApi(parts, revocation));
    app.use('/events', eventsApi(parts, revocation));
  }
  const { slack } = parts;
  if (slack !== undefined) app.use('/slack', slackApi(parts, slack));
  app.use('/api', openApi());
  if (parts.page !== undefined) app.use('/approvals', approvalsPage(parts, parts.page));
  app.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
  const metrics = createMetrics(parts);
  app.get('/metrics', async (_request, response) => {
    response.type(metrics.contentType).send(await metrics.metrics());
  });
  app.get('/readyz', (_request, response) => {
    const state = readiness(parts);
    response.status(state.ready ? 200 : 503).json(state);
  });
  app.use((_request: Request, response: Response) => {
    const next_step = 'MCP servers stand at /mcp/<upstream>, approvals at /api/approvals.';
    response.status(404).json({ error: { code: 'not_found', message: 'there is nothing here', next_step } });
  });
  app.use((thrown: unknown, _request: Request, response: Response, _next: NextFunction) => {
    parts.log.error('a request failed outside the pipeline', { detail: refusalOf(thrown).detail });
    if (response.headersSent) response.destroy();
    else
      response.status(400).json({
        error: {
          code: 'bad_request',
          message: 'the request cannot be read',
          next_step: 'Check its path and body.',
        },
      });
  });
  return app;
}

function allowOnly(methods: string) {
  return (_request: Request, response: Response) =>
    void response.status(405).setHeader('Allow', methods).end();
}
