import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'libsql';
import { createReception } from '../../src/bundles/fleet/reception.js';
import { type FleetStore, openFleetDirectory } from '../../src/bundles/index.js';
import { freshPath, open } from '../store/stores.js';
import { digest, recordFor } from './fleet-records.js';
import { removeScratch, scratchPath } from './project.js';

afterAll(removeScratch);

interface Opened {
  readonly store: FleetStore;
  /** Another one, of what is on disk. */
  again(): Promise<FleetStore>;
  /** Makes what is kept of all instances something else. */
  damage(text: string): Promise<void>;
}

const KINDS: [string, () => Promise<Opened>][] = [
  [
    'a folder',
    async () => {
      const directory = await scratchPath();
      return {
        store: openFleetDirectory(directory),
        again: async () => openFleetDirectory(directory),
        async damage(text) {
          for (const name of await readdir(directory)) await writeFile(join(directory, name), text);
        },
      };
    },
  ],
  [
    'the SQL store',
    async () => {
      const path = freshPath();
      return {
        store: (await open(path)).reports,
        again: async () => (await open(path)).reports,
        damage: async (text) => {
          new Database(path).prepare('UPDATE gateway_reports SET report = ?').run([text]);
        },
      };
    },
  ],
];

describe.each(KINDS)('%s', (_, openKind) => {
  const full = recordFor({
    bundles: [
      {
        name: 'starter\u0000"\ud83d\ude00',
        revision: 'r2',
        digest: digest('2'),
        serial: 7,
        channel: 'canary',
        since: '2026-11-23T11:00:00.000Z',
        expires: '2026-12-01T00:00:00Z',
        fell_back_from: { revision: 'r3', digest: digest('3') },
        code: 'expired',
        message: 'it expired',
      },
      { name: 'nothing in force' },
    ],
    problems: [{ of: 'discovery', code: 'c' }],
    shadows: [
      {
        bundle: 'starter',
        revision: 'next',
        digest: digest('4'),
        last: { compared: 1, different: 2, failed: 3, skipped: 4 },
        earlier: { compared: 0, different: 0, failed: 0, skipped: 0 },
      },
    ],
  });

  test('what is kept is found again, all of it', async () => {
    const { store, again } = await openKind();
    expect([await store.find('g1'), await store.list(), await store.count()]).toEqual([undefined, [], 0]);
    await expect(store.update('g1', () => full)).resolves.toEqual(full);
    for (const any of [store, await again()]) {
      expect([await any.find('g1'), await any.list(), await any.count()]).toEqual([full, [full], 1]);
    }
  });

  test('ids that differ are different instances, whatever stands in them', async () => {
    const { store } = await openKind();
    const ids = ['g1', 'G1', '../../etc/passwd', 'g1/', '%00', 'con'];
    for (const instance of ids) await store.update(instance, () => recordFor({ instance }));
    expect((await store.list()).map(({ instance }) => instance).sort()).toEqual([...ids].sort());
    expect(await store.find('../../etc/passwd')).toEqual(recordFor({ instance: '../../etc/passwd' }));
  });

  test('changes at once come one after the other, each told of the one before', async () => {
    const { store } = await openKind();
    const count = () =>
      store.update('g1', (known) => recordFor({ interval_seconds: (known?.interval_seconds ?? 0) + 1 }));
    await Promise.all([recordFor(), ...Array.from({ length: 20 }, count)]);
    expect((await store.find('g1'))?.interval_seconds).toBe(20);
  });

  test('a change that throws changes nothing, and holds up no other', async () => {
    const { store } = await openKind();
    await store.update('g1', () => full);
    const refusal = new Error('refused');
    const refused = store.update('g1', () => {
      throw refusal;
    });
    await expect(refused).rejects.toBe(refusal);
    expect(await store.find('g1')).toEqual(full);
    await expect(store.update('g1', () => recordFor())).resolves.toEqual(recordFor());
  });

  test('only those are forgotten that were not heard since', async () => {
    const { store } = await openKind();
    const at = '2026-11-20T00:00:00.000Z';
    await store.update('old', () => recordFor({ instance: 'old', heard_at: '2026-11-19T23:59:59.999Z' }));
    await store.update('new', () => recordFor({ instance: 'new', heard_at: at }));
    await store.forget(at);
    expect((await store.list()).map(({ instance }) => instance)).toEqual(['new']);
  });

  test('of several servers that forget the same at once, none fails', async () => {
    const { store, again } = await openKind();
    for (let index = 0; index < 20; index += 1) {
      const instance = `old-${index}`;
      await store.update(instance, () => recordFor({ instance, heard_at: '2026-11-19T00:00:00.000Z' }));
    }
    const stores = [store, await again(), await again()];
    await Promise.all(stores.map((each) => each.forget('2026-11-20T00:00:00.000Z')));
    expect(await store.count()).toBe(0);
  });

  test.each(['[', '{}', '{"instance":"g1","surplus":1}'])(
    'what is damaged (%s) is told, not passed on',
    async (text) => {
      const { store, damage } = await openKind();
      await store.update('g1', () => full);
      await damage(text);
      const told = expect.objectContaining({ code: expect.stringMatching(/^storage_invalid$|^corrupt$/) });
      await expect(store.find('g1')).rejects.toEqual(told);
      await expect(store.list()).rejects.toEqual(told);
    },
  );

  describe('stays bounded', () => {
    const report = (instance: string) => ({ instance, labels: {}, bundles: [], problems: [] });
    const at = (hours: number) => new Date(Date.parse('2026-11-01T00:00:00Z') + hours * 3_600_000);

    test('who is silent for an hour makes room, who reports keeps its place', async () => {
      const { store } = await openKind();
      const { take } = createReception(store, 2);
      await take(report('a'), 'p', at(0));
      await take(report('b'), 'p', at(0.5));
      await expect(take(report('c'), 'p', at(0.9))).rejects.toMatchObject({
        code: 'fleet_full',
        httpStatus: 429,
      });
      await expect(take(report('b'), 'p', at(0.9))).resolves.toMatchObject({ isNew: false });
      await expect(take(report('c'), 'p', at(1.1))).resolves.toMatchObject({ isNew: true });
      expect((await store.list()).map(({ instance }) => instance).sort()).toEqual(['b', 'c']);
    });

    test('of two that come at once for the last place, one gets it', async () => {
      const { store } = await openKind();
      const { take } = createReception(store, 1);
      const taken = await Promise.allSettled([take(report('a'), 'p', at(0)), take(report('b'), 'p', at(0))]);
      expect(taken.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(await store.count()).toBe(1);
    });

    test('who is silent for a week is forgotten, and with it whose the id is', async () => {
      const { store } = await openKind();
      const { take } = createReception(store);
      await take(report('a'), 'p', at(0));
      await expect(take(report('a'), 'q', at(7 * 24))).rejects.toMatchObject({
        code: 'instance_taken',
        httpStatus: 403,
      });
      expect(await store.find('a')).toMatchObject({ principal: 'p', heard_at: at(0).toISOString() });
      await take(report('b'), 'p', at(7 * 24 + 1));
      expect((await store.list()).map(({ instance }) => instance)).toEqual(['b']);
      await expect(take(report('a'), 'q', at(7 * 24 + 1))).resolves.toMatchObject({ isNew: true });
    });
  });
});
