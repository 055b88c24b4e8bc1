import { jest } from '@jest/globals';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { McpError } from '@modelcontextprotocol/sdk/types.js';
import type { DecisionEvent } from '../../src/domain/index.js';
import { createLimits } from '../../src/limits/index.js';
import { call, errorOf, Harness } from './harness.js';

/**
 * Each call has a key of its own by its `key` argument, so that no test spends another's room: three at once and one more
 * in ten seconds, and of `cost` a hundred in a minute.
 */
const POLICY = `package regate.main

default decision := {"effect": "allow", "reasons": [], "mask": [], "labels": []}

decision := {"effect": effect, "reasons": [], "mask": masks, "limits": limits, "labels": ["limited"]} if {
	count(limits) > 0
	not held
}

decision := {"effect": "require_approval", "reasons": [], "approval": {"all_of": [{"groups": ["approvers"], "quorum": 1}], "ttl_seconds": 60}, "mask": [], "limits": limits, "labels": []} if held

decision := {"effect": "allow", "reasons": [], "mask": [], "limits": [rate("answers")], "labels": []} if {
	input.direction == "to_client"
	input.message.result.content[0].text == "limit me"
}

effect := "allow"

args := input.message.params.arguments

held if {
	input.message.params.name == "held"
	not input.approval
}

limits := [rate(args.key)] if not args.cost

limits := [rate(args.key), {"policy": "test", "name": "total", "kind": "quota", "amount": 100, "per_seconds": 60, "burst": 100, "cost": args.cost, "key": args.key}] if args.cost

limits := [rate("progress")] if input.message.method == "notifications/progress"

rate(key) := {"policy": "test", "name": "calls", "kind": "rate", "amount": 1, "per_seconds": 10, "burst": 3, "cost": 1, "key": key}

default masks := []

masks := [{"path": "/params/arguments/note", "with": "redact"}] if args.note == "hidden"

masks := [{"path": "/params/**", "with": "redact", "match": {"detector": "unknown"}}] if args.note == "unmaskable"
`;

const START = 1_800_000_000_000;
let now = START;
let harness: Harness;
let keys = 0;

beforeAll(async () => {
  harness = await Harness.start({
    policy: POLICY,
    limits: (store) => createLimits({ store, now: () => now }),
  });
});
afterAll(() => harness.close());
beforeEach(() => {
  harness.seen.length = 0;
  harness.answerJson('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
});
afterEach(() => jest.restoreAllMocks());

/** Arguments under a key that nobody used before. */
function fresh(more: object = {}): { key: string } {
  keys += 1;
  return { key: `key-${keys}`, ...more };
}

async function statusesOf(args: object, times: number): Promise<string[]> {
  const responses = await Promise.all(
    Array.from({ length: times }, () => harness.post(call('limited', args))),
  );
  const bodies = (await Promise.all(responses.map((response) => response.json()))) as object[];
  return bodies.map((body) => ('error' in body ? 'refused' : 'passed'));
}

async function roomOf(key: string): Promise<number | undefined> {
  const taking = await createLimits({ store: harness.store.limits, now: () => now }).take([
    { policy: 'test', name: 'calls', kind: 'rate', amount: 1, per_seconds: 10, burst: 3, cost: 0, key },
  ]);
  return taking.counted[0]?.room;
}

async function lastDecision(): Promise<DecisionEvent | undefined> {
  return (await harness.decisions()).filter(({ direction }) => direction === 'to_server').at(-1);
}

test('calls pass while there is room, and the audit says how much is left', async () => {
  const args = fresh({ cost: 19.99 });
  expect((await harness.post(call('limited', args))).status).toBe(200);
  expect((await lastDecision())?.limits).toEqual([
    { policy: 'test', name: 'calls', key: args.key, cost: 1, room: 2, granted: true },
    { policy: 'test', name: 'total', key: args.key, cost: 19.99, room: 80.01, granted: true },
  ]);
});

test('a call over its limit is refused, recorded, told when to come back, and counted nowhere', async () => {
  const args = fresh();
  expect(await statusesOf(args, 3)).toEqual(['passed', 'passed', 'passed']);
  harness.seen.length = 0;
  const response = await harness.post(call('limited', args));
  expect([response.status, response.headers.get('Retry-After')]).toEqual([200, '10']);
  const reason = { policy: 'test', code: 'over_limit', message: 'over the limit calls, 1 in 10 s' };
  const error = await errorOf(response);
  expect(error).toEqual({
    id: 1,
    code: -31005,
    message: 'over the limit calls, 1 in 10 s: try again in 10 s',
    data: {
      decision_id: expect.any(String),
      reasons: [reason],
      limit: { policy: 'test', name: 'calls' },
      retry_after_ms: 10_000,
    },
  });
  expect(harness.seen).toEqual([]);
  expect(await lastDecision()).toMatchObject({
    decision_id: error.data['decision_id'],
    effect: 'deny',
    reasons: [reason],
    labels: ['limited'],
    limits: [{ policy: 'test', name: 'calls', key: args.key, cost: 1, room: 0, granted: false }],
  });

  now += 9_999;
  const early = await harness.post(call('limited', args));
  expect([early.headers.get('Retry-After'), (await errorOf(early)).data['retry_after_ms']]).toEqual(['1', 1]);
  now += 1;
  expect(await statusesOf(args, 1)).toEqual(['passed']);
});

test('a call that costs more than there ever is is told so', async () => {
  const args = fresh({ cost: 100.01 });
  const response = await harness.post(call('limited', args));
  const { code, message, data } = await errorOf(response);
  expect([response.headers.has('Retry-After'), code, message]).toEqual([
    false,
    -31005,
    'over the limit total, 100 in each 60 s: more than it ever grants',
  ]);
  expect(data).not.toHaveProperty('retry_after_ms');
  expect(await roomOf(args.key)).toBe(3);
});

test('of calls at once no more pass than there is room for', async () => {
  const outcomes = await statusesOf(fresh(), 20);
  expect(outcomes.filter((outcome) => outcome === 'passed')).toHaveLength(3);
  expect(harness.seen).toHaveLength(3);
});

test('decisions that are remembered count each time', async () => {
  const args = fresh();
  for (const expected of ['passed', 'passed', 'passed', 'refused', 'refused'])
    expect(await statusesOf(args, 1)).toEqual([expected]);
});

test('a call that needs an approval counts when it runs, and keeps its grant while it is over its limit', async () => {
  const args = fresh();
  const { data } = await errorOf(await harness.post(call('held', args)));
  const { id } = data['approval'] as { id: string };
  expect(await roomOf(args.key)).toBe(3);
  const Authorization = `Bearer ${await harness.token({ sub: 'alice', client_id: 'page', groups: ['approvers'] })}`;
  const approved = await harness.fetch('POST', '{}', { Authorization }, `/api/approvals/${id}/approve`);
  expect(approved.status).toBe(200);

  expect(await statusesOf(args, 3)).toEqual(['passed', 'passed', 'passed']);
  expect(await errorOf(await harness.post(call('held', args)))).toMatchObject({ code: -31005 });
  expect(await lastDecision()).toMatchObject({ effect: 'deny', approval_id: id });
  now += 10_000;
  expect((await harness.post(call('held', args))).headers.has('Retry-After')).toBe(false);
  expect(await lastDecision()).toMatchObject({ effect: 'allow', approval_id: id, limits: [{ room: 0 }] });
  expect(await errorOf(await harness.post(call('held', args)))).toMatchObject({ code: -31002 });
});

test('where a grant cannot be spent, nothing stays counted', async () => {
  const args = fresh();
  const { data } = await errorOf(await harness.post(call('held', args)));
  const { id } = data['approval'] as { id: string };
  const Authorization = `Bearer ${await harness.token({ sub: 'alice', client_id: 'page', groups: ['approvers'] })}`;
  await harness.fetch('POST', '{}', { Authorization }, `/api/approvals/${id}/approve`);
  jest.spyOn(harness.store.approvals, 'change').mockRejectedValue(new Error('no disk'));
  expect((await harness.post(call('held', args))).status).toBeGreaterThanOrEqual(500);
  expect(await roomOf(args.key)).toBe(3);
});

test('a masked call counts as any, and one whose mask cannot be carried out does not', async () => {
  const args = fresh({ note: 'hidden' });
  await harness.post(call('limited', args));
  expect(harness.seen[0]?.body).not.toContain('hidden');
  expect(await roomOf(args.key)).toBe(2);
  const unmaskable = fresh({ note: 'unmaskable' });
  expect(await errorOf(await harness.post(call('limited', unmaskable)))).toMatchObject({ code: -31001 });
  expect(await roomOf(unmaskable.key)).toBe(3);
});

test('what the audit cannot record does not pass, and is not counted', async () => {
  const args = fresh();
  jest.spyOn(harness.store.audit, 'appendAll').mockRejectedValue(new Error('no disk'));
  expect((await harness.post(call('limited', args))).status).toBe(503);
  expect(harness.seen).toEqual([]);
  expect(await roomOf(args.key)).toBe(3);
});

test('what cannot be given back stays counted, and the log says so', async () => {
  const args = fresh();
  const { update } = harness.store.limits;
  const updates = jest.spyOn(harness.store.limits, 'update');
  updates.mockImplementationOnce(update).mockRejectedValueOnce(new Error('no disk'));
  jest.spyOn(harness.store.audit, 'appendAll').mockRejectedValue(new Error('no disk'));
  await harness.post(call('limited', args));
  expect(harness.log.join('')).toContain('could not be given back');
  jest.restoreAllMocks();
  expect(await roomOf(args.key)).toBe(2);
});

test('where nothing can be counted nothing passes that is limited', async () => {
  jest.spyOn(harness.store.limits, 'update').mockRejectedValue(new Error('no disk'));
  const response = await harness.post(call('limited', fresh()));
  expect([response.status, (await errorOf(response)).code]).toEqual([503, -31004]);
  expect(harness.seen).toEqual([]);
  expect((await harness.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' })).status).not.toBe(503);
});

test('a call that fails at the upstream stays counted', async () => {
  const args = fresh();
  harness.script((response) => void response.destroy());
  expect((await harness.post(call('limited', args))).status).toBe(502);
  expect(await roomOf(args.key)).toBe(2);
});

test('a notification over its limit is refused by its status', async () => {
  harness.script((response) => void response.writeHead(202).end());
  const progress = {
    jsonrpc: '2.0',
    method: 'notifications/progress',
    params: { progressToken: 1, progress: 1 },
  };
  const statuses: number[] = [];
  for (let count = 0; count < 4; count += 1) statuses.push((await harness.post(progress)).status);
  expect(statuses).toEqual([202, 202, 202, 403]);
  expect(harness.seen).toHaveLength(3);
});

describe('a batch', () => {
  const batch = (args: object, count: number) =>
    harness.post(
      Array.from({ length: count }, (_, index) => call('limited', args, index)),
      { 'MCP-Protocol-Version': '2025-03-26' },
    );
  const answerAll = () =>
    harness.script((response, { body }) => {
      const asked = JSON.parse(body) as { id: number }[];
      const answers = asked.map(({ id }) => ({ jsonrpc: '2.0', id, result: { content: [] } }));
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answers));
    });

  test('counts each member by itself, in order', async () => {
    answerAll();
    const response = await batch(fresh(), 5);
    const answers = (await response.json()) as { id: number; error?: { code: number; data: object } }[];
    expect(answers.map(({ id, error }) => [id, error?.code])).toEqual([
      [0, undefined],
      [1, undefined],
      [2, undefined],
      [3, -31005],
      [4, -31005],
    ]);
    expect(answers[3]?.error?.data).toMatchObject({ retry_after_ms: 10_000 });
    expect(response.headers.has('Retry-After')).toBe(false);
    expect(JSON.parse(harness.seen[0]?.body ?? '')).toHaveLength(3);
  });

  test('of which nothing is sent on counts nothing', async () => {
    const args = fresh();
    const { appendAll } = harness.store.audit;
    const appended = jest.spyOn(harness.store.audit, 'appendAll');
    appended.mockImplementationOnce(appendAll).mockRejectedValue(new Error('no disk'));
    expect((await batch(args, 3)).status).toBe(503);
    expect(harness.seen).toEqual([]);
    expect(await roomOf(args.key)).toBe(3);
  });
});

test('an answer cannot be limited, so it does not pass', async () => {
  harness.answerJson('{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"limit me"}]}}');
  const { code, data } = await errorOf(await harness.post(call('limited', fresh())));
  expect([code, data['reasons']]).toEqual([-31001, [expect.objectContaining({ code: 'obligation_failed' })]]);
});

test('without anything that counts, what is limited does not pass', async () => {
  const uncounted = await Harness.start({ policy: POLICY, limits: () => undefined });
  try {
    const response = await uncounted.post(call('limited', fresh()));
    expect([response.status, (await errorOf(response)).code]).toEqual([503, -31004]);
    expect(uncounted.seen).toEqual([]);
  } finally {
    await uncounted.close();
  }
});

test('the official client sees which limit it was, and when to come back', async () => {
  const args = fresh();
  await statusesOf(args, 3);
  harness.script((response, { body }) => {
    if (body === '') return void response.writeHead(405).end();
    const { id, method } = JSON.parse(body) as { id?: number; method: string };
    const serverInfo = { name: 't', version: '1' };
    const result =
      method === 'initialize'
        ? { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo }
        : { content: [] };
    if (id === undefined) response.writeHead(202).end();
    else
      response
        .writeHead(200, { 'Content-Type': 'application/json' })
        .end(JSON.stringify({ jsonrpc: '2.0', id, result }));
  });
  const client = new Client({ name: 'official', version: '1' });
  const requestInit = { headers: { Authorization: `Bearer ${await harness.token()}` } };
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${harness.url}/mcp/tools`), { requestInit }),
  );
  try {
    const error: McpError = await client.callTool({ name: 'limited', arguments: args }).then(
      () => Promise.reject(new Error('it passed')),
      (thrown) => thrown,
    );
    expect([error.code, error.data]).toEqual([
      -31005,
      expect.objectContaining({ limit: { policy: 'test', name: 'calls' }, retry_after_ms: 10_000 }),
    ]);
  } finally {
    await client.close();
  }
});
