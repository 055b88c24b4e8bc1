import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../identity/issuer.js';
import { deferred, errorOf, Harness } from './harness.js';
import { CONTENT, Poller, serve, V2025 } from './task-poller.js';
import { decide, pending, STATELESS, STRICT, WAITING } from './waiter.js';

/** `task`: the call is answered at once with a task, which the client polls. */
let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start({ policy: WAITING, waitTimes: { keepAlive: 50, silent: 200, again: 50 } });
});
afterAll(() => harness.close());
beforeEach(() => {
  harness.seen.length = 0;
});

describe.each([V2025, STATELESS])('on %s', (version) => {
  const poller = () => new Poller(version, harness);

  test('a call that a human agrees to runs once, with the poll that comes then', async () => {
    const calls = serve(harness);
    const task = await poller().begin();
    const [id] = await pending(harness);
    expect(task).toMatchObject({
      status: 'working',
      statusMessage: `a human must approve this call (${id}, by approvers).`,
    });
    expect(await poller().get(task.taskId)).toMatchObject({
      taskId: task.taskId,
      status: 'working',
      _meta: { 'regate/approval': { id, url: `http://gateway.test/api/approvals/${id}` } },
    });
    expect(calls).toEqual([]);
    await decide(harness);
    expect(await poller().ended(task.taskId)).toMatchObject({
      status: 'completed',
      result: { content: CONTENT },
    });
    expect(await poller().ended(task.taskId)).toMatchObject({
      status: 'completed',
      result: { content: CONTENT },
    });
    expect(calls).toHaveLength(1);
    expect(calls[0]).not.toHaveProperty('task');
    const decisions = (await harness.decisions()).filter(({ approval_id }) => approval_id === id);
    expect(decisions.map(({ effect }) => effect)).toEqual(['require_approval', 'allow']);
  });

  test.each([
    ['denied', (harness: Harness) => decide(harness, 'deny')],
    ['expired', async () => delay(1_050)],
  ])('a call that is %s fails and says so', async (state, decided) => {
    const calls = serve(harness);
    const task = await poller().begin({ ttl: state === 'expired' ? 1 : 60 });
    await decided(harness);
    expect(await poller().ended(task.taskId)).toMatchObject({
      status: 'failed',
      statusMessage: `the approval ${state === 'denied' ? 'was' : 'has'} ${state}`,
      error: { code: -31003, data: { approval: { state } } },
    });
    expect(calls).toEqual([]);
  });

  test('it runs with the arguments that were agreed to, and says so', async () => {
    const calls = serve(harness);
    const task = await poller().begin({ amount: 5 });
    await decide(harness, 'approve', '{"amount":4}');
    expect(await poller().ended(task.taskId)).toMatchObject({
      result: { content: CONTENT, _meta: { 'regate/narrowed': true } },
    });
    expect(calls).toMatchObject([{ arguments: { amount: 4 } }]);
  });

  test.each(['before', 'after'])('cancelled %s the vote it never runs', async (when) => {
    const calls = serve(harness);
    const task = await poller().begin();
    if (when === 'after') await decide(harness);
    const answer = (await (await poller().post('tasks/cancel', { taskId: task.taskId })).json()) as object;
    expect(answer).toMatchObject({ result: version === STATELESS ? {} : { status: 'cancelled' } });
    if (when === 'before') await decide(harness);
    expect(await poller().ended(task.taskId)).toMatchObject({ status: 'cancelled' });
    expect(calls).toEqual([]);
  });

  test("nobody else's is known, nor one that was made up, nor at another version", async () => {
    serve(harness);
    const { taskId } = await poller().begin();
    const made = `${taskId.slice(0, -3)}AAA`;
    const strangers = [
      await new Poller(version, harness, 'other').post('tasks/get', { taskId }),
      await new Poller(version, harness, 'other').post('tasks/cancel', { taskId }),
      await poller().post('tasks/get', { taskId: made }),
      await poller().post('tasks/get', { taskId: `${taskId}.x` }),
      await new Poller(version === V2025 ? STATELESS : V2025, harness).post('tasks/get', { taskId }),
    ];
    for (const response of strangers) expect(await errorOf(response)).toMatchObject({ code: -32602 });
    expect(harness.seen).toEqual([]);
    await decide(harness, 'deny');
  });

  test('another gateway of the store answers for it, and runs it', async () => {
    const other = await Harness.start({ policy: WAITING, beside: harness });
    try {
      const calls = serve(harness);
      const { taskId } = await poller().begin();
      await decide(harness);
      const there = new Poller(version, other);
      const [one, two] = await Promise.all([there.ended(taskId), poller().ended(taskId)]);
      expect(one).toMatchObject({ status: 'completed', result: { content: CONTENT } });
      expect(two).toMatchObject({ status: 'completed', result: { content: CONTENT } });
      expect(calls).toHaveLength(1);
    } finally {
      await other.close();
    }
  });

  test('the policy in force then decides whether what was agreed to is enough', async () => {
    const strict = await Harness.start({ policy: STRICT, beside: harness });
    try {
      const calls = serve(harness);
      const { taskId } = await poller().begin();
      await decide(harness);
      expect(await new Poller(version, strict).ended(taskId)).toMatchObject({
        status: 'failed',
        error: { code: -31003, data: { approval: { state: 'other_terms' } } },
      });
      expect(calls).toEqual([]);
    } finally {
      await strict.close();
    }
  });

  test('what policy refuses of the answer is a failure', async () => {
    serve(harness, [{ type: 'text', text: 'refused' }]);
    const { taskId } = await poller().begin();
    await decide(harness);
    expect(await poller().ended(taskId)).toMatchObject({ status: 'failed', error: { code: -31001 } });
  });

  test('a large result comes whole', async () => {
    const text = 'x'.repeat((1 << 20) - 400);
    serve(harness, [{ type: 'text', text }]);
    const { taskId } = await poller().begin();
    await decide(harness);
    expect(await poller().ended(taskId)).toMatchObject({ result: { content: [{ text }] } });
  });

  test('a server that is gone is a failure, and the call is not made again', async () => {
    harness.script((response) => void response.destroy());
    const { taskId } = await poller().begin();
    await decide(harness);
    expect(await poller().ended(taskId)).toMatchObject({ status: 'failed', error: { code: -32603 } });
    expect(await poller().ended(taskId)).toMatchObject({ status: 'failed' });
    expect(harness.seen).toHaveLength(1);
  });

  test('what a server asks in the meantime is declined, and its stream read to the answer', async () => {
    const declined: unknown[] = [];
    harness.script((response, { body }) => {
      const message = JSON.parse(body) as { id: unknown; method?: string };
      if (message.method === undefined) {
        declined.push(message);
        response.writeHead(202).end();
        return;
      }
      const asks = version === STATELESS ? [] : [{ jsonrpc: '2.0', id: 99, method: 'roots/list' }];
      const result = { resultType: 'complete', content: CONTENT };
      const messages = [
        { jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'x' } },
        ...asks,
        { jsonrpc: '2.0', id: message.id, result },
      ];
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.end(messages.map((each) => `data: ${JSON.stringify(each)}\n\n`).join(''));
    });
    const { taskId } = await poller().begin();
    await decide(harness);
    expect(await poller().ended(taskId)).toMatchObject({ result: { content: CONTENT } });
    if (version === V2025) {
      await until(() => declined.length === 1);
      expect(declined).toMatchObject([{ id: 99, error: { code: -32603 } }]);
    }
  });

  test('a run outlasts the request that began it', async () => {
    const over = deferred();
    const calls: unknown[] = [];
    harness.script(async (response, { body }) => {
      const { id } = JSON.parse(body) as { id: unknown };
      calls.push(id);
      await over.promise;
      const result = { resultType: 'complete', content: CONTENT };
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
    });
    const { taskId } = await poller().begin();
    await decide(harness);
    expect(await poller().get(taskId)).toMatchObject({ status: 'working', statusMessage: 'the call runs' });
    over.resolve();
    expect(await poller().ended(taskId)).toMatchObject({ status: 'completed' });
    expect(calls).toHaveLength(1);
  });
});
