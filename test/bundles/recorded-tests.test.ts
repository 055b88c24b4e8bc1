import { readFile } from 'node:fs/promises';
import {
  locateOpa,
  type RecordedTestsRequest,
  recordedTests,
  runOpa,
  runTests,
} from '../../src/bundles/index.js';
import { inGatewayEngine } from '../../src/cli/gateway-engine.js';
import type { AuditRecord, DecisionEvent } from '../../src/domain/index.js';
import { decision } from '../policy/recorded.js';
import { removeScratch, scratchPath, writeFiles } from './project.js';

afterAll(removeScratch);

type Decisions = (AuditRecord & { readonly event: DecisionEvent })[];

/** Denies refunds of more than 500, exactly, and what comes after an instant. */
const POLICY = `package regate.main

decision := {"effect": effect, "reasons": reasons, "mask": [], "labels": []}

effect := "deny" if count(reasons) > 0

effect := "allow" if count(reasons) == 0

reasons := [reason | some reason in _reasons]

_reasons contains {"policy": "refunds", "code": "too_large", "message": "no"} if {
	input.message.params.arguments.amount > 500.00000000000000000001
}

_reasons contains {"policy": "clock", "code": "late", "message": "no"} if time.now_ns() > 2000000000000000000
`;

/** As Rego reads them: what is no plain text, no plain number, or would end a string, a comment or a set. */
const ODD = {
  text: 'a "quote", a \\, a \n, a \u2028, a \u0001, é, 𝄞, {{x}}, # none',
  'odd key "\\': [],
  nothing: null,
  empty: {},
  deep: [[[{ a: [true, {}] }]], -0, 1e21],
};

function recorded(
  number: number,
  change: { amount?: string; now?: string; event?: Partial<DecisionEvent> } = {},
) {
  const { amount = '1', now = '1793491200000000001', event = {} } = change;
  const json = `{"direction":"to_server","session":{"id":"s${number}"},"time":{"now_ns":${now},"rfc3339":"x${number}"},"message":{"id":${number},"params":{"arguments":{"amount":${amount},"odd":${JSON.stringify(ODD)}}}},"principal":{"claims":{"iat":${number}}}}`;
  const record = decision(number, { input: { state: 'whole', json }, ...event });
  return record as Decisions[number];
}

const DENIED: Partial<DecisionEvent> = {
  effect: 'deny',
  reasons: [{ policy: 'refunds', code: 'too_large', message: 'another sentence' }],
};

/** Policy allowed it. */
const OVER_LIMIT: Partial<DecisionEvent> = {
  effect: 'deny',
  reasons: [{ policy: 'refunds', code: 'over_limit', message: 'too many' }],
  limits: [{ policy: 'refunds', name: 'calls', key: 'agent', cost: 1, room: 0, granted: false }],
};

async function* each(decisions: Decisions): AsyncGenerator<Decisions[number]> {
  yield* decisions;
}

async function write(decisions: Decisions, request: Partial<RecordedTestsRequest> = {}) {
  const opa = await locateOpa();
  const usual = { package: 'recorded_test', entrypoint: 'regate/main/decision', limit: 50, opa };
  return recordedTests({ decisions: each(decisions), ...usual, ...request });
}

/** A project whose policy is tested by what was written. */
async function projectWith(text: string, policy = POLICY): Promise<string> {
  const directory = await scratchPath();
  await writeFiles(directory, {
    'schemas/input.schema.json': await readFile('schemas/input.schema.json', 'utf8'),
    'rego/regate/main.rego': `# METADATA\n# scope: package\n# schemas:\n#   - input: schema["input.schema"]\n${policy}`,
    'rego/recorded/recorded_test.rego': text,
  });
  return directory;
}

const DIFFERENT = [
  recorded(1),
  recorded(2, { amount: '500.00000000000000000001' }),
  recorded(3, { amount: '500.00000000000000000002', event: DENIED }),
  recorded(4, {
    now: '2000000000000000001',
    amount: '501',
    event: {
      effect: 'deny',
      reasons: [...(DENIED.reasons ?? []), { policy: 'clock', code: 'late', message: 'no' }],
    },
  }),
];

test('what is written passes in OPA and in the engine, and is as OPA and the schemas want it', async () => {
  const { text, ...counts } = await write(DIFFERENT);
  expect(counts).toEqual({ tests: 4, masked: 0, alike: 0, not_recorded: 0, too_large: 0 });
  const directory = await projectWith(text);
  const opa = await locateOpa();
  const fmt = await runOpa(opa, ['fmt', '--list', '--fail', 'rego/recorded'], { cwd: directory });
  expect(fmt).toMatchObject({ status: 0, stdout: '' });
  const check = await runOpa(opa, ['check', '--strict', '--schema=schemas', 'rego'], { cwd: directory });
  expect(check).toMatchObject({ status: 0, stderr: '' });
  const { results } = await runTests(
    { opa, directory, sources: ['rego'], schemas: 'schemas' },
    inGatewayEngine,
  );
  expect(results.map(({ name, state }) => [name, state])).toEqual([
    ['test_1_allow_refund_payment', 'passed'],
    ['test_2_allow_refund_payment', 'passed'],
    ['test_3_deny_refund_payment', 'passed'],
    ['test_4_deny_refund_payment', 'passed'],
  ]);
});

test('they fail where a decision would be another now', async () => {
  const { text } = await write(DIFFERENT);
  const directory = await projectWith(text, POLICY.replace('500.00000000000000000001', '100'));
  const project = { opa: await locateOpa(), directory, sources: ['rego'], schemas: 'schemas' };
  const { results } = await runTests(project, inGatewayEngine);
  expect(results.map(({ state }) => state)).toEqual(['passed', 'failed', 'passed', 'passed']);
});

test('decisions are alike where only time and ids differ, and what is left out is counted', async () => {
  const { input: _, ...bare } = recorded(5).event;
  const large = JSON.stringify({ text: 'x'.repeat(1 << 16) });
  const decisions = [
    recorded(1),
    recorded(2, { now: '1793491200000000002' }),
    recorded(3, { event: DENIED }),
    recorded(4, { amount: '2' }),
    { ...recorded(5), event: bare },
    recorded(6, { event: { input: { state: 'whole', json: large } } }),
    recorded(7, { event: OVER_LIMIT }),
  ];
  expect(await write(decisions)).toMatchObject({ tests: 3, alike: 2, not_recorded: 1, too_large: 1 });
  expect(await write(decisions, { limit: 2 })).toMatchObject({ tests: 2, alike: 1 });
  expect((await write(decisions)).text).toBe((await write(decisions)).text);
});

test('a comment says which decision it was, and that its input is masked; nothing in it can become Rego', async () => {
  const { input } = recorded(1).event;
  const odd: Partial<DecisionEvent> = {
    decision_id: 'd1\ntest_more if true\u2028x := 1',
    tool: 'a tool"}\nallow if true',
    input: { state: 'masked', json: input?.json ?? '' },
  };
  const { text, masked } = await write([recorded(1, { event: odd })]);
  expect(masked).toBe(1);
  expect(text).toContain(
    '# Decision d1 test_more if true x := 1 of 2026-11-01T00:00:01.000Z, by test 1. Values of its input are masked.\ntest_1_allow_a_tool_allow_if_true if {',
  );
});
