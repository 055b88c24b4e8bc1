import { TaskIds } from '../../src/gateway/own-tasks/ids.js';
import { until } from '../identity/issuer.js';
import { deferred, errorOf, Harness } from './harness.js';
import { CONTENT, Poller, serve, V2025 } from './task-poller.js';
import { decide, Hearing, held, pending, STATELESS, STATELESS_HEADERS } from './waiter.js';

/** Calls of `held` wait for people; what servers answer to calls is masked. `refused` may never pass. */
const POLICY = `package regate.main

default decision := {"effect": "allow", "reasons": [], "mask": [], "labels": []}

decision := {"effect": "allow", "reasons": [], "mask": [{"path": "/result/content/*/text", "with": "redact"}], "labels": []} if {
	input.direction == "to_client"
	input.request.method == "tools/call"
}

decision := {"effect": "require_approval", "reasons": [], "approval": approval, "mask": [], "labels": []} if {
	input.message.params.name == "held"
	not input.approval
}

approval := {"all_of": [{"groups": ["approvers"], "quorum": 1}], "ttl_seconds": 60, "wait": input.message.params.arguments.wait}
`;
/** The harness's. */
const KEY = Buffer.from('\u0001'.repeat(32));
const REDACTED = [{ type: 'text', text: '[redacted]' }];

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start({ policy: POLICY, waitTimes: { keepAlive: 50, silent: 200, again: 50 } });
});
afterAll(() => harness.close());
beforeEach(() => {
  harness.seen.length = 0;
});

async function row(id: string) {
  const found = await harness.store.tasks.find(id, Date.now());
  if (found === undefined) throw new Error('there is no such task');
  return found;
}

/** A server that answers when it is let. */
function serveLater(): () => void {
  const over = deferred();
  harness.script(async (response, { body }) => {
    await over.promise;
    const { id } = JSON.parse(body) as { id: unknown };
    response
      .writeHead(200, { 'Content-Type': 'application/json' })
      .end(JSON.stringify({ jsonrpc: '2.0', id, result: { resultType: 'complete', content: CONTENT } }));
  });
  return over.resolve;
}

describe.each([V2025, STATELESS])('on %s', (version) => {
  const poller = (at = harness) => new Poller(version, at);

  test('what comes of a task is masked as the answer to its call, and nothing is kept in the clear', async () => {
    serve(harness, [{ type: 'text', text: 'a secret' }]);
    const { taskId } = await poller().begin({ said: 'in confidence' });
    expect(Buffer.from((await row(taskId)).call).toString('latin1')).not.toContain('in confidence');
    await decide(harness);
    const ended = await poller().ended(taskId);
    expect(ended).toMatchObject({ status: 'completed', result: { content: REDACTED } });
    expect(JSON.stringify(ended)).not.toContain('secret');
    expect(Buffer.from((await row(taskId)).outcome ?? []).toString('latin1')).not.toContain('content');
  });

  test('a gateway that stops between the question and the answer takes no task with it', async () => {
    const other = await Harness.start({ policy: POLICY, beside: harness });
    const calls = serve(harness);
    const { taskId } = await poller(other).begin();
    await other.close();
    await decide(harness);
    expect(await poller().ended(taskId)).toMatchObject({ status: 'completed' });
    expect(calls).toHaveLength(1);
  });

  test('a gateway that stops while a call runs lets it end', async () => {
    const other = await Harness.start({ policy: POLICY, beside: harness });
    const answer = serveLater();
    const { taskId } = await poller(other).begin();
    await decide(harness);
    expect(await poller(other).get(taskId)).toMatchObject({ status: 'working' });
    const closing = other.close();
    await until(() => harness.seen.length === 1);
    answer();
    await closing;
    expect((await row(taskId)).state).toBe('completed');
  });

  test('a run whose gateway is gone is a failure, and is not tried again', async () => {
    const calls = serve(harness);
    const { taskId } = await poller().begin();
    await decide(harness);
    await harness.store.tasks.begin(taskId, { runner: 'gone', aliveUntil: Date.now() }, Date.now());
    const ended = await poller().ended(taskId);
    expect(ended).toMatchObject({ status: 'failed', error: { code: -32603 } });
    expect(ended.statusMessage).toContain('whether the call took effect is not known');
    expect(calls).toEqual([]);
  });

  test('cancelled while it runs, it is given up and stays cancelled', async () => {
    const answer = serveLater();
    const { taskId } = await poller().begin();
    await decide(harness);
    await poller().get(taskId);
    await (await poller().post('tasks/cancel', { taskId })).text();
    answer();
    expect(await poller().ended(taskId)).toMatchObject({ status: 'cancelled' });
    await until(() => harness.log.some((line) => line.includes('ended after it was given up')));
    expect(await poller().get(taskId)).toMatchObject({ status: 'cancelled' });
  });

  test('whose credential is revoked has nothing run any more', async () => {
    serveLater();
    const sub = `leaver-${version}`;
    const leaver = new Poller(version, harness, sub);
    const { taskId } = await leaver.begin();
    await decide(harness);
    await leaver.get(taskId);
    await until(() => harness.live === 1); // the run, and no request
    const revoker = await harness.token({ sub: 'revoker', groups: ['revokers'] });
    const revocation = JSON.stringify({ subject: sub, reason: 'gone' });
    const authorization = { Authorization: `Bearer ${revoker}` };
    const made = await harness.fetch('POST', revocation, authorization, '/api/revocations');
    expect(made.status).toBe(201);
    await until(() => harness.live === 0);
    const settled = async () => {
      while ((await row(taskId)).state === 'running')
        await (await leaver.post('tasks/get', { taskId })).text();
      return row(taskId);
    };
    expect(await settled()).toMatchObject({ state: 'failed' });
    expect((await leaver.post('tasks/get', { taskId })).status).toBe(401);
  });

  test('what was put in the place of another is no task, nor what is over', async () => {
    serve(harness);
    const { taskId } = await poller().begin();
    const task = await row(taskId);
    const id = new TaskIds(KEY).make(task.principalId, task.upstream);
    const bytes = 1 << 30;
    const caps = { perPrincipal: 1_000, bytesPerPrincipal: bytes, all: 1_000, bytes };
    expect(await harness.store.tasks.create({ ...task, id }, caps)).toBeUndefined();
    expect((await poller().post('tasks/get', { taskId })).status).toBe(200);
    expect((await poller().post('tasks/get', { taskId: id })).status).toBe(503);
    await harness.store.tasks.cancel(id, Date.now());
    const over = {
      ...task,
      id: new TaskIds(KEY).make(task.principalId, task.upstream),
      expiresAt: Date.now(),
    };
    expect(await harness.store.tasks.create(over, caps)).toBeUndefined();
    expect(await errorOf(await poller().post('tasks/get', { taskId: over.id }))).toMatchObject({
      code: -32602,
    });
    await decide(harness, 'deny');
  });
});

test('a gateway that must stop ends what still runs, and says what is not known', async () => {
  const other = await Harness.start({ policy: POLICY, beside: harness });
  const answer = serveLater();
  const poller = new Poller(V2025, other);
  const { taskId } = await poller.begin();
  await decide(harness);
  await poller.get(taskId);
  await other.close();
  answer();
  const ended = await new Poller(V2025, harness).ended(taskId);
  expect(ended).toMatchObject({ status: 'failed', error: { code: -31004 } });
  expect(ended.statusMessage).toContain('whether it took effect is not known');
});

test('a server that needs input before it runs is a failure', async () => {
  harness.script((response, { body }) => {
    const { id } = JSON.parse(body) as { id: unknown };
    const result = { resultType: 'input_required', requestState: 'theirs' };
    response
      .writeHead(200, { 'Content-Type': 'application/json' })
      .end(JSON.stringify({ jsonrpc: '2.0', id, result }));
  });
  const poller = new Poller(STATELESS, harness);
  const { taskId } = await poller.begin();
  await decide(harness);
  expect(await poller.ended(taskId)).toMatchObject({ status: 'failed', error: { code: -32603 } });
});

test('a principal has so many tasks and no more', async () => {
  serve(harness);
  const poller = new Poller(V2025, harness, 'hoarder');
  const { taskId } = await poller.begin();
  const task = await row(taskId);
  const caps = { perPrincipal: 200, bytesPerPrincipal: 1 << 30, all: 1_000, bytes: 1 << 30 };
  for (let nth = 1; nth < 200; nth += 1)
    expect(await harness.store.tasks.create({ ...task, id: `${nth}` }, caps)).toBeUndefined();
  await decide(harness, 'deny');
  const call = { name: 'held', arguments: { wait: { styles: ['task'], hold_seconds: 1 } }, task: {} };
  expect(await errorOf(await poller.post('tools/call', call))).toMatchObject({
    code: -31005,
    message: 'this principal has too many tasks already',
  });
  await decide(harness, 'deny');
});

describe('tasks/result', () => {
  const ask = (taskId: string, headers: Record<string, string> = {}) =>
    harness.post(
      { jsonrpc: '2.0', id: 8, method: 'tasks/result', params: { taskId, _meta: { progressToken: 't' } } },
      { 'MCP-Protocol-Version': V2025, ...headers },
    );
  const poller = () => new Poller(V2025, harness);

  test('waits until people have decided, says that it does, and has the call run', async () => {
    const calls = serve(harness);
    const { taskId } = await poller().begin();
    const hearing = new Hearing(await ask(taskId));
    await until(() => hearing.messages.length > 0);
    expect(hearing.messages[0]).toMatchObject({
      method: 'notifications/progress',
      params: { progressToken: 't', message: `waits for the end of the task ${taskId}` },
    });
    await decide(harness);
    expect((await hearing.all).at(-1)).toEqual({
      jsonrpc: '2.0',
      id: 8,
      result: {
        resultType: 'complete',
        content: REDACTED,
        _meta: { 'io.modelcontextprotocol/related-task': { taskId } },
      },
    });
    expect(calls).toHaveLength(1);
  });

  test('of several that wait, at two gateways, all get the one answer', async () => {
    const other = await Harness.start({ policy: POLICY, beside: harness });
    try {
      const calls = serve(harness);
      const { taskId } = await poller().begin();
      const there = other.post(
        { jsonrpc: '2.0', id: 8, method: 'tasks/result', params: { taskId } },
        { 'MCP-Protocol-Version': V2025 },
      );
      const heard = [
        new Hearing(await ask(taskId)),
        new Hearing(await ask(taskId)),
        new Hearing(await there),
      ];
      await decide(harness);
      for (const { all } of heard)
        expect((await all).at(-1)).toMatchObject({ result: { content: REDACTED } });
      expect(calls).toHaveLength(1);
    } finally {
      await other.close();
    }
  });

  test('a caller that takes no stream is told to ask again', async () => {
    serve(harness);
    const { taskId } = await poller().begin();
    const response = await ask(taskId, { Accept: 'application/json' });
    expect(await errorOf(response)).toMatchObject({ code: -31002, message: 'the task is not over yet' });
    await decide(harness, 'deny');
    expect(await errorOf(await ask(taskId))).toMatchObject({ code: -31003 });
  });

  test('who leaves has nothing run', async () => {
    const calls = serve(harness);
    const { taskId } = await poller().begin();
    await (await ask(taskId)).body?.cancel();
    await until(() => harness.live === 0);
    await decide(harness);
    expect((await row(taskId)).state).toBe('waiting');
    expect(calls).toEqual([]);
    expect(await poller().ended(taskId)).toMatchObject({ status: 'completed' });
  });

  test('who cancels elsewhere ends the wait', async () => {
    serve(harness);
    const { taskId } = await poller().begin();
    const hearing = new Hearing(await ask(taskId));
    await (await poller().post('tasks/cancel', { taskId })).text();
    expect((await hearing.all).at(-1)).toMatchObject({ error: { message: 'the task was cancelled' } });
    await decide(harness, 'deny');
    expect(harness.seen).toEqual([]);
  });
});

test("a list holds what is the principal's own, with or without a list of the server", async () => {
  serve(harness);
  const lister = new Poller(V2025, harness, 'lister');
  const { taskId } = await lister.begin();
  const list = async (of: Poller) => (await (await of.post('tasks/list', {})).json()) as object;
  harness.script((response, { body }) => {
    const { id } = JSON.parse(body) as { id: number };
    const error = { code: -32601, message: 'Method not found' };
    response
      .writeHead(200, { 'Content-Type': 'application/json' })
      .end(JSON.stringify({ jsonrpc: '2.0', id, error }));
  });
  expect(await list(lister)).toMatchObject({ result: { tasks: [{ taskId, status: 'working' }] } });
  expect(await list(new Poller(V2025, harness, 'nobody'))).toMatchObject({ error: { code: -32601 } });
  const theirs = { taskId: 'theirs', status: 'working', createdAt: 'c', lastUpdatedAt: 'l', ttl: null };
  harness.answerJson(JSON.stringify({ jsonrpc: '2.0', id: 7, result: { tasks: [theirs], nextCursor: 'n' } }));
  expect(await list(lister)).toMatchObject({ result: { tasks: [{ taskId }], nextCursor: 'n' } });
  const next = (await (await lister.post('tasks/list', { cursor: 'n' })).json()) as object;
  expect(next).toMatchObject({ result: { tasks: [] } });
  await decide(harness, 'deny');
});

describe('who cannot', () => {
  test.each([
    ['a call of 2025-11-25 that asks for none', {}, { 'MCP-Protocol-Version': V2025 }, -31002],
    ['a client of 2026-07-28 that knows none', { capabilities: {} }, STATELESS_HEADERS, -31002],
    ['a call of another version', { params: { task: {} } }, { 'MCP-Protocol-Version': '2025-06-18' }, -31002],
  ])('%s gets the next style', async (name, more, headers, code) => {
    const args = { wait: { styles: ['task', 'return'], hold_seconds: 1 }, name };
    expect(await errorOf(await harness.post(held(args, more), headers))).toMatchObject({ code });
    await decide(harness, 'deny');
  });

  test('a client of 2026-07-28 that does not say that it knows tasks may not ask for one', async () => {
    serve(harness);
    const poller = new Poller(STATELESS, harness);
    const { taskId } = await poller.begin();
    for (const method of ['tasks/get', 'tasks/cancel']) {
      const response = await poller.post(method, { taskId }, {});
      expect(response.status).toBe(400);
      expect(await errorOf(response)).toMatchObject({
        code: -32021,
        data: { requiredCapabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } } },
      });
    }
    await decide(harness, 'deny');
  });
});

test('input for a task that asks for none is passed over', async () => {
  serve(harness);
  const poller = new Poller(STATELESS, harness);
  const { taskId } = await poller.begin();
  const response = await poller.post('tasks/update', { taskId, inputResponses: {} });
  expect(await response.json()).toMatchObject({ result: { resultType: 'complete' } });
  expect(harness.seen).toEqual([]);
  await decide(harness, 'deny');
});

test('a server is not asked to tell of tasks that it does not have', async () => {
  serve(harness);
  const poller = new Poller(STATELESS, harness);
  const { taskId } = await poller.begin();
  await pending(harness);
  const notifications = { toolsListChanged: true, taskIds: [taskId] };
  await (await poller.post('subscriptions/listen', { notifications })).text();
  const { params } = JSON.parse(harness.seen.at(-1)?.body ?? '') as { params: Record<string, unknown> };
  expect(params['notifications']).toEqual({ toolsListChanged: true, taskIds: [] });
  await decide(harness, 'deny');
});
