import { createDecisionEngine, type DecisionEngine, type PinnedPolicy } from '../../src/policy/index.js';
import { bundleOf } from './compile.js';
import { call, OPTIONS, policyFile } from './given.js';

const READS = new Map([[OPTIONS.entrypoint, [['message', 'method']]]]);
const CLOCK = `package regate.main

decision := {"effect": "allow", "reasons": [], "mask": [], "labels": [sprintf("%d", [time.now_ns()])]}`;

let engine: DecisionEngine;
beforeEach(() => {
  engine = createDecisionEngine(OPTIONS);
});
afterEach(() => engine.close());

async function live(rego: string, revision = '1'): Promise<PinnedPolicy> {
  const data = JSON.stringify({ revision });
  await engine.activate({ ...(await bundleOf(rego, { revision, data })), reads: READS });
  return engine.pin();
}

/** How the decisions on some questions were had, in their order. */
async function ways(
  pin: PinnedPolicy,
  questions: readonly [method: string, params: string][],
): Promise<string[]> {
  const had: string[] = [];
  for (const [method, params] of questions) {
    const before = { ...engine.counts };
    await pin.decide(call(method, params));
    had.push(
      ...Object.entries(engine.counts).flatMap(([how, count]) =>
        count > before[how as 'local'] ? [how] : [],
      ),
    );
  }
  return had;
}

test('what was asked twice is remembered, whatever else the message holds', async () => {
  const pin = await live(policyFile('revision'));
  const same: [string, string][] = [
    ['ping', '{}'],
    ['ping', '{"a":1}'],
    ['ping', '{"b":2}'],
  ];
  expect(await ways(pin, same)).toEqual(['local', 'local', 'remembered']);
  expect(await ways(pin, [['pong', '{}'], ...same])).toEqual(['local', ...Array(3).fill('remembered')]);
});

test('a remembered decision is the one that was made, and takes no time', async () => {
  const pin = await live(policyFile('revision'));
  const [first, , third] = [
    await pin.decide(call('ping')),
    await pin.decide(call('ping')),
    await pin.decide(call('ping')),
  ];
  expect(third).toMatchObject({ decision: first?.decision, evaluationMicroseconds: 0 });
});

test('another revision remembers nothing of the one before', async () => {
  const ping: [string, string][] = [['ping', '{}']];
  await ways(await live(policyFile('revision'), 'a'), [...ping, ...ping, ...ping]);
  const pin = await live(policyFile('revision'), 'b');
  expect(await ways(pin, ping)).toEqual(['local']);
  expect((await pin.decide(call('ping'))).decision.reasons[0]?.message).toBe('b');
});

test('of a policy that looks at the clock nothing is remembered', async () => {
  const ping: [string, string][] = [['ping', '{}']];
  expect(await ways(await live(CLOCK), [...ping, ...ping, ...ping])).toEqual(['local', 'local', 'local']);
});

test('what was not asked for the longest is forgotten before it takes too much room', async () => {
  const pin = await live(policyFile('revision'));
  const ask = (method: string) => ways(pin, [[method, '{}']]);
  for (let time = 0; time < 2; time += 1) await ask('first');
  expect(await ask('first')).toEqual(['remembered']);
  for (let number = 0; number < 2 * 32 * 1024; number += 1) {
    for (let time = 0; time < 2; time += 1) await pin.decide(call(`other-${number}`));
  }
  expect(await ask('first')).toEqual(['local']);
});
