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
  bundle_archives: BundleArchiveRow;
  bundle_revisions: BundleRevisionRow;
  bundle_channels: BundleChannelRow;
  gateway_reports: GatewayReportRow;
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

export interface BundleArchiveRow {
  readonly digest: string;
  readonly archive: Uint8Array;
}

export interface BundleRevisionRow {
  readonly bundle: string;
  readonly digest: string;
  /** RFC 3339, UTC. */
  readonly published_at: string;
  /** JSON: a PublishedRevision. */
  readonly revision: string;
}

export interface BundleChannelRow {
  readonly bundle: string;
  readonly channel: string;
  /** Of what is current in it. */
  readonly digest: string;
  /** JSON: what is current in it, since when and by whom. */
  readonly state: string;
}

export interface GatewayReportRow {
  readonly instance: string;
  /** RFC 3339, UTC. */
  readonly reported_at: string;
  /** JSON: the last report of that gateway. */
  readonly report: string;
}
