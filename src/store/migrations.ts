import { type Kysely, sql, type Transaction } from 'kysely';
import { newerSchema, unopenable } from './errors.js';
import type { Tables } from './schema.js';

/** In a SQLite file's header: this one is Regate's ("RGTE"). */
const APPLICATION_ID = 0x52475445;

/** Each migration's statements. The schema's version is how many were carried out; one that was shipped never changes. */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    `CREATE TABLE audit_events (
      sequence INTEGER PRIMARY KEY,
      time TEXT NOT NULL,
      event TEXT NOT NULL
    ) STRICT`,
    `CREATE TRIGGER audit_events_stay BEFORE DELETE ON audit_events
      BEGIN SELECT RAISE(ABORT, 'audit events are never deleted'); END`,
    `CREATE TRIGGER audit_events_stand BEFORE UPDATE ON audit_events
      BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END`,
    `CREATE TABLE approvals (
      number INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'denied', 'expired', 'spent')),
      call_digest TEXT NOT NULL,
      principal_id TEXT NOT NULL,
      requested_at TEXT NOT NULL,
      expires_at TEXT NOT NULL,
      spent_at TEXT CHECK ((spent_at IS NOT NULL) = (state = 'spent')),
      question TEXT NOT NULL,
      votes TEXT NOT NULL
    ) STRICT`,
    `CREATE UNIQUE INDEX approvals_one_pending ON approvals (call_digest) WHERE state = 'pending'`,
    `CREATE INDEX approvals_by_call ON approvals (call_digest, number)`,
    `CREATE INDEX approvals_by_state ON approvals (state, expires_at)`,
    `CREATE TABLE sessions (
      upstream TEXT NOT NULL,
      id TEXT NOT NULL,
      session TEXT NOT NULL,
      PRIMARY KEY (upstream, id)
    ) STRICT, WITHOUT ROWID`,
  ],
  [
    `CREATE TABLE bundle_archives (
      digest TEXT PRIMARY KEY,
      archive BLOB NOT NULL
    ) STRICT`,
    `CREATE TABLE bundle_revisions (
      bundle TEXT NOT NULL,
      digest TEXT NOT NULL REFERENCES bundle_archives (digest),
      published_at TEXT NOT NULL,
      revision TEXT NOT NULL,
      PRIMARY KEY (bundle, digest)
    ) STRICT, WITHOUT ROWID`,
    `CREATE TABLE bundle_channels (
      bundle TEXT NOT NULL,
      channel TEXT NOT NULL,
      digest TEXT NOT NULL REFERENCES bundle_archives (digest),
      state TEXT NOT NULL,
      PRIMARY KEY (bundle, channel)
    ) STRICT, WITHOUT ROWID`,
    `CREATE TABLE gateway_reports (
      instance TEXT PRIMARY KEY,
      reported_at TEXT NOT NULL,
      report TEXT NOT NULL
    ) STRICT, WITHOUT ROWID`,
  ],
  [
    `CREATE TABLE revocations (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      made_at TEXT NOT NULL,
      ends_at TEXT,
      lifted_at TEXT,
      revocation TEXT NOT NULL
    ) STRICT`,
    `CREATE TABLE limit_counts (
      digest TEXT PRIMARY KEY,
      spent REAL NOT NULL,
      counted_at INTEGER NOT NULL,
      forget_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID`,
    `CREATE INDEX limit_counts_by_end ON limit_counts (forget_at)`,
    `CREATE TABLE used_proofs (
      digest TEXT PRIMARY KEY,
      forget_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID`,
    `CREATE INDEX used_proofs_by_end ON used_proofs (forget_at)`,
    `CREATE TABLE shared_keys (
      name TEXT PRIMARY KEY,
      key BLOB NOT NULL
    ) STRICT, WITHOUT ROWID`,
  ],
  [
    // An approval of before has no grant and does not say who asked: it could not be used, and is asked for anew.
    'DROP TABLE approvals',
    `CREATE TABLE approvals (
      number INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      change INTEGER NOT NULL UNIQUE,
      state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'denied', 'expired', 'spent')),
      scope TEXT NOT NULL,
      principal_id TEXT NOT NULL,
      requested_at TEXT NOT NULL,
      expires_at TEXT NOT NULL,
      escalates_at TEXT,
      spent_at TEXT CHECK ((spent_at IS NOT NULL) = (state = 'spent')),
      uses INTEGER NOT NULL CHECK (uses >= 0),
      question TEXT NOT NULL,
      answer TEXT NOT NULL
    ) STRICT`,
    `CREATE UNIQUE INDEX approvals_one_pending ON approvals (scope) WHERE state = 'pending'`,
    `CREATE INDEX approvals_by_scope ON approvals (scope, number)`,
    `CREATE INDEX approvals_by_state ON approvals (state, expires_at)`,
    `CREATE INDEX approvals_by_principal ON approvals (principal_id, number)`,
    `CREATE INDEX approvals_by_escalation ON approvals (escalates_at)
      WHERE state = 'pending' AND escalates_at IS NOT NULL`,
    `CREATE TABLE approval_changes (
      only INTEGER PRIMARY KEY CHECK (only = 1),
      last INTEGER NOT NULL
    ) STRICT`,
    'INSERT INTO approval_changes (only, last) VALUES (1, 0)',
    `CREATE INDEX audit_events_by_principal ON audit_events (json_extract(event, '$.principal.id'))
      WHERE json_extract(event, '$.principal.id') IS NOT NULL`,
    `CREATE TABLE tools (
      upstream TEXT NOT NULL,
      name TEXT NOT NULL,
      digest TEXT NOT NULL,
      definition TEXT NOT NULL,
      PRIMARY KEY (upstream, name)
    ) STRICT, WITHOUT ROWID`,
  ],
  [
    // Noted by triggers: whatever changes an approval, and what people are to be told of it, are one transaction.
    `CREATE TABLE approval_happenings (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      approval_id TEXT NOT NULL,
      happening TEXT NOT NULL,
      at TEXT NOT NULL
    ) STRICT`,
    'CREATE INDEX approval_happenings_by_approval ON approval_happenings (approval_id)',
    `CREATE TRIGGER approval_happenings_bounded AFTER INSERT ON approval_happenings
      BEGIN DELETE FROM approval_happenings WHERE number <= NEW.number - 100000; END`,
    `CREATE TABLE approval_doors (
      door TEXT PRIMARY KEY,
      told INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID`,
    `CREATE TABLE approval_deliveries (
      number INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      door TEXT NOT NULL,
      approval_id TEXT NOT NULL,
      happening TEXT NOT NULL,
      happened_at TEXT NOT NULL,
      due_at INTEGER NOT NULL,
      tries INTEGER NOT NULL CHECK (tries >= 0)
    ) STRICT`,
    'CREATE INDEX approval_deliveries_by_due ON approval_deliveries (door, due_at)',
    'CREATE INDEX approval_deliveries_by_approval ON approval_deliveries (approval_id)',
    `CREATE TABLE slack_messages (
      channel TEXT NOT NULL,
      approval_id TEXT NOT NULL,
      ts TEXT NOT NULL,
      PRIMARY KEY (channel, approval_id)
    ) STRICT, WITHOUT ROWID`,
    `CREATE TRIGGER approvals_requested AFTER INSERT ON approvals
      BEGIN INSERT INTO approval_happenings (approval_id, happening, at)
        VALUES (NEW.id, 'requested', strftime('%Y-%m-%dT%H:%M:%fZ', 'now')); END`,
    `CREATE TRIGGER approvals_became AFTER UPDATE OF state ON approvals WHEN NEW.state <> OLD.state
      BEGIN INSERT INTO approval_happenings (approval_id, happening, at)
        VALUES (NEW.id, NEW.state, strftime('%Y-%m-%dT%H:%M:%fZ', 'now')); END`,
    `CREATE TRIGGER approvals_escalated AFTER UPDATE OF escalates_at ON approvals
      WHEN NEW.state = 'pending' AND OLD.escalates_at IS NOT NULL AND NEW.escalates_at IS NOT OLD.escalates_at
      BEGIN INSERT INTO approval_happenings (approval_id, happening, at)
        VALUES (NEW.id, 'escalated', strftime('%Y-%m-%dT%H:%M:%fZ', 'now')); END`,
    `CREATE TRIGGER approvals_withdrawn AFTER DELETE ON approvals
      BEGIN
        DELETE FROM approval_happenings WHERE approval_id = OLD.id;
        DELETE FROM approval_deliveries WHERE approval_id = OLD.id;
      END`,
  ],
  [
    `CREATE TABLE tasks (
      number INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      principal_id TEXT NOT NULL,
      upstream TEXT NOT NULL,
      version TEXT NOT NULL,
      state TEXT NOT NULL
        CHECK (state IN ('waiting', 'running', 'forwarded', 'completed', 'failed', 'cancelled', 'lost')),
      approval_id TEXT,
      call BLOB NOT NULL,
      outcome BLOB CHECK ((outcome IS NOT NULL) = (state IN ('forwarded', 'completed', 'failed'))),
      bytes INTEGER NOT NULL,
      runner TEXT,
      alive_until INTEGER,
      created_at INTEGER NOT NULL,
      updated_at INTEGER NOT NULL,
      expires_at INTEGER NOT NULL
    ) STRICT`,
    'CREATE INDEX tasks_by_principal ON tasks (principal_id, bytes)',
    'CREATE INDEX tasks_by_end ON tasks (expires_at)',
  ],
  [
    `CREATE TABLE page_sessions (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      digest TEXT NOT NULL UNIQUE,
      person TEXT NOT NULL,
      ends_at INTEGER NOT NULL,
      sealed TEXT NOT NULL
    ) STRICT`,
    'CREATE INDEX page_sessions_by_person ON page_sessions (person, number)',
    'CREATE INDEX page_sessions_by_end ON page_sessions (ends_at)',
  ],
  [
    `CREATE TABLE vault_tokens (
      digest TEXT PRIMARY KEY,
      principal TEXT NOT NULL,
      about TEXT NOT NULL,
      sealed BLOB NOT NULL,
      expires_at INTEGER NOT NULL,
      kept_at INTEGER NOT NULL
    ) STRICT`,
    'CREATE INDEX vault_tokens_by_principal ON vault_tokens (principal, kept_at)',
    'CREATE INDEX vault_tokens_by_end ON vault_tokens (expires_at)',
  ],
  [
    // What lists and live updates read is apart from what one approval holds, which may be large.
    'DROP TRIGGER approvals_requested',
    'DROP TRIGGER approvals_became',
    'DROP TRIGGER approvals_escalated',
    'DROP TRIGGER approvals_withdrawn',
    `CREATE TABLE approval_questions (
      number INTEGER PRIMARY KEY,
      question TEXT NOT NULL
    ) STRICT`,
    'INSERT INTO approval_questions (number, question) SELECT number, question FROM approvals',
    `CREATE TABLE approvals_next (
      number INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      change INTEGER NOT NULL UNIQUE,
      state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'denied', 'expired', 'spent')),
      scope TEXT NOT NULL,
      principal_id TEXT NOT NULL,
      requested_at TEXT NOT NULL,
      expires_at TEXT NOT NULL,
      escalates_at TEXT,
      spent_at TEXT CHECK ((spent_at IS NOT NULL) = (state = 'spent')),
      uses INTEGER NOT NULL CHECK (uses >= 0),
      summary TEXT NOT NULL,
      upstream TEXT NOT NULL,
      tool TEXT,
      answer TEXT NOT NULL
    ) STRICT`,
    `INSERT INTO approvals_next
      SELECT number, id, change, state, scope, principal_id, requested_at, expires_at, escalates_at, spent_at, uses,
        json_object(
          'call', json_patch(
            json_object(
              'principalId', question ->> '$.call.principalId',
              'upstream', question ->> '$.call.upstream',
              'method', question ->> '$.call.method'
            ),
            json_object('tool', substr(question ->> '$.call.tool.name', 1, 200))
          ),
          'requester', json(question -> '$.requester'),
          'requirement', json(question -> '$.requirement'),
          'votes', json((SELECT json_group_array(json_remove(json(value), '$.note')) FROM json_each(answer, '$.votes')))
        ),
        question ->> '$.call.upstream', question ->> '$.call.tool.name', answer
      FROM approvals`,
    'DROP TABLE approvals',
    'ALTER TABLE approvals_next RENAME TO approvals',
    `CREATE UNIQUE INDEX approvals_one_pending ON approvals (scope) WHERE state = 'pending'`,
    `CREATE INDEX approvals_by_scope ON approvals (scope, number)`,
    `CREATE INDEX approvals_by_end ON approvals (state, expires_at)`,
    `CREATE INDEX approvals_by_state ON approvals (state, number)`,
    `CREATE INDEX approvals_by_principal ON approvals (principal_id, number)`,
    `CREATE INDEX approvals_by_upstream ON approvals (upstream, number)`,
    `CREATE INDEX approvals_by_tool ON approvals (tool, number) WHERE tool IS NOT NULL`,
    'CREATE INDEX approvals_by_state_and_principal ON approvals (state, principal_id)',
    'CREATE INDEX approvals_by_escalation ON approvals (state, escalates_at) WHERE escalates_at IS NOT NULL',
    // One that was given up stays, without a time at which it is due.
    `CREATE TABLE approval_deliveries_next (
      number INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      door TEXT NOT NULL,
      approval_id TEXT NOT NULL,
      happening TEXT NOT NULL,
      happened_at TEXT NOT NULL,
      due_at INTEGER,
      until INTEGER NOT NULL,
      tries INTEGER NOT NULL CHECK (tries >= 0),
      failure TEXT
    ) STRICT`,
    `INSERT INTO approval_deliveries_next
      SELECT number, id, door, approval_id, happening, happened_at, due_at,
        (CAST(strftime('%s', happened_at) AS INTEGER) + 86400) * 1000, tries, NULL
      FROM approval_deliveries`,
    'DROP TABLE approval_deliveries',
    'ALTER TABLE approval_deliveries_next RENAME TO approval_deliveries',
    'CREATE INDEX approval_deliveries_by_due ON approval_deliveries (door, due_at)',
    'CREATE INDEX approval_deliveries_by_approval ON approval_deliveries (approval_id)',
    'CREATE INDEX slack_messages_by_approval ON slack_messages (approval_id)',
    `CREATE TRIGGER approvals_requested AFTER INSERT ON approvals
      BEGIN INSERT INTO approval_happenings (approval_id, happening, at)
        VALUES (NEW.id, 'requested', strftime('%Y-%m-%dT%H:%M:%fZ', 'now')); END`,
    `CREATE TRIGGER approvals_became AFTER UPDATE OF state ON approvals WHEN NEW.state <> OLD.state
      BEGIN INSERT INTO approval_happenings (approval_id, happening, at)
        VALUES (NEW.id, NEW.state, strftime('%Y-%m-%dT%H:%M:%fZ', 'now')); END`,
    `CREATE TRIGGER approvals_escalated AFTER UPDATE OF escalates_at ON approvals
      WHEN NEW.state = 'pending' AND OLD.escalates_at IS NOT NULL AND NEW.escalates_at IS NOT OLD.escalates_at
      BEGIN INSERT INTO approval_happenings (approval_id, happening, at)
        VALUES (NEW.id, 'escalated', strftime('%Y-%m-%dT%H:%M:%fZ', 'now')); END`,
    `CREATE TRIGGER approvals_gone AFTER DELETE ON approvals
      BEGIN
        DELETE FROM approval_questions WHERE number = OLD.number;
        DELETE FROM approval_happenings WHERE approval_id = OLD.id;
        DELETE FROM approval_deliveries WHERE approval_id = OLD.id;
        DELETE FROM slack_messages WHERE approval_id = OLD.id;
      END`,
    // Votes of before do not say by which credential, so nobody could tell whether it was revoked: they are asked for anew.
    `UPDATE approvals SET expires_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
      WHERE state IN ('pending', 'approved') AND json_array_length(answer, '$.votes') > 0`,
  ],
  [
    `CREATE TABLE tool_versions (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      upstream TEXT NOT NULL,
      name TEXT NOT NULL,
      digest TEXT NOT NULL,
      fingerprint TEXT NOT NULL,
      definition TEXT NOT NULL,
      UNIQUE (upstream, name, digest)
    ) STRICT`,
    `CREATE TABLE tools_shown (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      upstream TEXT NOT NULL,
      viewer TEXT NOT NULL,
      name TEXT NOT NULL,
      digest TEXT NOT NULL,
      UNIQUE (upstream, viewer, name)
    ) STRICT`,
    `CREATE TABLE servers (
      upstream TEXT PRIMARY KEY,
      digest TEXT NOT NULL,
      definition TEXT NOT NULL
    ) STRICT, WITHOUT ROWID`,
  ],
];

/**
 * Brings a store's tables up to date, forward only. One transaction, which waits for the write lock: of several
 * processes that start at once one does it and the others find it done.
 *
 * @throws {StoreError} `newer_schema`, or `unopenable` for another program's database
 */
export async function migrate(db: Kysely<Tables>, path: string): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const version = await pragma(tx, 'user_version');
    if ((await pragma(tx, 'application_id')) !== APPLICATION_ID) await claim(tx, path);
    if (version > MIGRATIONS.length) throw newerSchema(version, MIGRATIONS.length);
    if (version === MIGRATIONS.length) return;
    for (const statement of MIGRATIONS.slice(version).flat()) await sql.raw(statement).execute(tx);
    await sql.raw(`PRAGMA user_version = ${MIGRATIONS.length}`).execute(tx);
  });
}

async function claim(tx: Transaction<Tables>, path: string): Promise<void> {
  const { rows } = await sql`SELECT name FROM sqlite_schema LIMIT 1`.execute(tx);
  if (rows.length > 0) throw unopenable(path, 'it is a database of another program');
  await sql.raw(`PRAGMA application_id = ${APPLICATION_ID}`).execute(tx);
}

async function pragma(tx: Transaction<Tables>, name: 'user_version' | 'application_id'): Promise<number> {
  const { rows } = await sql<Record<string, number>>`PRAGMA ${sql.raw(name)}`.execute(tx);
  return rows[0]?.[name] ?? 0;
}
