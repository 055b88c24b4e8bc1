import { chmodSync, closeSync, existsSync, openSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Kysely, sql } from 'kysely';
import Database from 'libsql';
import type { ApprovalStore, DeliveryStore, SlackMessageStore } from '../approvals/index.js';
import type { AuditHistory, AuditStore } from '../audit/index.js';
import type { FleetStore, RevisionStore } from '../bundles/index.js';
import { describeThrown } from '../domain/index.js';
import type { PageSessionStore, SessionStore, TaskStore, ToolStore } from '../gateway/index.js';
import type { ProofStore, RevocationStore } from '../identity/index.js';
import type { LimitStore } from '../limits/index.js';
import type { VaultStore } from '../masking/index.js';
import { approvalStore } from './approvals.js';
import { auditStore } from './audit.js';
import { revisionStore } from './bundles.js';
import { deliveryStore, slackMessageStore } from './deliveries.js';
import { LibsqlDialect } from './dialect.js';
import { StoreError, unopenable } from './errors.js';
import { limitStore } from './limits.js';
import { migrate } from './migrations.js';
import { pageSessionStore } from './page-sessions.js';
import { proofStore } from './proofs.js';
import { reportStore } from './reports.js';
import { revocationStore } from './revocations.js';
import type { Tables } from './schema.js';
import { sessionStore } from './sessions.js';
import { taskStore } from './tasks.js';
import { toolStore } from './tools.js';
import { vaultStore } from './vault.js';

/** How long a statement waits for another process's lock. The event loop waits with it, so it is short. */
const BUSY_MS = 2_000;
const OWNER_ONLY = 0o600;

/**
 * One SQLite file, or `:memory:`. Several processes may have the same file open, each once: two connections of one
 * process could wait for each other's transactions in vain.
 */
export interface Store {
  readonly audit: AuditStore & AuditHistory;
  readonly approvals: ApprovalStore;
  /** What is still to be told of approvals. */
  readonly deliveries: DeliveryStore;
  readonly slackMessages: SlackMessageStore;
  readonly sessions: SessionStore;
  /** Who is signed in to the approvers' page. */
  readonly pageSessions: PageSessionStore;
  /** DPoP proofs that were used. */
  readonly proofs: ProofStore;
  /** What calls counted under their limits. */
  readonly limits: LimitStore;
  readonly revocations: RevocationStore;
  /** Calls that gateways answer later. */
  readonly tasks: TaskStore;
  /** What upstreams list. */
  readonly tools: ToolStore;
  /** What tokens stand for. */
  readonly vault: VaultStore;
  /** What gateways report to a bundle server. */
  readonly reports: FleetStore;
  /** Published bundles. */
  readonly revisions: RevisionStore;
  close(): Promise<void>;
}

/**
 * Opens a store, makes it where there is none, and brings its tables up to date. What a method of it resolves to is
 * on disk.
 *
 * @param path the file, in a folder that exists; it is made readable and writable for its owner only
 * @throws {StoreError} `unopenable`, `corrupt`, `newer_schema` or `busy`
 */
export async function openStore(path: string): Promise<Store> {
  const database = openDatabase(path);
  const db = new Kysely<Tables>({ dialect: new LibsqlDialect(database) });
  try {
    await configure(db, path);
    await migrate(db, path);
  } catch (thrown) {
    database.close();
    if (thrown instanceof StoreError && thrown.code !== 'failed') throw thrown;
    throw unopenable(path, describeThrown(thrown), thrown);
  }
  return {
    audit: auditStore(db),
    approvals: approvalStore(db),
    deliveries: deliveryStore(db),
    slackMessages: slackMessageStore(db),
    sessions: sessionStore(db),
    pageSessions: pageSessionStore(db),
    proofs: proofStore(db),
    limits: limitStore(db),
    revocations: revocationStore(db),
    tasks: taskStore(db),
    tools: toolStore(db),
    vault: vaultStore(db),
    reports: reportStore(db),
    revisions: revisionStore(db),
    close: () => db.destroy(),
  };
}

function openDatabase(path: string): Database.Database {
  try {
    if (path !== ':memory:') keepToOwner(path);
    return new Database(path);
  } catch (thrown) {
    throw unopenable(path, describeThrown(thrown), thrown);
  }
}

/** The file and what SQLite keeps beside it: SQLite gives new ones the file's own mode. */
function keepToOwner(path: string): void {
  // An existing file must not be opened here: closing it again would drop the locks this process has on it.
  if (!existsSync(path)) closeSync(openSync(path, 'a', OWNER_ONLY));
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? OWNER_ONLY;
    if ((mode & 0o777) !== OWNER_ONLY) chmodSync(file, OWNER_ONLY);
  }
}

async function configure(db: Kysely<Tables>, path: string): Promise<void> {
  await sql.raw(`PRAGMA busy_timeout = ${BUSY_MS}`).execute(db);
  const mode = await writeAhead(db, Date.now() + BUSY_MS);
  if (mode !== 'wal' && mode !== 'memory') throw unopenable(path, `its journal stays in mode ${mode}`);
  await sql`PRAGMA synchronous = FULL`.execute(db);
  await sql`PRAGMA foreign_keys = ON`.execute(db);
}

/** For the change of mode SQLite does not wait, so of several processes that make one new file some are told busy. */
async function writeAhead(db: Kysely<Tables>, deadline: number): Promise<string | undefined> {
  for (;;) {
    try {
      const { rows } = await sql<{ journal_mode: string }>`PRAGMA journal_mode = WAL`.execute(db);
      return rows[0]?.journal_mode;
    } catch (thrown) {
      const isBusy = thrown instanceof StoreError && thrown.code === 'busy';
      if (!isBusy || Date.now() > deadline) throw thrown;
      await delay(10);
    }
  }
}
