import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Principal } from '../../domain/index.js';
import type { PageSessionRecord, PageSessionStore } from '../store.js';
import { digestOf, openSession, type SessionContent, sealSession } from './session-seal.js';

/** Sign-ins that one person may have at once; of more, the oldest ends. */
const SESSIONS_PER_PERSON = 20;
const MOST_SESSIONS = 10_000;

/** Somebody who is signed in. */
export interface PageSession extends SessionContent {
  /** By which the store has it. */
  readonly digest: string;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly until: number;
}

export interface PageSessionsOptions {
  readonly store: PageSessionStore;
  /** What all gateways of the store have, 32 bytes or more. */
  readonly secret: Buffer;
  /** Milliseconds since 1970-01-01T00:00:00Z; `Date.now` where undefined. */
  readonly now?: () => number;
  /** Whether a credential was revoked since its owner signed in. Asked with each request. */
  readonly isRevoked?: (principal: Principal) => boolean;
}

/**
 * Who is signed in to the page, by the cookie that only their browser has. Kept in the store and looked up there each time, so
 * that a session outlives a gateway, is good at every gateway of the store, and ends at all of them at once.
 */
export class PageSessions {
  readonly #store: PageSessionStore;
  readonly #secret: Buffer;
  readonly #now: () => number;
  readonly #isRevoked: (principal: Principal) => boolean;

  constructor({ store, secret, now = Date.now, isRevoked = () => false }: PageSessionsOptions) {
    this.#store = store;
    this.#secret = secret;
    this.#now = now;
    this.#isRevoked = isRevoked;
  }

  /**
   * Begins a session.
   *
   * @returns the cookie's value, which is known nowhere else
   * @throws StoreError
   */
  async begin(principal: Principal, until: number): Promise<string> {
    const id = randomBytes(32).toString('base64url');
    const csrfToken = randomBytes(32).toString('base64url');
    const record = sealSession(this.#secret, id, { until, content: { principal, csrfToken } });
    const bounds = { perPerson: SESSIONS_PER_PERSON, inAll: MOST_SESSIONS, now: this.#now() };
    await this.#store.begin(record, bounds);
    return id;
  }

  /**
   * The session of a cookie, where there is one that still holds.
   *
   * @throws StoreError
   */
  async find(id: string): Promise<PageSession | undefined> {
    const record = await this.#store.find(digestOf(id));
    if (record === undefined) return undefined;
    const session = this.#opened(id, record);
    if (session === undefined) await this.#store.end(record.digest);
    return session;
  }

  /**
   * Whether a session that was found is neither over, ended nor revoked meanwhile.
   *
   * @throws StoreError
   */
  async holds({ digest, until, principal }: PageSession): Promise<boolean> {
    if (this.#now() >= until || this.#isRevoked(principal)) return false;
    return (await this.#store.find(digest)) !== undefined;
  }

  /** @throws StoreError */
  async end(id: string): Promise<void> {
    await this.#store.end(digestOf(id));
  }

  #opened(id: string, record: PageSessionRecord): PageSession | undefined {
    const { digest, until } = record;
    const content = openSession(this.#secret, id, record);
    if (content === undefined || this.#now() >= until || this.#isRevoked(content.principal)) return undefined;
    return { ...content, digest, until };
  }
}

/** Whether a request repeats the session's token, compared in constant time. */
export function repeats({ csrfToken }: PageSession, said: string): boolean {
  return timingSafeEqual(Buffer.from(digestOf(csrfToken)), Buffer.from(digestOf(said)));
}
