import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
  type SqliteStatement,
} from 'kysely';
import type Database from 'libsql';
import { databaseFailed } from './errors.js';

/** How many prepared statements are kept for their next use. */
const STATEMENTS_KEPT = 100;

/** Kysely's SQLite dialect over libsql, which has the interface of better-sqlite3. */
export class LibsqlDialect extends SqliteDialect {
  readonly #database: Database.Database;

  constructor(database: Database.Database) {
    super({ database });
    this.#database = database;
  }

  override createDriver(): Driver {
    return new LibsqlDriver(this.#database);
  }
}

class LibsqlDriver extends SqliteDriver {
  readonly #database: Database.Database;

  constructor(database: Database.Database) {
    super({ database: reusing(database) });
    this.#database = database;
  }

  /** Takes the write lock at once: a transaction that reads first cannot wait for it when another writes meanwhile. */
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  /** SQLite itself rolls back after some errors; to do it again would fail and hide the first error. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#database.inTransaction) await super.rollbackTransaction(connection);
  }
}

/**
 * The database with its statements kept for reuse, and its errors as StoreErrors. Kysely prepares a statement for
 * each query, and libsql frees one only when it is garbage collected, which under load is too late.
 */
function reusing(database: Database.Database): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    prepare(sql) {
      const known = statements.get(sql);
      if (known !== undefined) return known;
      const prepared = withStoreErrors(() => guarded(database.prepare<unknown[]>(sql)));
      const oldest = statements.keys().next();
      if (statements.size >= STATEMENTS_KEPT && !oldest.done) statements.delete(oldest.value);
      statements.set(sql, prepared);
      return prepared;
    },
    close() {
      statements.clear();
      database.close();
    },
  };
}

function guarded(statement: Database.Statement<unknown[]>): SqliteStatement {
  return {
    reader: statement.reader,
    all: (parameters) => withStoreErrors(() => statement.all(parameters)),
    run: (parameters) => withStoreErrors(() => statement.run(parameters)),
    iterate: (parameters) => withStoreErrors(() => statement.iterate(parameters)),
  };
}

function withStoreErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw databaseFailed(thrown);
  }
}
