import {
  createDecisionEngine,
  type DecisionEngine,
  type DecisionEngineOptions,
} from '../../src/policy/index.js';
import { bundleOf } from './compile.js';
import { call, OPTIONS, policyFile } from './given.js';

let engine: DecisionEngine;

async function start(differing: Partial<DecisionEngineOptions>): Promise<void> {
  engine = createDecisionEngine({ ...OPTIONS, ...differing });
  await engine.activate(await bundleOf(policyFile('heavy')));
}
afterEach(() => engine.close());

const decide = (method: string) => engine.pin().decide(call(method));

test.each([1, 2])(
  'with %d workers, a loop misses its deadline and every other decision is made',
  async (workers) => {
    await start({ workers, memoryMebibytes: 2048, deadlineMilliseconds: 250 });
    const looping = decide('loop');
    const others = Promise.all(Array.from({ length: 50 }, () => decide('ping')));
    await expect(looping).rejects.toMatchObject({ name: 'PolicyError', code: 'deadline' });
    expect((await others).map(({ decision }) => decision.effect)).toEqual(Array(50).fill('allow'));
  },
);

test('loops on every worker hold up the rest no longer than their deadline', async () => {
  await start({ memoryMebibytes: 2048, deadlineMilliseconds: 250 });
  const looping = Promise.allSettled(Array.from({ length: 4 }, () => decide('loop')));
  const { decision } = await decide('ping');
  expect(decision.effect).toBe('allow');
  expect((await looping).map(({ status }) => status)).toEqual(Array(4).fill('rejected'));
});

test('what waits too long for a worker misses its deadline too', async () => {
  await start({ workers: 1, memoryMebibytes: 2048, deadlineMilliseconds: 50 });
  const looping = Promise.allSettled(Array.from({ length: 30 }, () => decide('loop')));
  await expect(decide('ping')).rejects.toMatchObject({ code: 'deadline' });
  await looping;
  expect((await decide('ping')).decision.effect).toBe('allow');
});

test('a blocked event loop is not taken for a missed deadline', async () => {
  await start({ workers: 1, deadlineMilliseconds: 100 });
  await new Promise((resolve) => setImmediate(resolve)); // what the event loop looks at next are timers
  const deciding = decide('ping');
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve(); // the worker has it, and cannot have answered
  const until = performance.now() + 300;
  while (performance.now() < until);
  expect((await deciding).decision.effect).toBe('allow');
});

test('an evaluation that would need more memory than it may have fails, and the next does not', async () => {
  await start({ workers: 1, memoryMebibytes: 32, deadlineMilliseconds: 20_000 });
  await expect(decide('loop')).rejects.toMatchObject({ code: 'evaluation_failed' });
  await expect(decide('loop')).rejects.toThrow('opa_malloc');
  expect((await decide('ping')).decision.effect).toBe('allow');
});

test('an input larger than the memory fails, and the next does not', async () => {
  await start({ workers: 1, memoryMebibytes: 16 });
  const large = call('ping', `{"text":"${'x'.repeat(20_000_000)}"}`);
  await expect(engine.pin().decide(large)).rejects.toMatchObject({ code: 'evaluation_failed' });
  expect((await decide('ping')).decision.effect).toBe('allow');
});

test('more than may wait is refused at once', async () => {
  await start({ workers: 1, memoryMebibytes: 2048, deadlineMilliseconds: 20_000 });
  const pin = engine.pin();
  const loop = call('loop');
  const codes: unknown[] = [];
  const all = Array.from({ length: 10_100 }, () =>
    pin.decide(loop).catch((thrown: unknown) => void codes.push((thrown as { code?: unknown }).code)),
  );
  await new Promise((resolve) => setImmediate(resolve));
  expect(codes.length).toBeGreaterThan(0);
  expect(codes).toEqual(Array(codes.length).fill('overloaded'));
  expect(codes.length).toBeLessThanOrEqual(100);
  await engine.close();
  await Promise.all(all);
});

test('the first large input takes no more than a few times what the second takes', async () => {
  await start({ workers: 1, deadlineMilliseconds: 20_000 });
  const large = call(
    'ping',
    JSON.stringify({ rows: Array.from({ length: 33_000 }, (_, id) => ({ id, text: 'abcdefghij' })) }),
  );
  const first = await engine.pin().decide(large);
  const second = await engine.pin().decide(large);
  expect(first.evaluationMicroseconds).toBeLessThan(20 * second.evaluationMicroseconds);
});

test('closing fails what waits', async () => {
  await start({ workers: 1, memoryMebibytes: 2048, deadlineMilliseconds: 20_000 });
  const pin = engine.pin();
  const waiting = Promise.allSettled([decide('loop'), decide('ping')]);
  await engine.close();
  for (const outcome of await waiting) expect(outcome).toMatchObject({ reason: { code: 'engine_closed' } });
  await expect(pin.decide(call('ping'))).rejects.toMatchObject({ code: 'engine_closed' });
  expect(() => engine.pin()).toThrow('closed');
});
