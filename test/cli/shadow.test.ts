import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { AuditEvent, JsonValue } from '../../src/domain/index.js';
import { createShadow, type Shadow } from '../../src/gateway/index.js';
import { createDecisionEngine } from '../../src/policy/index.js';
import { ROOT } from '../architecture/law.js';
import { EVENTS } from '../audit/events.js';
import { regate } from '../command.js';
import { call, Harness } from '../gateway/harness.js';
import { starterWith } from '../gateway/starter.js';
import { until } from '../identity/issuer.js';
import { ENTRYPOINT } from '../policy/compile.js';

// Bundles are built.
jest.setTimeout(120_000);

const PAGE = readFileSync(join(ROOT, 'docs/shadow.md'), 'utf8');
const CONSOLE = /^```console\n\$ regate (?<args>[^\n]*)\n(?<shown>[\s\S]*?)^```$/gm;

const folder = mkdtempSync(join(tmpdir(), 'regate-shadow-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** An export of these events. */
function exportOf(events: readonly AuditEvent[]): string {
  const file = join(folder, 'audit.jsonl');
  const time = '2026-11-23T10:00:00.000Z';
  const lines = events.map((event, index) => JSON.stringify({ sequence: index + 1, time, event }));
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

test('what the page on shadow evaluation shows is what happens', async () => {
  const file = exportOf(await eventsOfThePage());
  let commands = 0;
  for (const { groups: { args = '', shown = '' } = {} } of PAGE.matchAll(CONSOLE)) {
    const { stdout, stderr } = await regate(...args.replace('audit.jsonl', file).split(' '));
    expect(timeless(stdout + stderr)).toBe(timeless(shown));
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    commands += 1;
  }
  expect(commands).toBe(3);
});

/** Times and ids differ from run to run. */
function timeless(text: string): string {
  return text.replace(/[\da-f]{8}-[\da-f-]{27}/g, '…').replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '…');
}

/** A gateway with the starter policy, beside which the page's two revisions are evaluated on a few calls. */
async function eventsOfThePage(): Promise<AuditEvent[]> {
  const engine = createDecisionEngine({
    workers: 1,
    deadlineMilliseconds: 5_000,
    memoryMebibytes: 128,
    entrypoint: ENTRYPOINT,
    localEvaluation: false,
  });
  let shadow: Shadow | undefined;
  const harness = await Harness.start({
    withoutPolicy: true,
    shadow: (parts) => {
      shadow = createShadow({ engine, percent: 100, ...parts });
      return shadow;
    },
  });
  try {
    await harness.engine.activate(await starterWith(settings(500, 10_000), '41'));
    await engine.activate(await starterWith(settings(200, 5_000), '42'));
    await makeCalls(harness);
    await until(() => shadow?.totals()?.compared === 10);
    await engine.activate(await starterWith(settings(500, 10_000, 'USD'), '43'));
    await makeCalls(harness);
    await until(() => shadow?.totals()?.compared === 10);
    await shadow?.close();
    return await harness.events();
  } finally {
    await harness.close();
  }
}

function settings(approvalOver: number, refuseOver: number, also?: string): Record<string, JsonValue> {
  const limits = { approval_over: approvalOver, refuse_over: refuseOver };
  const currencies = ['EUR', ...(also === undefined ? [] : [also])].map((code) => ({ code, ...limits }));
  return {
    roles: { grants: [{ groups: ['jobs'], upstream: 'tools', tools: ['refund_payment', 'find_customer'] }] },
    refunds: {
      tools: [{ upstream: 'tools', tool: 'refund_payment' }],
      currencies,
      approval: { groups: ['payments-oncall'], quorum: 1, ttl_seconds: 900 },
    },
  };
}

/** Four of these pass and are answered, which makes ten decisions. */
async function makeCalls(harness: Harness): Promise<void> {
  harness.answerJson('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
  for (const [subject, amount] of [
    ['billing', 50],
    ['billing', 300],
    ['support', 450],
    ['billing', 7_000],
    ['billing', 20_000],
  ] as const) {
    const headers = { Authorization: `Bearer ${await harness.token({ sub: subject })}` };
    await harness.post(call('refund_payment', { amount, currency: 'EUR' }), headers);
  }
  await harness.post(call('find_customer', { name: 'Ann' }));
}

test('a clean report ends with 0, one with a difference or with too little with 1', async () => {
  const { shadow, shadow_count } = EVENTS;
  const clean = { ...shadow_count, different: 0, failed: 0 };
  const status = async (events: readonly AuditEvent[], ...args: string[]) =>
    (await regate('shadow', 'report', '--from', exportOf(events), ...args)).status;
  expect(await status([clean], '--minimum', '120')).toBe(0);
  expect(await status([clean], '--minimum', '121')).toBe(1);
  expect(await status([clean, { ...clean, failed: 1 }])).toBe(1);
  expect(await status([clean, shadow])).toBe(1);
  expect(await status([clean], '--revision', 'r9')).toBe(1);
  expect(await status([clean], '--since', '2026-11-24T00:00:00Z')).toBe(1);
  expect(await status([EVENTS.lifecycle])).toBe(1);
});

test('--json is the report, or null where there is none', async () => {
  const { shadow, shadow_count, lifecycle } = EVENTS;
  const json = async (events: readonly AuditEvent[]) =>
    JSON.parse((await regate('shadow', 'report', '--json', '--from', exportOf(events))).stdout);
  expect(await json([shadow, shadow_count])).toMatchObject({
    shadow_revision: shadow.shadow_revision,
    compared: 120,
    different: 3,
    failed: 1,
    groups: [{ tool: 'refund', decisions: 1 }],
    in_no_group: 3,
  });
  expect(await json([lifecycle])).toBeNull();
});

test('names that callers and servers made cannot steer the terminal', async () => {
  const tool = 'refund\u001b[2J\nclean\u202e';
  const { stdout } = await regate('shadow', 'report', '--from', exportOf([{ ...EVENTS.shadow, tool }]));
  for (const character of '\u001b\u202e') expect(stdout).not.toContain(character);
  expect(stdout).toContain('"refund\\u001b[2J\\nclean\\u{202e}"');
});

test.each([
  ['a file that is not there', ['--from', '/nowhere/audit.jsonl']],
  ['a configuration that is not there', ['--config', '/nowhere/regate.yaml']],
  ['both', ['--from', 'a', '--config', 'b']],
  ['no number', ['--minimum', 'many']],
  ['no time', ['--since', 'yesterday']],
])('%s ends with 2', async (_what, args) => {
  expect((await regate('shadow', 'report', ...args)).status).toBe(2);
});
