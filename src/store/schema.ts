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
  approval_questions: ApprovalQuestionRow;
  approval_changes: ApprovalChangesRow;
  approval_happenings: ApprovalHappeningRow;
  approval_doors: ApprovalDoorRow;
  approval_deliveries: ApprovalDeliveryRow;
  slack_messages: SlackMessageRow;
  sessions: SessionRow;
  tasks: TaskRow;
  page_sessions: PageSessionRow;
  tools: ToolRow;
  tool_versions: ToolVersionRow;
  tools_shown: ToolShownRow;
  servers: ServerRow;
  bundle_archives: BundleArchiveRow;
  bundle_revisions: BundleRevisionRow;
  bundle_channels: BundleChannelRow;
  gateway_reports: GatewayReportRow;
  revocations: RevocationRow;
  limit_counts: LimitCountRow;
  used_proofs: UsedProofRow;
  shared_keys: SharedKeyRow;
  vault_tokens: VaultTokenRow;
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
  /** The number of the change that was made to it last. */
  readonly change: number;
  readonly state: string;
  /** What it is good for. */
  readonly scope: string;
  readonly principal_id: string;
  readonly requested_at: string;
  readonly expires_at: string;
  readonly escalates_at: string | null;
  readonly spent_at: string | null;
  readonly uses: number;
  /** JSON: what lists show of it, beside the columns before; it is bounded. */
  readonly summary: string;
  readonly upstream: string;
  /** The called tool's name. */
  readonly tool: string | null;
  /** JSON: an approval's votes, and what they came to. Last, since SQLite reads a row from its beginning. */
  readonly answer: string;
}

/** What may be large of an approval, and never changes. */
export interface ApprovalQuestionRow {
  /** The approval's. */
  readonly number: number;
  /** JSON: an approval's call, requester, revision, requirement and what is shown of it. */
  readonly question: string;
}

/** One row: the number of the change that was made last to any approval. */
export interface ApprovalChangesRow {
  readonly only: number;
  readonly last: number;
}

/** What happened to an approval; triggers write it, and keep the newest 100,000. */
export interface ApprovalHappeningRow {
  /** In the order in which they happened; a number is never given twice. */
  readonly number: Generated<number>;
  readonly approval_id: string;
  readonly happening: string;
  /** RFC 3339, UTC. */
  readonly at: string;
}

/** A way to people. */
export interface ApprovalDoorRow {
  readonly door: string;
  /** The number of the last happening of which deliveries were made for it. */
  readonly told: number;
}

/** A happening of which a door is still to be told, or could not be. */
export interface ApprovalDeliveryRow {
  readonly number: Generated<number>;
  readonly id: string;
  readonly door: string;
  readonly approval_id: string;
  readonly happening: string;
  /** RFC 3339, UTC. */
  readonly happened_at: string;
  /** Milliseconds since 1970-01-01T00:00:00Z; null once it is given up. */
  readonly due_at: number | null;
  /** Until when it is tried. Milliseconds since 1970-01-01T00:00:00Z. */
  readonly until: number;
  readonly tries: number;
  /** Why the last try failed: a code. */
  readonly failure: string | null;
}

export interface SlackMessageRow {
  readonly channel: string;
  readonly approval_id: string;
  /** Slack's name of the message. */
  readonly ts: string;
}

export interface SessionRow {
  readonly upstream: string;
  readonly id: string;
  /** JSON: a SessionRecord. */
  readonly session: string;
}

/** A call that the gateway itself answers later. Times are milliseconds since 1970-01-01T00:00:00Z. */
export interface TaskRow {
  readonly number: Generated<number>;
  readonly id: string;
  /** JSON: a string. */
  readonly principal_id: string;
  readonly upstream: string;
  readonly version: string;
  readonly state: string;
  readonly approval_id: string | null;
  /** Encrypted, as is `outcome`. */
  readonly call: Uint8Array;
  readonly outcome: Uint8Array | null;
  /** Of both. */
  readonly bytes: number;
  readonly runner: string | null;
  readonly alive_until: number | null;
  readonly created_at: number;
  readonly updated_at: number;
  readonly expires_at: number;
}

/** Somebody who is signed in to the approvers' page. */
export interface PageSessionRow {
  /** In the order in which they signed in. */
  readonly number: Generated<number>;
  readonly digest: string;
  readonly person: string;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly ends_at: number;
  /** Encrypted: who it is. */
  readonly sealed: string;
}

/** A tool as its upstream last listed it. */
export interface ToolRow {
  readonly upstream: string;
  /** JSON: a string. */
  readonly name: string;
  /** Of the definition. */
  readonly digest: string;
  /** JSON, as it was sent. */
  readonly definition: string;
}

/** A definition that a tool has or had. */
export interface ToolVersionRow extends ToolRow {
  /** In the order in which they became known. */
  readonly number: Generated<number>;
  /** Of the definition's parts. */
  readonly fingerprint: string;
}

/** A tool that a session was shown otherwise than it was pinned. */
export interface ToolShownRow {
  readonly number: Generated<number>;
  readonly upstream: string;
  /** Digest of whose session it is. */
  readonly viewer: string;
  /** JSON: a string. */
  readonly name: string;
  /** Of the definition. */
  readonly digest: string;
}

/** What an upstream last said of itself. */
export interface ServerRow {
  readonly upstream: string;
  readonly digest: string;
  /** JSON: the members of its answer to `initialize` or `server/discover` that say it. */
  readonly definition: string;
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

export interface RevocationRow {
  /** In the order in which they were made; a number is never given twice. */
  readonly number: Generated<number>;
  readonly id: string;
  /** RFC 3339, UTC. */
  readonly made_at: string;
  /** RFC 3339, UTC. */
  readonly ends_at: string | null;
  /** RFC 3339, UTC. */
  readonly lifted_at: string | null;
  /** JSON: a Revocation and who made it. */
  readonly revocation: string;
}

export interface LimitCountRow {
  /** SHA-256 of the limit and of who shares it. */
  readonly digest: string;
  /** Millionths: of a rate, what is missing in the bucket; of a quota, what its window has counted. */
  readonly spent: number;
  /** Milliseconds since 1970-01-01T00:00:00Z: of a rate, when `spent` was so; of a quota, a time in its window. */
  readonly counted_at: number;
  /** Milliseconds since 1970-01-01T00:00:00Z from which on the row says the same as none. */
  readonly forget_at: number;
}

export interface UsedProofRow {
  /** SHA-256 of the key's thumbprint and the proof's `jti`. */
  readonly digest: string;
  /** Milliseconds since 1970-01-01T00:00:00Z from which on the proof is too old anyway. */
  readonly forget_at: number;
}

/** A secret that all gateways of a store share. */
export interface SharedKeyRow {
  readonly name: string;
  readonly key: Uint8Array;
}

/** What a token of one principal stands for. */
export interface VaultTokenRow {
  /** SHA-256 of the token. */
  readonly digest: string;
  /** SHA-256 of the principal's id. */
  readonly principal: string;
  /** JSON: where the value came from. */
  readonly about: string;
  /** The value, encrypted. */
  readonly sealed: Uint8Array;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly expires_at: number;
  /** Milliseconds since 1970-01-01T00:00:00Z, when it was shown last. */
  readonly kept_at: number;
}
