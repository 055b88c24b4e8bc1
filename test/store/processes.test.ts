import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { createApprovals } from '../../src/approvals/index.js';
import { createAudit } from '../../src/audit/index.js';
import { createLimits } from '../../src/limits/index.js';
import { callOf, principal, REQUESTER, SHOWN } from '../approvals/calls.js';
import { QUOTA, RATE } from '../limits/memory.js';
import { freshPath, open } from './stores.js';

type Child = ChildProcessByStdio<Writable, Readable, null>;
const children: Child[] = [];

function start(script: string, ...parameters: string[]): Child {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [path, ...parameters], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Starts such a child several times, lets all go at once when all are ready, and returns what each then says. */
async function atOnce(count: number, script: string, ...parameters: string[]): Promise<string[]> {
  const started = Array.from({ length: count }, () => start(script, ...parameters));
  const lines = started.map(({ stdout }) => createInterface(stdout)[Symbol.asyncIterator]());
  const nextLines = () => Promise.all(lines.map(async (iterator) => String((await iterator.next()).value)));
  expect(await nextLines()).toEqual(Array(count).fill('ready'));
  for (const child of started) child.stdin.write('go\n');
  return nextLines();
}

/** Lets a child append until it said so many lines, kills it there and then, and returns all that it said. */
async function appendUntilKilled(path: string, count: number): Promise<string[]> {
  const child = start('append-child.mjs', path);
  const lines: string[] = [];
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line);
    if (lines.length === count) child.kill('SIGKILL');
  });
  await once(child, 'close');
  expect(child.signalCode).toBe('SIGKILL');
  return lines.filter((line) => /^\d+ \d+-\d+-\d+$/.test(line));
}

test('what was acknowledged before a kill -9 is found, without a gap, also after several', async () => {
  const path = freshPath();
  const acknowledged: string[] = [];
  for (const count of [1, 30, 200]) {
    const lanes = await Promise.all([appendUntilKilled(path, count), appendUntilKilled(path, count)]);
    acknowledged.push(...lanes.flat());
  }

  const { audit } = await open(path);
  const records = await audit.read(0, 1_000_000);
  expect(records.map(({ sequence }) => sequence)).toEqual(records.map((_, index) => index + 1));
  const found = new Set(
    records.map(({ sequence, event }) => `${sequence} ${event.type === 'session' ? event.exchange_id : ''}`),
  );
  expect(acknowledged.length).toBeGreaterThan(400);
  expect(acknowledged.filter((line) => !found.has(line))).toEqual([]);
});

test('of two processes that spend one grant at once, 100 times each, one does, once', async () => {
  const path = freshPath();
  const store = await open(path);
  const audit = createAudit({ store: store.audit });
  const approvals = createApprovals({ store: store.approvals, record: audit.append });
  const call = callOf('{"amount":500}');
  const { id } = await approvals.request(
    call,
    { groups: ['oncall'], quorum: 1, ttl_seconds: 900 },
    SHOWN,
    REQUESTER,
  );
  await approvals.vote(id, principal('ann', ['oncall']), 'approve');

  const wins = await atOnce(2, 'spend-child.mjs', path, id, JSON.stringify(call));
  expect(wins.sort()).toEqual(['0', '1']);
  const spent = (await store.audit.read(0, 10)).filter(
    ({ event }) => event.type === 'approval' && event.action === 'spent',
  );
  expect(spent).toHaveLength(1);
});

test('of two processes that ask 200 times each at once, as many calls pass as there is room for', async () => {
  const path = freshPath();
  await open(path);
  const limit = { ...RATE, amount: 1, per_seconds: 1_000_000, burst: 50 };
  const granted = await atOnce(2, 'limit-child.mjs', path, JSON.stringify(limit));
  expect(granted.map(Number).reduce((sum, count) => sum + count)).toBe(50);
});

test('what was granted before a kill -9 stays counted', async () => {
  const path = freshPath();
  const limit = { ...QUOTA, amount: 1_000_000, per_seconds: 31_622_400 };
  const child = start('count-child.mjs', path, JSON.stringify(limit));
  let granted = 0;
  createInterface(child.stdout).on('line', () => {
    granted += 1;
    if (granted === 200) child.kill('SIGKILL');
  });
  await once(child, 'close');

  const { limits } = await open(path);
  const { counted } = await createLimits({ store: limits }).take([{ ...limit, cost: 0 }]);
  expect(granted).toBeGreaterThanOrEqual(200);
  expect(1_000_000 - (counted[0]?.room ?? 0)).toBeGreaterThanOrEqual(granted);
});

test('several processes may start at once on a new file', async () => {
  const sequences = await atOnce(4, 'open-child.mjs', freshPath());
  expect(sequences.sort()).toEqual(['1', '2', '3', '4']);
});
