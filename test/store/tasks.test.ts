import type { TaskCaps, TaskRecord } from '../../src/gateway/index.js';
import { openStore, type Store } from '../../src/store/index.js';

let store: Store;
beforeEach(async () => {
  store = await openStore(':memory:');
});
afterEach(() => store.close());

const CAPS: TaskCaps = { perPrincipal: 3, bytesPerPrincipal: 100, all: 5, bytes: 150 };
const task = (id: string, more: Partial<TaskRecord> = {}): TaskRecord => ({
  id,
  principalId: 'issuer|\0ada',
  upstream: 'tools',
  version: '2025-11-25',
  state: 'waiting',
  approvalId: 'apr_1',
  call: Buffer.alloc(10, 1),
  createdAt: 1_000,
  updatedAt: 1_000,
  expiresAt: 9_000,
  ...more,
});
const here = { runner: 'here', aliveUntil: 5_000 };
const sealed = Buffer.from('sealed');

test('a task is found as it was kept, until it is over', async () => {
  await store.tasks.create(task('a'), CAPS);
  const { call, ...found } = (await store.tasks.find('a', 8_999)) ?? {};
  expect(found).toEqual((({ call: _, ...rest }) => rest)(task('a')));
  expect(Buffer.from(call ?? [])).toEqual(task('a').call);
  expect(await store.tasks.find('a', 9_000)).toBeUndefined();
  expect(await store.tasks.find('b', 1_000)).toBeUndefined();
});

test('it begins once, wherever it is asked to, and only where it runs it is settled', async () => {
  await store.tasks.create(task('a'), CAPS);
  expect(await store.tasks.begin('a', here, 2_000)).toBe(true);
  expect(await store.tasks.begin('a', { ...here, runner: 'there' }, 2_000)).toBe(false);
  expect(await store.tasks.keepAlive('a', { ...here, runner: 'there' })).toBe(false);
  expect(await store.tasks.settle('a', 'there', { state: 'failed', sealed }, 3_000)).toBe(false);
  expect(await store.tasks.keepAlive('a', { ...here, aliveUntil: 6_000 })).toBe(true);
  expect(await store.tasks.settle('a', 'here', { state: 'completed', sealed }, 3_000)).toBe(true);
  expect(await store.tasks.find('a', 7_000)).toMatchObject({ state: 'completed', updatedAt: 3_000 });
  expect(await store.tasks.settle('a', 'here', { state: 'failed', sealed }, 3_000)).toBe(false);
  expect(await store.tasks.begin('a', here, 4_000)).toBe(false);
  expect(await store.tasks.cancel('a', 4_000)).toBe(false);
});

test('a run whose gateway is gone is lost, and stays so', async () => {
  await store.tasks.create(task('a'), CAPS);
  await store.tasks.begin('a', here, 2_000);
  expect(await store.tasks.find('a', 4_999)).toMatchObject({ state: 'running', runner: 'here' });
  expect(await store.tasks.find('a', 5_000)).toMatchObject({ state: 'lost', updatedAt: 5_000 });
  expect(await store.tasks.settle('a', 'here', { state: 'completed', sealed }, 5_001)).toBe(false);
  expect(await store.tasks.begin('a', here, 5_001)).toBe(false);
  expect(await store.tasks.find('a', 6_000)).toMatchObject({ state: 'lost' });
});

test('what is cancelled neither begins nor ends', async () => {
  await store.tasks.create(task('a'), CAPS);
  await store.tasks.create(task('b'), CAPS);
  await store.tasks.begin('b', here, 2_000);
  expect(await store.tasks.cancel('a', 3_000)).toBe(true);
  expect(await store.tasks.cancel('b', 3_000)).toBe(true);
  expect(await store.tasks.begin('a', here, 3_000)).toBe(false);
  expect(await store.tasks.settle('b', 'here', { state: 'completed', sealed }, 3_000)).toBe(false);
  expect(await store.tasks.keepAlive('b', here)).toBe(false);
});

test("a list is a principal's, of one upstream and version, oldest first", async () => {
  for (const [id, more] of Object.entries({
    b: {},
    a: {},
    other: { principalId: 'issuer|bob' },
    elsewhere: { upstream: 'others' },
    later: { version: '2026-07-28' },
  }))
    await store.tasks.create(task(id, more), { ...CAPS, perPrincipal: 9 });
  const of = { principalId: 'issuer|\0ada', upstream: 'tools', version: '2025-11-25' };
  expect((await store.tasks.list(of, 1_000)).map(({ id }) => id)).toEqual(['b', 'a']);
  expect(await store.tasks.list(of, 9_000)).toEqual([]);
});

describe('no more are kept than there is room for', () => {
  const mine = (id: string, bytes = 10) => store.tasks.create(task(id, { call: Buffer.alloc(bytes) }), CAPS);
  const theirs = (id: string, bytes = 10) =>
    store.tasks.create(task(id, { call: Buffer.alloc(bytes), principalId: id }), CAPS);

  test('of one principal', async () => {
    expect([await mine('1'), await mine('2'), await mine('3')]).toEqual([undefined, undefined, undefined]);
    expect(await mine('4')).toBe('perPrincipal');
    expect(await store.tasks.find('4', 1_000)).toBeUndefined();
  });

  test('of all, until some are over', async () => {
    for (const id of ['1', '2', '3', '4', '5']) expect(await theirs(id)).toBeUndefined();
    expect(await theirs('6')).toBe('all');
    const later = task('7', { principalId: '7', createdAt: 9_000, expiresAt: 10_000 });
    expect(await store.tasks.create(later, CAPS)).toBeUndefined();
  });

  test('by their bytes, those of outcomes too', async () => {
    await mine('1', 90);
    await store.tasks.begin('1', here, 2_000);
    await store.tasks.settle('1', 'here', { state: 'completed', sealed: Buffer.alloc(10) }, 3_000);
    expect(await mine('2')).toBe('bytesPerPrincipal');
    await theirs('3', 50);
    expect(await theirs('4')).toBe('bytes');
  });
});
