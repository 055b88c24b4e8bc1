import { createHash } from 'node:crypto';
import type { Principal } from '../domain/index.js';

interface Entry {
  readonly principal: Principal;
  /** Seconds since 1970-01-01T00:00:00Z. */
  readonly expiresAt: number;
}

/** Principals of tokens that were verified before, by the token's SHA-256 digest; the token itself is not kept. */
export class RememberedTokens {
  readonly #entries = new Map<string, Entry>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** @param now - milliseconds since 1970-01-01T00:00:00Z */
  find(token: string, now: number): Principal | undefined {
    const digest = digestOf(token);
    const entry = this.#entries.get(digest);
    if (entry === undefined) return undefined;
    this.#entries.delete(digest);
    if (entry.expiresAt <= now / 1000) return undefined;
    this.#entries.set(digest, entry); // a Map keeps the order of insertion: the last used is the last forgotten
    return entry.principal;
  }

  /** @param expiresAt - seconds since 1970-01-01T00:00:00Z */
  keep(token: string, principal: Principal, expiresAt: number): void {
    this.#entries.set(digestOf(token), { principal, expiresAt });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#capacity && oldest !== undefined) this.#entries.delete(oldest);
  }
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
