import { createHash, timingSafeEqual } from 'node:crypto';
import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import { errors, type Provider } from 'oidc-provider';
import { APPROVER } from './secrets.js';

/** Where the provider sends browsers to be signed in. */
export const SIGN_IN_PATH = '/interaction';

export interface SignInPageOptions {
  /** The provider's own origin, by which alone its pages are reached. */
  readonly issuer: string;
  /** The gateway's, to which a sign-in leads back. */
  readonly gateway: string;
  /** The gateway's resource identifier. */
  readonly audience: string;
  readonly password: string;
}

/**
 * The page at which the demo's one person signs in, with a password that `npm start` prints: other accounts of this machine
 * reach the page too, and must not approve anything. Where a sign-in leads is for the provider to say, never for the request.
 */
export function signInPage(provider: Provider, options: SignInPageOptions): Router {
  const router = Router();
  router.use(SIGN_IN_PATH, (_request, response, next) => {
    protect(response, options);
    next();
  });
  router.get(`${SIGN_IN_PATH}/:uid`, async (request, response) => {
    await provider.interactionDetails(request, response); // of this browser, by its cookie
    response.type('html').send(page(''));
  });
  router.post(
    `${SIGN_IN_PATH}/:uid`,
    ownOrigin(options.issuer),
    express.urlencoded({ extended: false, limit: '1kb' }),
    async (request, response) => {
      const { params } = await provider.interactionDetails(request, response);
      const said: unknown = (request.body as Readonly<Record<string, unknown>> | undefined)?.['password'];
      if (typeof said !== 'string' || !isSame(said, options.password)) {
        response.status(403).type('html').send(page('That is not the password that npm start printed.'));
        return;
      }
      const grant = new provider.Grant({ accountId: APPROVER.id, clientId: params.client_id });
      grant.addOIDCScope('openid');
      const grantId = await grant.save();
      const result = { login: { accountId: APPROVER.id }, consent: { grantId } };
      await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
    },
  );
  router.use(((thrown, _request, response, next) => {
    // It is another browser's sign-in, or one that is over.
    if (!(thrown instanceof errors.SessionNotFound)) next(thrown);
    else response.status(400).type('html').send(page('This sign-in is over. Begin anew at the gateway.'));
  }) as express.ErrorRequestHandler);
  return router;
}

/** A browser says where a form comes from (Fetch, section 3.2): another site's goes nowhere. */
function ownOrigin(issuer: string): RequestHandler {
  return (request: Request, response: Response, next) => {
    if (request.headers.origin === issuer) next();
    else response.status(403).type('text').send('This form is not the sign-in page of the demo.\n');
  };
}

function protect(response: Response, { gateway }: SignInPageOptions): void {
  response.set({
    // A form's way leads on to the gateway, which browsers hold to `form-action` too.
    'Content-Security-Policy': `default-src 'none'; style-src '${STYLE_DIGEST}'; form-action 'self' ${gateway}; base-uri 'none'; frame-ancestors 'none'`,
    'X-Frame-Options': 'DENY',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'same-origin', // with none, browsers would not say the form's origin either
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cache-Control': 'no-store',
  });
}

const STYLE =
  'body{font:1rem/1.5 system-ui,sans-serif;max-width:26rem;margin:4rem auto;padding:0 1rem;color-scheme:light dark}' +
  'input,button{font:inherit;padding:.5rem;width:100%;box-sizing:border-box;margin:.25rem 0}';
const STYLE_DIGEST = `sha256-${createHash('sha256').update(STYLE).digest('base64')}`;

/** @param problem a fixed text of this file */
function page(problem: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Regate demo: sign in</title><style>${STYLE}</style></head>
<body>
<h1>Regate demo</h1>
<p>Sign in as <strong>${APPROVER.name}</strong>, who may approve refunds. This page and this person exist in the demo on this machine only.</p>
<p role="alert">${problem}</p>
<form method="post">
<label>Password, which <code>npm start</code> printed <input type="password" name="password" autocomplete="current-password" required autofocus></label>
<button type="submit">Sign in as ${APPROVER.name}</button>
</form>
</body>
</html>
`;
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [one, other].map((text) => createHash('sha256').update(text).digest()) as [
    Buffer,
    Buffer,
  ];
  return timingSafeEqual(left, right);
}
