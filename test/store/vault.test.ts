import { freshPath, open } from './stores.js';

const ROW = {
  digest: 'd1',
  principal: 'p1',
  about: '{"upstream":"crm"}',
  sealed: Buffer.from([0, 1, 2, 0, 255]),
  expiresAt: 2_000,
};

test('a value of the vault is there after a restart, byte for byte, until its end and for its principal only', async () => {
  const path = freshPath();
  const before = await open(path);
  await before.vault.keep([ROW], 10, 1_000);
  const after = await open(path);
  expect(await after.vault.find('p1', ['d1', 'd2'], 1_999)).toEqual([ROW]);
  expect(await after.vault.find('p2', ['d1'], 1_999)).toEqual([]);
  expect(await after.vault.find('p1', ['d1'], 2_000)).toEqual([]);
});
