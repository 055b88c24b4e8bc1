import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { VerifiedBundle } from '../../src/domain/index.js';
import { PooledEngine } from '../../src/policy/engine.js';
import { PreparingThread, type Work } from '../../src/policy/prepare.js';
import type { PolicyThread } from '../../src/policy/thread.js';
import { bundleOf } from './compile.js';
import { call, OPTIONS, policyFile } from './given.js';

const REVISION = policyFile('revision');
const revision = (name: string, pad = '') =>
  bundleOf(REVISION, { revision: name, data: JSON.stringify({ revision: name, pad }) });
const input = () => new TextEncoder().encode('{"message": {"method": "ping"}}').buffer;
const question = () => ({ entrypoint: 0, input: input(), nowNanoseconds: 0n });

let preparing: PreparingThread;
beforeEach(() => {
  preparing = new PreparingThread(OPTIONS);
});
afterEach(() => preparing.close());

/** Prepares a policy and answers the thread that did it. */
async function threadFor(bundle: VerifiedBundle): Promise<PolicyThread> {
  return preparing.prepare(bundle, async (policy, thread) => {
    await thread.evaluate(policy, question(), 10_000);
    return thread;
  });
}

test('it stays for the next policy, and has given back the one before', async () => {
  const first = await revision('a');
  const { thread, policy } = await preparing.prepare(first, async (policy, thread) => ({ policy, thread }));
  expect(thread.policies.size).toBe(0);
  await preparing.prepare(await revision('b'), async (other, same) => {
    expect(same).toBe(thread);
    expect([...same.policies]).toEqual([other]);
    await expect(same.evaluate(policy, question(), 10_000)).rejects.toMatchObject({
      code: 'evaluation_failed',
    });
    const { results } = await same.evaluate(other, question(), 10_000);
    expect(results).toContain('"b"');
  });
});

interface Failure {
  why: string;
  bundle: () => Promise<VerifiedBundle>;
  work?: Work<unknown>;
}
const failures: Failure[] = [
  { why: 'data cannot be read', bundle: () => bundleOf(REVISION, { data: '[]' }) },
  {
    why: 'WebAssembly is no policy',
    bundle: async () => ({ ...(await revision('b')), wasm: Buffer.from('no wasm') }),
  },
  {
    why: 'an evaluation misses its deadline',
    bundle: () => bundleOf(policyFile('heavy')),
    work: (policy, thread) => {
      const loop = new TextEncoder().encode('{"message": {"method": "loop"}}').buffer;
      return thread.evaluate(policy, { ...question(), input: loop }, 50);
    },
  },
  {
    why: 'what is tried with it fails',
    bundle: () => revision('b'),
    work: () => Promise.reject(new Error('no decision')),
  },
];

test.each(failures)('where $why, another thread takes its place', async ({ bundle, work }) => {
  const before = await threadFor(await revision('a'));
  await expect(preparing.prepare(await bundle(), work ?? (async () => undefined))).rejects.toThrow();
  expect(before.death).toBeDefined();
  const after = await threadFor(await revision('c'));
  expect(after).not.toBe(before);
  expect(await threadFor(await revision('d'))).toBe(after);
});

test('a thread that loaded much gives its memory back by ending', async () => {
  const before = await threadFor(await revision('a', 'x'.repeat(5_000_000)));
  expect(before.death).toBeDefined();
  expect(await threadFor(await revision('b'))).not.toBe(before);
});

test('a thread that died of itself is replaced', async () => {
  const before = await threadFor(await revision('a'));
  await before.end();
  expect(await threadFor(await revision('b'))).not.toBe(before);
});

test('it ends when it is closed', async () => {
  const thread = await threadFor(await revision('a'));
  expect(thread.death).toBeUndefined();
  await preparing.close();
  expect(thread.death).toBeDefined();
});

test('an engine that refused a policy activates the next', async () => {
  const engine = new PooledEngine(OPTIONS);
  await engine.activate(await revision('a'));
  await expect(engine.activate(await bundleOf(REVISION, { data: '[]' }))).rejects.toMatchObject({
    code: 'activation_failed',
  });
  await engine.activate(await revision('b'));
  const { decision } = await engine.pin().decide(call('ping'));
  expect(decision.reasons[0]?.message).toBe('b');
  await engine.close();
});

test('it starts with the first policy, again at once after a failure, and keeps no process alive', async () => {
  const { wasm } = await bundleOf(REVISION);
  const program = fileURLToPath(new URL('preparing-thread/process.mjs', import.meta.url));
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  let counts = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    counts += text;
  });
  child.stdin.end(wasm);
  const [code] = await once(child, 'close');
  expect([code, counts]).toEqual([0, '0 1 1 2']);
});
