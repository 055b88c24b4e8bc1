import type { Generated } from 'kysely';

/**
 * The tables, as Kysely sees them; `migrations.ts` makes them.
 *
 * A column of its own is what is looked up by; what is read back comes from a JSON column wherever it began as
 * somebody else's text, since libsql cuts a text that it reads at its first NUL character, and JSON escapes that.
 */
export interface Tables {
  audit_events: AuditEventRow;
  approvals: ApprovalRow;
  sessions: SessionRow;
}

export interface AuditEventRow {
  readonly sequence: number;
  readonly time: string;
  /** JSON: an AuditEvent. */
  readonly event: string;
}

export interface ApprovalRow {
  /** In the order in which they were created. */
  readonly number: Generated<number>;
  readonly id: string;
  readonly state: string;
  readonly call_digest: string;
  readonly principal_id: string;
  readonly requested_at: string;
  readonly expires_at: string;
  readonly spent_at: string | null;
  /** JSON: an approval's call, requirement and what is shown of it, which never change. */
  readonly question: string;
  /** JSON: an array of votes. */
  readonly votes: string;
}

export interface SessionRow {
  readonly upstream: string;
  readonly id: string;
  /** JSON: a SessionRecord. */
  readonly session: string;
}
