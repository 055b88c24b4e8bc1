import { chmodSync, existsSync, statSync, writeFileSync } from 'node:fs';
import Database from 'libsql';
import { openStore } from '../../src/store/index.js';
import { freshPath, open } from './stores.js';

const EVENT = { type: 'lifecycle', action: 'started' } as const;
const ENTRY = { time: '2026-01-01T00:00:00.000Z', event: EVENT };

/** Does to a store's file what the store itself never would. */
function tamper(path: string, ...statements: string[]): void {
  const database = new Database(path);
  for (const statement of statements) database.exec(statement);
  database.close();
}

const mode = (file: string) => (statSync(file).mode & 0o777).toString(8);

test('the file and its companions are for their owner only', async () => {
  const path = freshPath();
  await open(path);
  expect([path, `${path}-wal`, `${path}-shm`].map(mode)).toEqual(['600', '600', '600']);
});

test('a file that others could read is made private', async () => {
  const path = freshPath();
  writeFileSync(path, '');
  chmodSync(path, 0o644);
  await open(path);
  expect(mode(path)).toBe('600');
});

test('a store in memory leaves no file', async () => {
  const { audit } = await open(':memory:');
  expect(await audit.appendAll([ENTRY, ENTRY])).toBe(1);
  expect(await audit.appendAll([ENTRY])).toBe(3);
  expect(existsSync(':memory:')).toBe(false);
});

test.each([
  ['a folder that is not there', 'unopenable', (path: string) => `${path}/none/regate.db`],
  ['a folder', 'unopenable', (path: string) => path.slice(0, path.lastIndexOf('/'))],
  [
    'what is no database',
    'corrupt',
    (path: string) => {
      writeFileSync(path, 'no database, but long enough for a header. '.repeat(100));
      return path;
    },
  ],
  [
    "another program's database",
    'unopenable',
    (path: string) => {
      tamper(path, 'CREATE TABLE notes (text TEXT)', 'PRAGMA user_version = 1');
      return path;
    },
  ],
])('%s is %s', async (_what, code, prepare) => {
  await expect(openStore(prepare(freshPath()))).rejects.toMatchObject({ name: 'StoreError', code });
});

test('a store of a newer program is left alone', async () => {
  const path = freshPath();
  await (await open(path)).close();
  tamper(path, 'PRAGMA user_version = 99');
  await expect(openStore(path)).rejects.toMatchObject({ code: 'newer_schema' });
});

test('audit events are neither changed nor deleted', async () => {
  const path = freshPath();
  const { audit } = await open(path);
  await audit.appendAll([ENTRY]);
  expect(() => tamper(path, "UPDATE audit_events SET event = '{}'")).toThrow('never changed');
  expect(() => tamper(path, 'DELETE FROM audit_events')).toThrow('never deleted');
});

test.each([
  ['no JSON', '{'],
  ['no event', '{"type":"rumour"}'],
])('a row that holds %s is reported, not passed on', async (_what, event) => {
  const path = freshPath();
  const { audit } = await open(path);
  tamper(path, 'DROP INDEX audit_events_by_principal'); // which takes nothing but JSON itself
  tamper(path, `INSERT INTO audit_events VALUES (1, '2026-01-01T00:00:00.000Z', '${event}')`);
  await expect(audit.read(0, 10)).rejects.toMatchObject({ name: 'StoreError', code: 'corrupt' });
});

test('a write that fails keeps nothing, and the next one succeeds', async () => {
  const path = freshPath();
  const { audit } = await open(path);
  tamper(path, 'ALTER TABLE audit_events RENAME TO hidden');
  await expect(audit.appendAll([ENTRY])).rejects.toMatchObject({ name: 'StoreError', code: 'failed' });
  tamper(path, 'ALTER TABLE hidden RENAME TO audit_events');
  expect(await audit.appendAll([ENTRY])).toBe(1);
});

test('a lock that another holds too long is an error, and no write is lost or doubled', async () => {
  const path = freshPath();
  const { audit } = await open(path);
  const other = new Database(path);
  other.exec('BEGIN IMMEDIATE');
  await expect(audit.appendAll([ENTRY])).rejects.toMatchObject({ name: 'StoreError', code: 'busy' });
  expect(await audit.read(0, 10)).toEqual([]);
  other.exec('COMMIT');
  expect(await audit.appendAll([ENTRY])).toBe(1);
  other.close();
});
