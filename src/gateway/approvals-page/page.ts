import type { Request } from 'express';
import { RegateError } from '../../domain/index.js';
import type { SignIn } from '../../identity/index.js';
import { type PageCookie, pageCookie } from './cookies.js';
import { SealedSignIns } from './pending.js';
import { type PageSession, PageSessions, type PageSessionsOptions, repeats } from './sessions.js';

/** The header by which the page's own requests repeat their session's token. */
const CSRF_HEADER = 'regate-csrf-token';

export type PageErrorCode = 'signed_out' | 'cross_site';

/** As HTTP says it. */
export const PAGE_STATUS = { signed_out: 401, cross_site: 403 } as const satisfies Record<
  PageErrorCode,
  number
>;

/** A browser's request is nobody's, or not the page's own. */
export class PageError extends RegateError<PageErrorCode> {}

export interface ApprovalsPageOptions extends PageSessionsOptions {
  readonly signIn: SignIn;
  /** Where browsers reach the gateway; an origin without a trailing slash. */
  readonly publicUrl: string;
  readonly sessionMilliseconds: number;
}

/** The web page for approvers: who is signed in to it, and what proves that a request is the page's own. */
export class ApprovalsPage {
  readonly signIn: SignIn;
  readonly publicUrl: string;
  readonly sessionMilliseconds: number;
  readonly sessions: PageSessions;
  readonly signIns: SealedSignIns;
  readonly sessionCookie: PageCookie;
  /** Comes back with a navigation from the issuer, which is another site. */
  readonly pendingCookie: PageCookie;

  constructor(options: ApprovalsPageOptions) {
    this.signIn = options.signIn;
    this.publicUrl = options.publicUrl;
    this.sessionMilliseconds = options.sessionMilliseconds;
    this.sessions = new PageSessions(options);
    this.signIns = new SealedSignIns(options.secret);
    this.sessionCookie = pageCookie('regate-session', options.publicUrl, 'strict');
    this.pendingCookie = pageCookie('regate-sign-in', options.publicUrl, 'lax');
  }

  /**
   * Whose request it is, by its cookie. One that changes something must come from the page itself, which three things
   * say that no other site can make a browser say together: the origin, the fetch metadata, and the session's token.
   *
   * @throws {PageError} `signed_out`, `cross_site`
   * @throws StoreError
   */
  async session(request: Request): Promise<PageSession> {
    const session = await this.find(request);
    if (session === undefined)
      throw new PageError('signed_out', 'you are not signed in, or no longer', 'Sign in at /approvals.');
    if (!isSafe(request.method)) this.#mustBeOwn(request, session);
    return session;
  }

  /**
   * Who is signed in with the browser that a request comes from.
   *
   * @throws StoreError
   */
  async find(request: Request): Promise<PageSession | undefined> {
    const id = this.sessionCookie.read(request);
    return id === undefined ? undefined : this.sessions.find(id);
  }

  /**
   * Whether somebody who opened a stream may go on listening.
   *
   * @throws StoreError
   */
  holds(session: PageSession): Promise<boolean> {
    return this.sessions.holds(session);
  }

  #mustBeOwn(request: Request, session: PageSession): void {
    const { origin, 'sec-fetch-site': site = 'same-origin' } = request.headers;
    const said = request.headers[CSRF_HEADER];
    if (
      origin === this.publicUrl &&
      site === 'same-origin' &&
      typeof said === 'string' &&
      repeats(session, said)
    )
      return;
    throw new PageError(
      'cross_site',
      'the request does not come from the page that you are signed in to',
      'Open /approvals anew and decide there.',
    );
  }
}

function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}
