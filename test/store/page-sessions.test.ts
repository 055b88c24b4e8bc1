import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freshPath, open } from './stores.js';

const BOUNDS = { perPerson: 2, inAll: 3, now: 100 };
const session = (digest: string, person = 'alice', until = 200) => ({
  digest,
  person,
  until,
  sealed: `of ${digest}`,
});

test('a session is found as it was kept, until it ends', async () => {
  const { pageSessions } = await open();
  await pageSessions.begin(session('1'), BOUNDS);
  expect(await pageSessions.find('1')).toEqual(session('1'));
  expect(await pageSessions.find('2')).toBeUndefined();
  await pageSessions.end('1');
  await pageSessions.end('1');
  expect(await pageSessions.find('1')).toBeUndefined();
});

test('the oldest give way: of a person, and of all; those that are over are forgotten', async () => {
  const { pageSessions } = await open();
  const there = async () => {
    const found = await Promise.all(
      ['1', '2', '3', '4', '5', '6'].map((digest) => pageSessions.find(digest)),
    );
    return found.flatMap((one) => one?.digest ?? []);
  };
  for (const digest of ['1', '2', '3']) await pageSessions.begin(session(digest), BOUNDS);
  expect(await there()).toEqual(['2', '3']);
  await pageSessions.begin(session('4', 'bob'), BOUNDS);
  expect(await there()).toEqual(['2', '3', '4']);
  await pageSessions.begin(session('5', 'carol', 300), BOUNDS);
  expect(await there()).toEqual(['3', '4', '5']);
  await pageSessions.begin(session('6', 'bob', 300), { ...BOUNDS, now: 200 });
  expect(await there()).toEqual(['5', '6']);
});

test('what was kept before a kill -9 is found', async () => {
  const path = freshPath();
  const script = fileURLToPath(new URL('page-session-child.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const kept: string[] = [];
  createInterface(child.stdout).on('line', (line) => {
    if (kept.push(line) === 50) child.kill('SIGKILL');
  });
  await once(child, 'close');
  const { pageSessions } = await open(path);
  expect(kept.length).toBeGreaterThanOrEqual(50);
  for (const digest of kept.filter((line) => line.length === 16))
    expect(await pageSessions.find(digest)).toMatchObject({ digest });
});
