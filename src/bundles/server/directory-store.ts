import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describeThrown, inTurns, shapeCheck, systemErrorCode } from '../../domain/index.js';
import { writeFileDurably, writeFileOnce } from '../durable-file.js';
import { BundleError } from '../error.js';
import type { ChannelState, Decide, PublishedRevision, RevisionStore } from './store.js';

const text = { type: 'string' } as const;
const digest = { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' } as const;
const REVISION = { bundle: text, revision: text, digest, published_at: text, published_by: text } as const;
const ROOTS = { type: 'array', items: text } as const;
const OPTIONAL = { serial: { type: 'integer', minimum: 0 }, expires: text, rollback_to: text } as const;
const isPublishedRevision = shapeCheck<PublishedRevision>({
  type: 'object',
  required: [...Object.keys(REVISION), 'roots'],
  properties: { ...REVISION, ...OPTIONAL, roots: ROOTS },
});
const isChannelState = shapeCheck<ChannelState>({
  type: 'object',
  required: [...Object.keys(REVISION), 'roots', 'channel', 'since', 'by'],
  properties: {
    ...REVISION,
    ...OPTIONAL,
    roots: ROOTS,
    channel: text,
    since: text,
    by: text,
    promoted_from: text,
  },
});

/** 2^53 - 1 has so many digits; with all of them, and "-" where there is no serial, names sort as serials do. */
const SERIAL_DIGITS = 16;
const POINTER = /^[-\d]{16}\.json$/;

/**
 * Keeps revisions in a folder, made when the first is published:
 *
 * | file | holds |
 * | --- | --- |
 * | `blobs/sha256-<digest>.tar.gz` | an archive |
 * | `bundles/<bundle>/revisions/sha256-<digest>.json` | a published revision |
 * | `bundles/<bundle>/channels/<channel>/<serial>.json` | what is current there: the highest serial is |
 *
 * Every file is written whole or not at all, and the channel's comes last. It is a new file each time, which nobody
 * can make twice: so of several processes that publish at once, whatever their order, none puts an older bundle in the
 * place of a newer one, and no lock can be left behind by one that was killed.
 */
export function openDirectoryStore(directory: string): RevisionStore {
  const blob = (of: string) => join(directory, 'blobs', `${fileNameOf(of)}.tar.gz`);
  const bundles = join(directory, 'bundles');
  const revisionFolder = (bundle: string) => join(bundles, bundle, 'revisions');
  const channelsFolder = (bundle: string) => join(bundles, bundle, 'channels');
  const channelFolder = (bundle: string, channel: string) => join(channelsFolder(bundle), channel);
  const recordOf = (bundle: string, of: string) => join(revisionFolder(bundle), `${fileNameOf(of)}.json`);

  const current = (bundle: string, channel: string) => readPointer(channelFolder(bundle, channel));
  const find = (bundle: string, of: string) => readRecord(recordOf(bundle, of), isPublishedRevision);

  async function channels(bundle: string): Promise<ChannelState[]> {
    const names = (await list(channelsFolder(bundle))).sort();
    const states = await Promise.all(names.map((channel) => current(bundle, channel)));
    return states.filter((state) => state !== undefined);
  }

  async function advance(decide: Decide, archive?: Buffer): Promise<ChannelState> {
    const everything = async () => (await Promise.all((await list(bundles)).map(channels))).flat();
    let state = decide(await everything());
    if (archive !== undefined) {
      await writeFileDurably(blob(state.digest), archive);
      await keepRecord(recordOf(state.bundle, state.digest), state);
    }
    for (;;) {
      await point(channelFolder(state.bundle, state.channel), state);
      const now = await current(state.bundle, state.channel);
      if (now?.digest === state.digest) return now;
      // Without serials, whoever comes last is current; another process just came after.
      if (now?.serial === undefined) return state;
      // Another process came between, with a serial that this one may not follow: to say so is for who decides.
      state = decide(await everything());
    }
  }

  const inTurn = inTurns();
  return {
    advance: (decide, archive) => inTurn(() => advance(decide, archive)),
    current,
    channels,
    find,
    async revisions(bundle) {
      const names = (await list(revisionFolder(bundle))).filter((name) => name.endsWith('.json'));
      const records = names.map((name) =>
        readRecord(join(revisionFolder(bundle), name), isPublishedRevision),
      );
      return (await Promise.all(records))
        .filter((record) => record !== undefined)
        .sort((a, b) => b.published_at.localeCompare(a.published_at));
    },
    archive: (of) => readFile(blob(of)).catch(undefinedWhenMissing),
  };
}

/** A revision is published once; when it comes again, into another channel, the first time stays. */
async function keepRecord(path: string, state: ChannelState): Promise<void> {
  if ((await readRecord(path, isPublishedRevision)) !== undefined) return;
  const { channel: _, since: _since, by: _by, promoted_from: _from, ...revision } = state;
  await writeFileDurably(path, JSON.stringify(revision));
}

/** Puts a pointer in its place, unless one with that serial is there, and takes away those that it comes after. */
async function point(folder: string, state: ChannelState): Promise<void> {
  const name = pointerName(state);
  const write = state.serial === undefined ? writeFileDurably : writeFileOnce;
  await write(join(folder, name), JSON.stringify(state));
  const older = (await pointers(folder)).filter((other) => other < name);
  await Promise.all(older.map((other) => rm(join(folder, other), { force: true })));
}

async function readPointer(folder: string): Promise<ChannelState | undefined> {
  for (;;) {
    const highest = (await pointers(folder)).at(-1);
    if (highest === undefined) return undefined;
    const state = await readRecord(join(folder, highest), isChannelState);
    // It is gone where a newer one has come since the folder was read.
    if (state !== undefined) return state;
  }
}

/** The lowest serial first. */
async function pointers(folder: string): Promise<string[]> {
  return (await list(folder)).filter((name) => POINTER.test(name)).sort();
}

function pointerName({ serial }: ChannelState): string {
  const digits =
    serial === undefined ? '-'.repeat(SERIAL_DIGITS) : String(serial).padStart(SERIAL_DIGITS, '0');
  return `${digits}.json`;
}

/** A digest without the colon, which Windows does not allow in a file's name. */
function fileNameOf(digest: string): string {
  return digest.replace(':', '-');
}

async function list(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(undefinedWhenMissing)) ?? [];
}

async function readRecord<T>(
  path: string,
  isExpected: (value: unknown) => value is T,
): Promise<T | undefined> {
  const written = await readFile(path, 'utf8').catch(undefinedWhenMissing);
  if (written === undefined) return undefined;
  let record: unknown;
  try {
    record = JSON.parse(written);
  } catch (thrown) {
    throw damaged(path, describeThrown(thrown));
  }
  if (!isExpected(record)) throw damaged(path, 'it lacks a member or has one of a wrong kind');
  return record;
}

/** A file where a folder is looked for is none of ours. */
function undefinedWhenMissing(thrown: unknown): undefined {
  const code = systemErrorCode(thrown);
  if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
  throw thrown;
}

function damaged(path: string, why: string): BundleError {
  return new BundleError(
    'storage_invalid',
    `${path} cannot be read: ${why}`,
    'Restore it from a backup, or remove it and publish the bundle again.',
  );
}
