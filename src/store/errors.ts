import { describeThrown, RegateError } from '../domain/index.js';

export type StoreErrorCode = 'unopenable' | 'corrupt' | 'newer_schema' | 'busy' | 'failed';

/** The store could not do what was asked of it; of a transaction nothing was kept. */
export class StoreError extends RegateError<StoreErrorCode> {}

/** What the database library threw, by SQLite's result code (https://www.sqlite.org/rescode.html). */
export function databaseFailed(thrown: unknown): StoreError {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  const reason = describeThrown(thrown);
  if (code.startsWith('SQLITE_BUSY'))
    return new StoreError(
      'busy',
      `another process held the store too long: ${reason}`,
      'Try again; if this stays, find the process that keeps the file locked.',
      thrown,
    );
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return corrupt(reason, thrown);
  return new StoreError(
    'failed',
    `the store failed: ${reason}`,
    "Look at the disk space and the health of the store's file.",
    thrown,
  );
}

export function corrupt(what: string, cause?: unknown): StoreError {
  return new StoreError(
    'corrupt',
    `the store is damaged: ${what}`,
    'Keep the file as it is for an investigation, and go on with a backup or a new file.',
    cause,
  );
}

export function unopenable(path: string, why: string, cause?: unknown): StoreError {
  return new StoreError(
    'unopenable',
    `the store ${path} cannot be opened: ${why}`,
    'Check that its folder exists, that this user owns the file and may write it, and that it is on a local disk.',
    cause,
  );
}

export function newerSchema(found: number, known: number): StoreError {
  return new StoreError(
    'newer_schema',
    `the store has schema ${found}, and this program knows schemas up to ${known}`,
    'Run the version of Regate that last wrote the store, or a newer one.',
  );
}
