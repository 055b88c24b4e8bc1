import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { jest } from '@jest/globals';
import { openDirectoryStore, type RevisionStore } from '../../src/bundles/index.js';
import { digestOf } from '../../src/bundles/verification.js';
import { openStore } from '../../src/store/index.js';
import { until } from './http.js';
import { removeScratch, scratchPath } from './project.js';
import { stateOf } from './published.js';

// Several processes write to the disk, each write synced.
jest.setTimeout(120_000);

const closing: (() => Promise<void>)[] = [];
const processes: ChildProcess[] = [];

/** Both keep the same promises. */
const KINDS = {
  directory: async (path: string) => openDirectoryStore(path),
  sql: async (path: string) => {
    await mkdir(dirname(path), { recursive: true });
    const { revisions, close } = await openStore(path);
    closing.push(close);
    return revisions;
  },
} as const;

afterEach(async () => {
  for (const child of processes.splice(0)) child.kill('SIGKILL');
  await Promise.all(closing.splice(0).map((close) => close()));
});
afterAll(removeScratch);

const A = Buffer.from('archive A\0');
const B = Buffer.from('archive B\0');
const a = { revision: 'a', digest: digestOf(A) };
const b = {
  revision: 'b',
  digest: digestOf(B),
  serial: 2,
  expires: '2999-01-01T00:00:00Z',
  rollback_to: 'b',
};

describe.each(Object.entries(KINDS))('%s', (kind, openAt) => {
  let path: string;
  let store: RevisionStore;
  beforeEach(async () => {
    path = join(await scratchPath(), 'kept');
    store = await openAt(path);
  });

  const publish = (changes: Parameters<typeof stateOf>[0], archive?: Buffer) =>
    store.advance(() => stateOf(changes), archive);

  test('has nothing at first', async () => {
    expect(await store.current('tiny', 'stable')).toBeUndefined();
    expect(await store.find('tiny', a.digest)).toBeUndefined();
    expect(await store.archive(a.digest)).toBeUndefined();
    expect(await store.channels('tiny')).toEqual([]);
    expect(await store.revisions('tiny')).toEqual([]);
  });

  test('keeps what is published, byte for byte and word for word, also when it is opened anew', async () => {
    const state = stateOf({ ...b, revision: 'b\0\n"\u{1f600}', by: 'someone else' });
    expect(await store.advance(() => state, B)).toEqual(state);
    if (kind === 'sql') await closing.pop()?.();
    store = await openAt(path);
    expect(await store.current('tiny', 'stable')).toEqual(state);
    expect(await store.archive(b.digest)).toEqual(B);
    const { channel: _, since: _since, by: _by, ...revision } = state;
    expect(await store.find('tiny', b.digest)).toEqual(revision);
    expect(await store.revisions('tiny')).toEqual([revision]);
  });

  test('has channels that go their own ways, and others of other bundles', async () => {
    const canary = await publish({ ...b, channel: 'canary' }, B);
    const stable = await publish({ ...a }, A);
    const other = await publish({ ...a, bundle: 'other' }, A);
    expect(await store.channels('tiny')).toEqual([canary, stable]);
    expect(await store.current('other', 'stable')).toEqual(other);
    expect(await store.current('other', 'canary')).toBeUndefined();
    expect(await store.find('other', b.digest)).toBeUndefined();
  });

  test('promotes what is published: the same revision, once', async () => {
    await publish({ ...b, channel: 'canary' }, B);
    const promoted = await publish({ ...b, promoted_from: 'canary', by: 'releaser' });
    expect(await store.current('tiny', 'stable')).toEqual(promoted);
    expect(await store.revisions('tiny')).toHaveLength(1);
  });

  test('lists the newest first; what is published again stays as it was first', async () => {
    await publish({ ...a, published_at: '2026-01-01T00:00:00.000Z', published_by: 'first' }, A);
    await publish({ ...b, published_at: '2026-01-02T00:00:00.000Z' }, B);
    const again = { ...a, published_at: '2026-01-03T00:00:00.000Z', published_by: 'second' };
    await publish({ ...again, channel: 'canary' }, A);
    const listed = (await store.revisions('tiny')).map(({ revision, published_by }) => [
      revision,
      published_by,
    ]);
    expect(listed).toEqual([
      ['b', 'issuer|publisher'],
      ['a', 'first'],
    ]);
  });

  test('shows what is current everywhere to who decides, and keeps nothing of what is refused', async () => {
    const states = [
      await publish({ ...a }, A),
      await publish({ ...a, channel: 'canary' }, A),
      await publish({ ...a, bundle: 'other' }, A),
    ];
    let shown: readonly object[] = [];
    const refused = store.advance((current) => {
      shown = current;
      throw new RangeError('no');
    }, B);
    await expect(refused).rejects.toThrow(RangeError);
    expect(shown).toHaveLength(3);
    expect(shown).toEqual(expect.arrayContaining(states));
    expect(await store.current('tiny', 'stable')).toEqual(states[0]);
    expect(await store.archive(b.digest)).toBeUndefined();
    expect(await store.find('tiny', b.digest)).toBeUndefined();
  });

  test('decides one after the other, each by what the one before has left', async () => {
    const seen: (number | undefined)[] = [];
    const advances = [1, 2, 3, 4, 5].map((serial) =>
      store.advance((current) => {
        seen.push(current[0]?.serial);
        return stateOf({ serial, digest: digestOf(Buffer.of(serial)) });
      }, Buffer.of(serial)),
    );
    await Promise.all(advances);
    expect(seen).toEqual([undefined, 1, 2, 3, 4]);
    expect(await store.current('tiny', 'stable')).toMatchObject({ serial: 5 });
  });

  /** Starts a process that publishes serials; it tells of each that was taken. */
  async function publisher(from: number, to: number, step: number) {
    const script = new URL('publisher-process.mjs', import.meta.url).pathname;
    const child = fork(script, [kind, path, from, to, step].map(String));
    processes.push(child);
    const taken: number[] = [];
    expect(await once(child, 'message')).toEqual(['ready', undefined]);
    child.on('message', (serial: number) => taken.push(serial));
    return { child, taken, go: () => child.send('go') };
  }

  test('of two processes that publish at once, none puts an older bundle in the place of a newer one', async () => {
    const both = await Promise.all([publisher(1, 59, 2), publisher(2, 60, 2)]);
    const ended = Promise.all(both.map(({ child }) => once(child, 'exit')));
    for (const { go } of both) go();
    const seen: number[] = [];
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    while (!isOver) {
      const current = await store.current('tiny', 'stable');
      if (current?.serial !== undefined) seen.push(current.serial);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await ended).map(([code]) => code)).toEqual([0, 0]);
    expect(seen).toEqual(seen.toSorted((one, other) => one - other));
    expect(await store.current('tiny', 'stable')).toMatchObject({ serial: 60 });
  });

  test('killed at any moment, it comes back with a whole bundle, no older than the last that was acknowledged', async () => {
    for (const rounds of [1, 2, 5, 9]) {
      const before = (await store.current('tiny', 'stable'))?.serial ?? 0;
      const { child, taken, go } = await publisher(before + 1, Number.MAX_SAFE_INTEGER, 1);
      const exited = once(child, 'exit');
      go();
      await until(() => taken.length >= rounds);
      child.kill('SIGKILL');
      await exited;
      const current = await store.current('tiny', 'stable');
      expect(current?.serial).toBeGreaterThanOrEqual(taken.at(-1) ?? 0);
      const archive = await store.archive(current?.digest ?? '');
      expect(archive && digestOf(archive)).toBe(current?.digest);
      expect(await store.find('tiny', current?.digest ?? '')).toMatchObject({ serial: current?.serial });
    }
  });
});
