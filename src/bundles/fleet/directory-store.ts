import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describeThrown, inTurns, shapeCheck, systemErrorCode } from '../../domain/index.js';
import { writeFileDurably } from '../durable-file.js';
import { BundleError } from '../error.js';
import type { InstanceRecord } from './record.js';
import type { FleetStore } from './store.js';

const SCHEMA = new URL('../../../schemas/instance-record.schema.json', import.meta.url);
const FILE_NAME = /^[0-9a-f]{64}\.json$/;
/** So many files are open at once. */
const READ_AT_ONCE = 64;

const isInstanceRecord = shapeCheck<InstanceRecord>(JSON.parse(readFileSync(SCHEMA, 'utf8')));

/**
 * Keeps the fleet in a folder, a file for each instance, whose name tells nothing of what the instance calls itself.
 * A file is written whole or not at all. Changes are made one after the other, by one process.
 *
 * Its methods throw BundleError `storage_invalid` for a file that is not what was written.
 */
export function openFleetDirectory(directory: string): FleetStore {
  const path = (instance: string) =>
    join(directory, `${createHash('sha256').update(instance).digest('hex')}.json`);
  const inTurn = inTurns();

  async function files(): Promise<string[]> {
    const names = (await readdir(directory).catch(undefinedWhenMissing)) ?? [];
    return names.filter((name) => FILE_NAME.test(name)).map((name) => join(directory, name));
  }

  async function records(): Promise<{ file: string; record: InstanceRecord }[]> {
    const all = await files();
    const found: { file: string; record: InstanceRecord }[] = [];
    for (let first = 0; first < all.length; first += READ_AT_ONCE) {
      const some = all.slice(first, first + READ_AT_ONCE);
      const read = await Promise.all(some.map(async (file) => ({ file, record: await readRecord(file) })));
      // One that is gone was forgotten meanwhile.
      for (const { file, record } of read) if (record !== undefined) found.push({ file, record });
    }
    return found;
  }

  return {
    find: (instance) => readRecord(path(instance)),
    update: (instance, change) =>
      inTurn(async () => {
        const record = change(await readRecord(path(instance)));
        await writeFileDurably(path(instance), JSON.stringify(record));
        return record;
      }),
    list: async () => (await records()).map(({ record }) => record),
    count: async () => (await files()).length,
    forget: (unheardSince) =>
      inTurn(async () => {
        for (const { file, record } of await records()) {
          // Another server that shares the folder may forget it too.
          if (record.heard_at < unheardSince) await rm(file, { force: true });
        }
      }),
  };
}

async function readRecord(path: string): Promise<InstanceRecord | undefined> {
  const text = await readFile(path, 'utf8').catch(undefinedWhenMissing);
  if (text === undefined) return undefined;
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch (thrown) {
    throw damaged(path, describeThrown(thrown), thrown);
  }
  if (!isInstanceRecord(record)) throw damaged(path, 'it is not what Regate wrote');
  return record;
}

function undefinedWhenMissing(thrown: unknown): undefined {
  if (systemErrorCode(thrown) === 'ENOENT') return undefined;
  throw thrown;
}

function damaged(path: string, why: string, cause?: unknown): BundleError {
  return new BundleError(
    'storage_invalid',
    `${path} cannot be read: ${why}`,
    'Remove it: the next report of that instance writes it anew.',
    cause,
  );
}
