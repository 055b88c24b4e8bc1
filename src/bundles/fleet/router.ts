import { type ErrorRequestHandler, type Request, type RequestHandler, Router } from 'express';
import { describeThrown, RegateError } from '../../domain/index.js';
import { readBody } from './body.js';
import { decisionLines } from './decision-events.js';
import type { DecisionLog } from './decision-log.js';
import { createReception, type Reception } from './reception.js';
import { readStatusReport } from './report.js';
import type { FleetStore } from './store.js';
import { viewFleet } from './view.js';

/**
 * Judges an Authorization header and names whose it is. Throws a RegateError where it is refused: with `httpStatus`
 * 401 when the credential does not hold, 403 when its principal may not do this, 503 when that cannot be told now.
 */
type Authorize = (authorizationHeader: string | undefined) => Promise<{ readonly principal: string }>;

/** Where the router writes what happened; a winston logger fits. */
export interface ReportsLog {
  info(message: string, details: object): unknown;
  error(message: string, details: object): unknown;
}

/** What the reports' routes need. */
export interface ReportsOptions {
  readonly fleet: FleetStore;
  /** Who may send status and decision logs. */
  readonly authorizeReporter: Authorize;
  /** Who may see the fleet. */
  readonly authorizeReader: Authorize;
  readonly decisionLogs: DecisionLog;
  readonly log: ReportsLog;
}

const MEBIBYTE = 1024 * 1024;
const STATUS_BYTES = MEBIBYTE;
/** OPA sends 32 KB of gzip at once, unless it is told to send more. */
const UPLOAD_BYTES = 16 * MEBIBYTE;

/**
 * Takes OPA's status and decision logs, and shows the fleet. All of it needs a bearer token.
 *
 * | route | answers |
 * | --- | --- |
 * | `POST /status` | 200 once the report is kept; 403 where another principal reports under that id |
 * | `POST /logs` | 200 once the decisions are on disk, after which OPA drops them |
 * | `GET /fleet` | a {@link FleetView} |
 *
 * OPA may add the name of a partition to the first two; it is not looked at. Errors are `{error: {code, message,
 * next_step}}`.
 */
export function createReportsRouter(options: ReportsOptions): Router {
  const { fleet, authorizeReporter, authorizeReader, decisionLogs, log } = options;
  const reception = createReception(fleet);
  const router = Router();
  router.post(['/status', '/status/:partition'], takeStatus(reception, authorizeReporter, log));
  router.post(['/logs', '/logs/:partition'], takeDecisions(decisionLogs, authorizeReporter));
  router.get('/fleet', showFleet(fleet, reception, authorizeReader));
  router.use(answerError(log));
  return router;
}

function takeStatus(reception: Reception, authorize: Authorize, log: ReportsLog): RequestHandler {
  return async (request, response) => {
    const { principal } = await authorize(authorizationOf(request));
    const report = readStatusReport(await readBody(request, STATUS_BYTES));
    const { record, isNew } = await reception.take(report, principal, new Date());
    if (isNew) log.info('an instance reports for the first time', { instance: record.instance, principal });
    response.json({});
  };
}

function takeDecisions(decisionLogs: DecisionLog, authorize: Authorize): RequestHandler {
  return async (request, response) => {
    const { principal } = await authorize(authorizationOf(request));
    const upload = await readBody(request, UPLOAD_BYTES);
    await decisionLogs.append(decisionLines(upload, { principal, received_at: new Date().toISOString() }));
    response.json({});
  };
}

function showFleet(fleet: FleetStore, reception: Reception, authorize: Authorize): RequestHandler {
  return async (request, response) => {
    await authorize(authorizationOf(request));
    const now = new Date();
    await reception.forget(now);
    response.set('Cache-Control', 'no-store').json(viewFleet(await fleet.list(), now));
  };
}

function authorizationOf(request: Request): string | undefined {
  return request.headersDistinct['authorization']?.join(', ');
}

/** What is refused is worded for the caller; of a fault nothing is told. */
function answerError(log: ReportsLog): ErrorRequestHandler {
  return (thrown: unknown, request, response, next) => {
    if (response.headersSent) {
      next(thrown);
      return;
    }
    const refusal = refusalOf(thrown);
    if (refusal === undefined || refusal.status >= 500 || refusal.code === 'instance_taken') {
      log.error('a report was not taken', { path: request.path, error: describeThrown(thrown) });
    }
    const { status, code, message, nextStep } = refusal ?? INTERNAL;
    if (status === 401) response.set('WWW-Authenticate', 'Bearer');
    // A body that was not read to its end cannot be followed by another request.
    if (!request.complete) response.set('Connection', 'close');
    response.status(status).json({ error: { code, message, next_step: nextStep } });
  };
}

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly nextStep: string;
}

const INTERNAL: Refusal = {
  status: 500,
  code: 'internal',
  message: 'the bundle server failed',
  nextStep: "Look into the bundle server's log.",
};

function refusalOf(thrown: unknown): Refusal | undefined {
  if (!(thrown instanceof RegateError && 'httpStatus' in thrown)) return undefined;
  const { httpStatus: status, code, message, nextStep } = thrown;
  return typeof status === 'number' ? { status, code, message, nextStep } : undefined;
}
