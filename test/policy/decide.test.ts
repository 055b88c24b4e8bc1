import { readFileSync } from 'node:fs';
import { createDecisionEngine, type DecisionEngine, type PolicyInput } from '../../src/policy/index.js';
import { bundleOf } from './compile.js';
import { call, inputOf, OPTIONS, policyFile, requestOf } from './given.js';

interface Case {
  why: string;
  /** JSON text, for numbers to be exact; `$DEEP` stands for arrays nested almost as deep as the reader allows. */
  message: string;
  /** Differs from the usual input. */
  with?: Partial<PolicyInput>;
  request?: string;
  effect?: string;
  error?: string;
}

const DEPTH = 1_000;
const DEEP = '['.repeat(DEPTH) + ']'.repeat(DEPTH);
const cases = JSON.parse(
  readFileSync(new URL('../cases/policy/decisions.json', import.meta.url), 'utf8'),
) as Case[];

let engine: DecisionEngine;

beforeAll(async () => {
  engine = createDecisionEngine(OPTIONS);
  await engine.activate(await bundleOf(policyFile('decisions')));
});
afterAll(() => engine.close());

async function outcome(input: PolicyInput): Promise<{ effect?: string; error?: unknown }> {
  const pin = engine.pin();
  try {
    const { decision } = await pin.decide(input);
    return { effect: decision.effect };
  } catch (error) {
    return { error: (error as { code?: unknown }).code };
  } finally {
    pin.release();
  }
}

test.each(cases)('$why', async ({ message, request, effect, error, ...differing }) => {
  const input = inputOf(message.replace('$DEEP', DEEP), {
    ...differing.with,
    ...(request !== undefined && { request: requestOf(request) }),
  });
  expect(await outcome(input)).toEqual({ ...(effect && { effect }), ...(error && { error }) });
});

test('an error in one evaluation does not hurt those around it', async () => {
  const inputs = Array.from({ length: 60 }, (_, index) =>
    index % 3 === 0
      ? call('conflict')
      : call('exact_integer', `{"arguments":{"n":${index % 3 === 1 ? '9007199254740993' : '1'}}}`),
  );
  const outcomes = await Promise.all(inputs.map(outcome));
  const expected = inputs.map((_, index) =>
    index % 3 === 0 ? { error: 'evaluation_failed' } : { effect: index % 3 === 1 ? 'allow' : 'deny' },
  );
  expect(outcomes).toEqual(expected);
});

test("what is wrong with a decision is told by the schema's path, never by a value", async () => {
  const decided = engine.pin().decide(call('answer', '{"effect":"swordfish"}'));
  await expect(decided).rejects.toThrow('#/properties/effect/enum');
  await expect(decided).rejects.not.toThrow('swordfish');
});

test('a decision says how long it took', async () => {
  const { evaluationMicroseconds } = await engine.pin().decide(call('ping'));
  expect(evaluationMicroseconds).toBeGreaterThan(0);
  expect(Number.isInteger(evaluationMicroseconds)).toBe(true);
});
