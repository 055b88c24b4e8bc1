import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Principal } from '../../domain/index.js';

/** Sign-ins that one person may have at once; of more, the oldest ends. */
const SESSIONS_PER_PRINCIPAL = 20;
const MOST_SESSIONS = 10_000;

/** Somebody who is signed in. */
export interface PageSession {
  readonly principal: Principal;
  /** What a request that changes something has to repeat; another site cannot read it. */
  readonly csrfToken: string;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly until: number;
}

export interface PageSessionsOptions {
  /** Milliseconds since 1970-01-01T00:00:00Z; `Date.now` where undefined. */
  readonly now?: () => number;
  /** Whether a credential was revoked since its owner signed in. Asked with each request. */
  readonly isRevoked?: (principal: Principal) => boolean;
}

/**
 * Who is signed in to the page, by the digest of the cookie that only their browser has. Kept in memory: a restart signs
 * everybody out, and several gateways behind one address must each get the requests of the browsers that signed in there.
 */
export class PageSessions {
  readonly #byDigest = new Map<string, PageSession>();
  /** Those of the map: a stream may have one in hand whose owner has signed out. */
  readonly #open = new WeakSet<PageSession>();
  readonly #now: () => number;
  readonly #isRevoked: (principal: Principal) => boolean;

  constructor({ now = Date.now, isRevoked = () => false }: PageSessionsOptions) {
    this.#now = now;
    this.#isRevoked = isRevoked;
  }

  /** Begins a session. @returns the cookie's value, which is known nowhere else */
  begin(principal: Principal, until: number): string {
    this.#makeRoom(principal);
    const id = randomBytes(32).toString('base64url');
    const csrfToken = randomBytes(32).toString('base64url');
    const session = { principal, csrfToken, until };
    this.#byDigest.set(digestOf(id), session);
    this.#open.add(session);
    return id;
  }

  /** The session of a cookie, where there is one that still holds. */
  find(id: string): PageSession | undefined {
    const digest = digestOf(id);
    const session = this.#byDigest.get(digest);
    if (session === undefined || this.holds(session)) return session;
    this.#end(digest);
    return undefined;
  }

  /** Whether a session is neither over nor revoked. */
  holds(session: PageSession): boolean {
    const { until, principal } = session;
    return this.#open.has(session) && this.#now() < until && !this.#isRevoked(principal);
  }

  end(id: string): void {
    this.#end(digestOf(id));
  }

  #end(digest: string): void {
    const session = this.#byDigest.get(digest);
    if (session !== undefined) this.#open.delete(session);
    this.#byDigest.delete(digest);
  }

  /** A map keeps the order of its entries, so the first ones are the oldest. */
  #makeRoom({ id }: Principal): void {
    const own: string[] = [];
    for (const [digest, session] of this.#byDigest) {
      if (!this.holds(session)) this.#end(digest);
      else if (session.principal.id === id) own.push(digest);
    }
    const oldest = own.length >= SESSIONS_PER_PRINCIPAL ? own[0] : undefined;
    if (oldest !== undefined) this.#end(oldest);
    const [first] = this.#byDigest.keys();
    if (this.#byDigest.size >= MOST_SESSIONS && first !== undefined) this.#end(first);
  }
}

/** Whether a request repeats the session's token, compared in constant time. */
export function repeats({ csrfToken }: PageSession, said: string): boolean {
  return timingSafeEqual(Buffer.from(digestOf(csrfToken)), Buffer.from(digestOf(said)));
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
