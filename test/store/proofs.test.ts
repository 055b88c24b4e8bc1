import Database from 'libsql';
import { freshPath, open } from './stores.js';

const MINUTE = 60_000;

function rows(path: string, statement: string): unknown[] {
  const database = new Database(path);
  try {
    return database.prepare(statement).all();
  } finally {
    database.close();
  }
}

test('a proof is used once, also where another process used it', async () => {
  const path = freshPath();
  const [here, there] = [await open(path), await open(path)];
  const forgetAt = Date.now() + MINUTE;
  expect(await here.proofs.use('one', forgetAt)).toBe(true);
  expect(await here.proofs.use('one', forgetAt)).toBe(false);
  expect(await there.proofs.use('one', forgetAt + MINUTE)).toBe(false);
  expect(await there.proofs.use('two', forgetAt)).toBe(true);
});

test('one that is too old is refused as long as it is known', async () => {
  const { proofs } = await open();
  expect(await proofs.use('old', Date.now() - MINUTE)).toBe(true);
  expect(await proofs.use('old', Date.now() - MINUTE)).toBe(false);
});

test('old ones are forgotten, some at a time and not at once, and the others are not', async () => {
  const path = freshPath();
  const { proofs } = await open(path);
  const now = Date.now();
  for (let index = 0; index < 400; index += 1) await proofs.use(`old ${index}`, now - 10 * MINUTE);
  // A gateway whose clock is slow might still take these.
  for (let index = 0; index < 60; index += 1) await proofs.use(`young ${index}`, now - MINUTE);
  const names = () => rows(path, "SELECT digest FROM used_proofs WHERE digest LIKE 'old %'").length;
  for (let index = 0; index < 128; index += 1) await proofs.use(`more ${index}`, now + MINUTE);
  expect(names()).toBe(0);
  expect(rows(path, "SELECT digest FROM used_proofs WHERE digest LIKE 'young %'")).toHaveLength(60);
  expect(await proofs.use('young 1', now - MINUTE)).toBe(false);
});

test('the key of the nonces is made once for a store', async () => {
  const path = freshPath();
  const [here, there] = [await open(path), await open(path)];
  const keys = [await here.proofs.nonceKey(), await there.proofs.nonceKey(), await here.proofs.nonceKey()];
  const texts = keys.map((key) => Buffer.from(key).toString('hex'));
  expect(new Set(texts).size).toBe(1);
  expect(texts[0]).toMatch(/^[0-9a-f]{64}$/);
  rows(path, "UPDATE shared_keys SET key = x'00' RETURNING name");
  await expect(here.proofs.nonceKey()).rejects.toMatchObject({ code: 'corrupt' });
});
