import Database from 'libsql';
import type { KeptRevocation } from '../../src/identity/index.js';
import { freshPath, open } from './stores.js';

const REVOCATION: KeptRevocation = {
  id: 'rev_1',
  match: {
    issuer: 'https://id.test',
    subject: 'robot',
    claims: [{ path: 'sid', value: 's\u0000é' }],
    issued_before: 5,
  },
  reason: 'key leaked',
  source: 'operator',
  expires_at: '2026-01-01T00:15:00.000Z',
  made_by: 'https://id.test|ann',
  made_at: '2026-01-01T00:00:00.000Z',
};
const other = (id: string): KeptRevocation => {
  const { expires_at: _, ...forGood } = REVOCATION;
  return { ...forGood, id };
};

test('what is kept is found, by its id and as a change', async () => {
  const { revocations } = await open();
  expect(await revocations.add(REVOCATION, 10)).toBe('kept');
  const change = { number: 1, became: 'made', revocation: REVOCATION };
  expect(await revocations.find('rev_1')).toEqual(change);
  expect(await revocations.since(0, 10)).toEqual([change]);
  expect(await revocations.since(1, 10)).toEqual([]);
});

test('an id is given once, whatever became of it, and there is a bound', async () => {
  const { revocations } = await open();
  await revocations.add(REVOCATION, 2);
  expect(await revocations.add({ ...REVOCATION, reason: 'other' }, 2)).toBe('known');
  await revocations.lift('rev_1', '2026-01-01T00:01:00.000Z');
  expect(await revocations.add(REVOCATION, 2)).toBe('known');
  expect(await revocations.add(other('rev_2'), 2)).toBe('kept');
  expect(await revocations.add(other('rev_3'), 2)).toBe('full');
});

test('lifting is a later change, once', async () => {
  const { revocations } = await open();
  for (const id of ['rev_1', 'rev_2', 'rev_3']) await revocations.add(other(id), 10);
  expect(await revocations.lift('rev_3', '2026-01-01T00:01:00.000Z')).toEqual(other('rev_3'));
  expect(await revocations.lift('rev_3', '2026-01-01T00:01:00.000Z')).toBeUndefined();
  expect(await revocations.lift('rev_4', '2026-01-01T00:01:00.000Z')).toBeUndefined();
  expect(await revocations.since(3, 10)).toEqual([
    { number: 4, became: 'lifted', revocation: other('rev_3') },
  ]);
  expect((await revocations.since(0, 2)).map(({ revocation }) => revocation.id)).toEqual(['rev_1', 'rev_2']);
});

test('a number is never given twice, even when the last one is gone', async () => {
  const { revocations } = await open();
  await revocations.add(REVOCATION, 10);
  await revocations.forgetExpired('2026-01-01T00:15:00.000Z', 10);
  await revocations.add(other('rev_2'), 10);
  expect((await revocations.since(1, 10)).map(({ number }) => number)).toEqual([2]);
});

test('what is over is forgotten, and told of unless it was lifted before', async () => {
  const { revocations } = await open();
  await revocations.add(REVOCATION, 10);
  await revocations.add({ ...REVOCATION, id: 'rev_2' }, 10);
  await revocations.add(other('rev_3'), 10);
  await revocations.lift('rev_2', '2026-01-01T00:01:00.000Z');
  expect(await revocations.forgetExpired('2026-01-01T00:14:59.999Z', 10)).toEqual([]);
  const forgotten = await revocations.forgetExpired('2026-01-01T00:15:00.000Z', 10);
  expect(forgotten.map(({ became, revocation }) => [became, revocation.id]).sort()).toEqual([
    ['lifted', 'rev_2'],
    ['made', 'rev_1'],
  ]);
  expect(await revocations.forgetExpired('2026-01-01T00:15:00.000Z', 10)).toEqual([]);
  expect((await revocations.since(0, 10)).map(({ revocation }) => revocation.id)).toEqual(['rev_3']);
});

test.each([
  ['is no JSON', '['],
  ['has another shape', '{"id":"rev_1"}'],
  ['names nobody', JSON.stringify({ ...REVOCATION, match: { issued_before: 5 } })],
])('one that %s is reported, not passed over', async (_what, text) => {
  const path = freshPath();
  const { revocations } = await open(path);
  await revocations.add(REVOCATION, 10);
  new Database(path).prepare('UPDATE revocations SET revocation = ?').run(text);
  await expect(revocations.since(0, 10)).rejects.toMatchObject({ name: 'StoreError', code: 'corrupt' });
});
