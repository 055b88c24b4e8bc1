import type { AuditEvent, AuditRecord } from '../domain/index.js';

/** An event and when it happened, before it has a sequence number. */
export interface AuditEntry {
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly event: AuditEvent;
}

/** Where the audit is kept; `store` implements it. Several processes may append to one store at once. */
export interface AuditStore {
  /**
   * Keeps all entries, in order and next to each other, or none of them. Durable when it resolves.
   * Resolves to the sequence number of the first: one more than the last that was kept, 1 in an empty store.
   */
  appendAll(entries: readonly AuditEntry[]): Promise<number>;
  /** The records that follow a sequence number, at most `limit` of them, oldest first. */
  read(after: number, limit: number): Promise<readonly AuditRecord[]>;
  /** The newest records, at most `limit` of them, oldest first. */
  last(limit: number): Promise<readonly AuditRecord[]>;
}

/** What is looked up in the audit by who called; `store` implements it. */
export interface AuditHistory {
  /**
   * What a principal asked for last, and what came of it: decisions on its messages to servers, and refusals. Newest
   * first, at most `limit` of them, found among the newest events of that principal; without the inputs that policy
   * was shown.
   */
  lastOf(principalId: string, limit: number): Promise<readonly AuditRecord[]>;
}
