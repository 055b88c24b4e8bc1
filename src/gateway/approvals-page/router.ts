import { type NextFunction, type Request, type Response, Router } from 'express';
import { describeThrown } from '../../domain/index.js';
import { SignInError } from '../../identity/index.js';
import { checkHost } from '../connect.js';
import type { GatewayParts } from '../parts.js';
import { refusalOf } from '../refusal.js';
import { Assets } from './assets.js';
import { protect } from './headers.js';
import { type ApprovalsPage, PAGE_STATUS, PageError } from './page.js';
import { PENDING_SECONDS } from './pending.js';

const INBOX = '/approvals';
/** What the page may be opened at, and therefore where a sign-in may lead. */
const PLACE = /^\/approvals(?:\/apr_[a-z2-7]{16})?$/;

/** The page for approvers, below `/approvals`: its files, and signing in and out. */
export function approvalsPage(parts: GatewayParts, page: ApprovalsPage): Router {
  const router = Router({ strict: true, caseSensitive: true });
  const assets = new Assets();
  const shell = (request: Request, response: Response) => void assets.send('index.html', request, response);
  router.use((request: Request, response: Response, next: NextFunction) => {
    protect(response);
    checkHost(request, { ...parts.settings, allowedOrigins: [page.publicUrl] });
    next();
  });
  addSignIn(router, parts, page);
  router.get('/session', async (request, response) => {
    const session = await page.find(request);
    if (session === undefined) {
      response.status(204).end(); // a browser would show any other status as an error of the page
      return;
    }
    const { principal, csrfToken, until } = session;
    const { id, subject, groups, claims } = principal;
    const name = typeof claims['name'] === 'string' ? claims['name'] : subject;
    response.json({ id, name, groups, csrf_token: csrfToken, until: new Date(until).toISOString() });
  });
  router.get('/assets/:name', (request, response, next) => {
    if (!assets.send(request.params.name, request, response)) next();
  });
  router.get('/', shell);
  router.get('/:id', (request, response, next) => {
    if (PLACE.test(`${INBOX}/${request.params.id}`)) shell(request, response);
    else next();
  });
  router.use((thrown: unknown, _request: Request, response: Response, _next: NextFunction) => {
    respondError(parts, response, thrown);
  });
  return router;
}

function addSignIn(router: Router, parts: GatewayParts, page: ApprovalsPage): void {
  router.get('/sign-in', async (request, response) => {
    const { return_to: wanted } = request.query;
    const returnTo = typeof wanted === 'string' && PLACE.test(wanted) ? wanted : INBOX;
    try {
      const { url, pending } = await page.signIn.begin();
      page.pendingCookie.set(
        response,
        await page.signIns.seal({ pending, returnTo }),
        PENDING_SECONDS * 1000,
      );
      response.redirect(303, url);
    } catch (thrown) {
      failed(parts, response, thrown);
    }
  });
  router.get('/callback', async (request, response) => {
    const begun = await page.signIns.open(page.pendingCookie.read(request) ?? '');
    page.pendingCookie.clear(response); // each is good for one attempt
    if (begun === undefined) {
      response.redirect(303, `${INBOX}?sign_in=stale`);
      return;
    }
    try {
      const query = new URL(request.originalUrl, page.publicUrl).searchParams;
      const { principal, until } = await page.signIn.finish(query, begun.pending);
      const ends = Math.min(until, Date.now() + page.sessionMilliseconds);
      await endSession(page, request); // never carried on: whoever had the cookie before gains nothing by this sign-in
      page.sessionCookie.set(response, await page.sessions.begin(principal, ends), ends - Date.now());
      parts.log.info('somebody signed in to the approvals page', { principal: principal.id });
      response.redirect(303, begun.returnTo);
    } catch (thrown) {
      failed(parts, response, thrown);
    }
  });
  router.post('/sign-out', async (request, response) => {
    await page.session(request);
    await endSession(page, request);
    page.sessionCookie.clear(response);
    response.status(204).end();
  });
}

async function endSession(page: ApprovalsPage, request: Request): Promise<void> {
  const id = page.sessionCookie.read(request);
  if (id !== undefined) await page.sessions.end(id);
}

/** A browser that was sent somewhere has to end on the page, which says what went wrong in its own words. */
function failed(parts: GatewayParts, response: Response, thrown: unknown): void {
  if (!(thrown instanceof SignInError)) throw thrown;
  const { code, cause } = thrown;
  parts.log.warn('a sign-in to the approvals page failed', { code, detail: describeThrown(cause) });
  response.redirect(303, `${INBOX}?sign_in=${code === 'sign_in_unavailable' ? 'unavailable' : 'refused'}`);
}

function respondError(parts: GatewayParts, response: Response, thrown: unknown): void {
  const { httpStatus, code, message, detail } = refusalOf(thrown);
  const known = thrown instanceof PageError ? PAGE_STATUS[thrown.code] : undefined;
  const status = known ?? (httpStatus === 403 ? 403 : 500);
  if (status === 500) parts.log.error('the approvals page failed', { code, detail });
  const next_step =
    status === 500 ? 'Look at the log of the gateway.' : 'Open /approvals at its own address.';
  const said = thrown instanceof PageError ? thrown.message : message;
  response.status(status).json({ error: { code, message: said, next_step } });
}
