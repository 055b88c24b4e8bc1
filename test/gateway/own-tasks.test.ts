import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../identity/issuer.js';
import { deferred, errorOf, Harness } from './harness.js';
import { decide, pending, STATELESS, STRICT, WAITING } from './waiter.js';

/** `task`: the call is answered at once with a task, which the client polls. */
const V2025 = '2025-11-25';
const EXTENSION = 'io.modelcontextprotocol/tasks';
const CAPABILITIES = { extensions: { [EXTENSION]: {} } };
const META = {
  'io.modelcontextprotocol/protocolVersion': STATELESS,
  'io.modelcontextprotocol/clientCapabilities': CAPABILITIES,
};
const WAIT = { wait: { styles: ['task'], hold_seconds: 1 } };
const CONTENT = [{ type: 'text', text: 'done' }];

let harness: Harness;
let nth = 0;
beforeAll(async () => {
  harness = await Harness.start({ policy: WAITING, waitTimes: { keepAlive: 50, silent: 200, again: 50 } });
});
afterAll(() => harness.close());
beforeEach(() => {
  harness.seen.length = 0;
  nth += 1;
});

interface Task {
  taskId: string;
  status: string;
  statusMessage?: string;
  result?: Record<string, unknown>;
  error?: { code: number; message: string; data?: Record<string, unknown> };
  [member: string]: unknown;
}

/** A client of one version, as one principal. */
class Poller {
  readonly #version: string;
  readonly #at: Harness;
  readonly #sub: string;

  constructor(version: string, at = harness, sub = 'job') {
    this.#version = version;
    this.#at = at;
    this.#sub = sub;
  }

  get #isStateless(): boolean {
    return this.#version === STATELESS;
  }

  async post(
    method: string,
    params: Record<string, unknown>,
    capabilities: object = CAPABILITIES,
  ): Promise<Response> {
    const meta = { ...META, 'io.modelcontextprotocol/clientCapabilities': capabilities };
    const name = params['taskId'] ?? params['name'];
    return this.#at.post(
      { jsonrpc: '2.0', id: 7, method, params: this.#isStateless ? { _meta: meta, ...params } : params },
      {
        Authorization: `Bearer ${await this.#at.token({ sub: this.#sub })}`,
        'MCP-Protocol-Version': this.#version,
        ...(this.#isStateless && { 'Mcp-Method': method }),
        ...(this.#isStateless && typeof name === 'string' && { 'Mcp-Name': name }),
      },
    );
  }

  /** Calls the held tool as a task. */
  async begin(args: object = {}, params: object = {}): Promise<Task> {
    const asks = this.#isStateless ? {} : { task: { ttl: 60_000 } };
    const { result } = (await (
      await this.post('tools/call', {
        name: 'held',
        arguments: { ...WAIT, nth, ...args },
        ...asks,
        ...params,
      })
    ).json()) as { result: Record<string, unknown> };
    return (this.#isStateless ? result : result['task']) as Task;
  }

  async get(taskId: string): Promise<Task> {
    const { result } = (await (await this.post('tasks/get', { taskId })).json()) as { result: Task };
    return result;
  }

  /** How a task ended; what came of it is part of it in 2026-07-28, and fetched in 2025-11-25. */
  async ended(taskId: string): Promise<Task> {
    for (;;) {
      const task = await this.get(taskId);
      if (task.status === 'working') {
        await delay(5);
        continue;
      }
      if (this.#isStateless || task.status === 'cancelled') return task;
      const text = await (await this.post('tasks/result', { taskId })).text();
      const answer = JSON.parse(text) as Pick<Task, 'result' | 'error'>;
      return { ...task, ...answer };
    }
  }
}

/** The server does what it is asked, and says how often and with what. */
function serve(content: unknown = CONTENT): Record<string, unknown>[] {
  const calls: Record<string, unknown>[] = [];
  harness.script((response, { body }) => {
    const { id, params } = JSON.parse(body) as { id: unknown; params: Record<string, unknown> };
    calls.push(params);
    response
      .writeHead(200, { 'Content-Type': 'application/json' })
      .end(JSON.stringify({ jsonrpc: '2.0', id, result: { resultType: 'complete', content } }));
  });
  return calls;
}

describe.each([V2025, STATELESS])('on %s', (version) => {
  const poller = () => new Poller(version);

  test('a call that a human agrees to runs once, with the poll that comes then', async () => {
    const calls = serve();
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
    const calls = serve();
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
    const calls = serve();
    const task = await poller().begin({ amount: 5 });
    await decide(harness, 'approve', '{"amount":4}');
    expect(await poller().ended(task.taskId)).toMatchObject({
      result: { content: CONTENT, _meta: { 'regate/narrowed': true } },
    });
    expect(calls).toMatchObject([{ arguments: { amount: 4 } }]);
  });

  test.each(['before', 'after'])('cancelled %s the vote it never runs', async (when) => {
    const calls = serve();
    const task = await poller().begin();
    if (when === 'after') await decide(harness);
    const answer = (await (await poller().post('tasks/cancel', { taskId: task.taskId })).json()) as object;
    expect(answer).toMatchObject({ result: version === STATELESS ? {} : { status: 'cancelled' } });
    if (when === 'before') await decide(harness);
    expect(await poller().ended(task.taskId)).toMatchObject({ status: 'cancelled' });
    expect(calls).toEqual([]);
  });

  test("nobody else's is known, nor one that was made up, nor at another version", async () => {
    serve();
    const { taskId } = await poller().begin();
    const made = `${taskId.slice(0, -3)}AAA`;
    const strangers = [
      await new Poller(version, harness, 'other').post('tasks/get', { taskId }),
      await new Poller(version, harness, 'other').post('tasks/cancel', { taskId }),
      await poller().post('tasks/get', { taskId: made }),
      await poller().post('tasks/get', { taskId: `${taskId}.x` }),
      await new Poller(version === V2025 ? STATELESS : V2025).post('tasks/get', { taskId }),
    ];
    for (const response of strangers) expect(await errorOf(response)).toMatchObject({ code: -32602 });
    expect(harness.seen).toEqual([]);
    await decide(harness, 'deny');
  });

  test('another gateway of the store answers for it, and runs it', async () => {
    const other = await Harness.start({ policy: WAITING, beside: harness });
    try {
      const calls = serve();
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
      const calls = serve();
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
    serve([{ type: 'text', text: 'refused' }]);
    const { taskId } = await poller().begin();
    await decide(harness);
    expect(await poller().ended(taskId)).toMatchObject({ status: 'failed', error: { code: -31001 } });
  });

  test('a large result comes whole', async () => {
    const text = 'x'.repeat((1 << 20) - 400);
    serve([{ type: 'text', text }]);
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
