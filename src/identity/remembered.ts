import { hash } from 'node:crypto';
import type { Principal } from '../domain/index.js';

interface Entry {
  readonly principal: Principal;
  /** Seconds since 1970-01-01T00:00:00Z. */
  readonly until: number;
}

/**
 * Principals of credentials that were verified before, by SHA-256 digest of the whole `Authorization` value. The
 * credential itself is not kept, and how long a look-up takes tells nothing of those that are: nobody can choose what
 * a digest begins with.
 */
export class RememberedCredentials {
  readonly #entries = new Map<string, Entry>();
  readonly #capacity: number;
  #timesForgotten = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** @param now - milliseconds since 1970-01-01T00:00:00Z */
  find(credential: string, now: number): Principal | undefined {
    const digest = digestOf(credential);
    const entry = this.#entries.get(digest);
    if (entry === undefined) return undefined;
    this.#entries.delete(digest);
    if (entry.until <= now / 1000) return undefined;
    this.#entries.set(digest, entry); // a Map keeps the order of insertion: the last used is the last forgotten
    return entry.principal;
  }

  /** How often something was forgotten: who begins a verification notes it, and gives it to {@link keep}. */
  get timesForgotten(): number {
    return this.#timesForgotten;
  }

  /**
   * @param until - seconds since 1970-01-01T00:00:00Z
   * @param since - where something was forgotten since then, nothing is kept: it may rest on what was forgotten
   */
  keep(credential: string, principal: Principal, until: number, since: number): void {
    if (since !== this.#timesForgotten) return;
    this.#entries.set(digestOf(credential), { principal, until });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#capacity && oldest !== undefined) this.#entries.delete(oldest);
  }

  /** Forgets all whose principal is of a kind; what is asked for again is verified again. */
  forget(isForgotten: (principal: Principal) => boolean): void {
    this.#timesForgotten += 1;
    for (const [digest, { principal }] of this.#entries) {
      if (isForgotten(principal)) this.#entries.delete(digest);
    }
  }
}

/** In one call, which takes half as long as an object that is fed and asked. */
function digestOf(credential: string): string {
  return hash('sha256', credential, 'base64');
}
