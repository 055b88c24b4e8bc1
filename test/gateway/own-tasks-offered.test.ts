import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { errorOf, Harness } from './harness.js';
import { CONTENT, Poller, V2025 } from './task-poller.js';
import { decide, pending, STATELESS, WAITING } from './waiter.js';

/** Where the gateway says that calls may be tasks, of a server that knows none or some. */
const TASKS = { list: {}, cancel: {}, requests: { tools: { call: {} } } };
const EXTENSION = 'io.modelcontextprotocol/tasks';
const tool = (name: string, more: object = {}) => ({ name, inputSchema: { type: 'object' }, ...more });

let harness: Harness;
let client: Client | undefined;
beforeAll(async () => {
  harness = await Harness.start({
    policy: WAITING,
    offersTasks: true,
    waitTimes: { keepAlive: 50, silent: 200, again: 50, poll: 20 },
  });
});
afterEach(async () => {
  await client?.close();
  client = undefined;
});
afterAll(() => harness.close());
beforeEach(() => {
  harness.seen.length = 0;
});

type Answers = Record<string, (params: Record<string, unknown>) => object>;

/** A server that answers each method as it is told, and of the others that it does not know them. */
function serve(answers: Answers): { method: string; params: Record<string, unknown> }[] {
  const asked: { method: string; params: Record<string, unknown> }[] = [];
  harness.script((response, { method: http, body }) => {
    if (http !== 'POST') {
      response.writeHead(405).end();
      return;
    }
    const {
      id,
      method,
      params = {},
    } = JSON.parse(body) as {
      id?: number;
      method: string;
      params?: Record<string, unknown>;
    };
    if (id === undefined) {
      response.writeHead(202).end();
      return;
    }
    asked.push({ method, params });
    const answer = answers[method]?.(params) ?? { error: { code: -32601, message: 'Method not found' } };
    response
      .writeHead(200, {
        'Content-Type': 'application/json',
        ...(method === 'initialize' && { 'Mcp-Session-Id': 's' }),
      })
      .end(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
  });
  return asked;
}

const introduced = (capabilities: object) => ({
  initialize: () => ({
    result: { protocolVersion: V2025, capabilities, serverInfo: { name: 's', version: '1' } },
  }),
});
const listed = (...tools: object[]) => ({
  'tools/list': () => ({ result: { resultType: 'complete', tools } }),
});
const PLAIN: Answers = {
  ...introduced({ tools: {} }),
  ...listed(tool('held'), tool('free')),
  'tools/call': () => ({ result: { content: CONTENT } }),
};

async function connect(): Promise<Client> {
  client = new Client({ name: 'official', version: '1' }, { capabilities: {} });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${harness.url}/mcp/tools`), {
      requestInit: { headers: { Authorization: `Bearer ${await harness.token()}` } },
    }) as Parameters<Client['connect']>[0],
  );
  await client.listTools();
  return client;
}

/** What the official client hears of a call that it makes as a task. */
async function follow(of: Client, name: string, args: Record<string, unknown> = {}) {
  const kinds = new Set<string>();
  for await (const message of of.experimental.tasks.callToolStream(
    { name, arguments: args },
    CallToolResultSchema,
    { task: { ttl: 60_000 } },
  )) {
    kinds.add(message.type);
    if (message.type === 'result') return { kinds, result: message.result };
    if (message.type === 'error') return { kinds, error: message.error };
  }
  throw new Error('nothing came');
}

describe('the official client', () => {
  test('asks for tasks of a server that knows none, and gets them', async () => {
    const asked = serve(PLAIN);
    const official = await connect();
    expect(official.getServerCapabilities()?.tasks).toEqual(TASKS);
    const following = follow(official, 'held', { wait: { styles: ['task'], hold_seconds: 1 }, official: 1 });
    await decide(harness);
    const { kinds, result } = await following;
    expect([...kinds]).toEqual(['taskCreated', 'taskStatus', 'result']);
    expect(result).toMatchObject({ content: CONTENT });
    const calls = asked.filter(({ method }) => method === 'tools/call');
    expect(calls).toHaveLength(1);
    expect(calls[0]?.params).not.toHaveProperty('task');
  });

  test('gets a task where policy names no style, since it asks for one', async () => {
    serve(PLAIN);
    const following = follow(await connect(), 'held', { official: 2 });
    await decide(harness);
    const { kinds, result } = await following;
    expect([[...kinds], result]).toMatchObject([
      ['taskCreated', 'taskStatus', 'result'],
      { content: CONTENT },
    ]);
  });

  test('gets a task after it was held open, where policy wants that', async () => {
    serve(PLAIN);
    const wait = { styles: ['hold', 'task'], hold_seconds: 20 };
    const following = follow(await connect(), 'held', { wait, official: 3 });
    await decide(harness);
    expect((await following).result).toMatchObject({ content: CONTENT });
  });

  test('gets a task of a call that needs no approval, and sees and cancels its own', async () => {
    const asked = serve(PLAIN);
    const official = await connect();
    const { kinds, result } = await follow(official, 'free');
    expect([kinds.has('taskCreated'), result]).toMatchObject([true, { content: CONTENT }]);
    expect(asked.at(-1)?.params).toEqual({ name: 'free', arguments: {} });
    const { tasks } = await official.experimental.tasks.listTasks();
    expect(tasks.at(-1)).toMatchObject({ status: 'completed' });
    const { taskId } = await new Poller(V2025, harness).begin();
    expect(await official.experimental.tasks.cancelTask(taskId)).toMatchObject({ status: 'cancelled' });
    await expect(official.experimental.tasks.cancelTask(taskId)).rejects.toThrow('the task is over');
    await expect(official.experimental.tasks.getTaskResult(taskId)).rejects.toThrow('the task was cancelled');
    await decide(harness, 'deny');
  });

  test('is told what policy says against it', async () => {
    serve(PLAIN);
    const official = await connect();
    const { error } = await follow(official, 'free', { amount: 666 });
    expect(error?.message).toContain('the test says no');
  });
});

describe('what is said', () => {
  const ask = async (method: string, version = V2025, params: object = {}) =>
    (await (await new Poller(version, harness).post(method, params as Record<string, unknown>)).json()) as {
      result: Record<string, unknown>;
    };
  const initialize = (version: string) =>
    harness.post({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: version, capabilities: {}, clientInfo: { name: 'c', version: '1' } },
    });

  test.each([
    ['nothing', {}, { tasks: TASKS }],
    [
      'something else of tasks',
      { tasks: { x: 1, requests: { y: {} } } },
      { tasks: { x: 1, list: {}, cancel: {}, requests: { y: {}, tools: { call: {} } } } },
    ],
    [
      'it itself',
      { tasks: { requests: { tools: { call: {} } } } },
      { tasks: { requests: { tools: { call: {} } } } },
    ],
  ])('in a session, where the server says %s', async (_what, said, told) => {
    serve(introduced(said));
    const { result } = (await (await initialize(V2025)).json()) as { result: { capabilities: object } };
    expect(result.capabilities).toEqual(told);
  });

  test('nothing in an older version', async () => {
    serve({
      initialize: () => ({
        result: { protocolVersion: '2025-06-18', capabilities: {}, serverInfo: { name: 's', version: '1' } },
      }),
    });
    const { result } = (await (await initialize('2025-06-18')).json()) as {
      result: { capabilities: object };
    };
    expect(result.capabilities).toEqual({});
  });

  test.each([
    [{}, { extensions: { [EXTENSION]: {} } }],
    [{ extensions: { other: {} } }, { extensions: { other: {}, [EXTENSION]: {} } }],
    [{ extensions: { [EXTENSION]: { x: 1 } } }, { extensions: { [EXTENSION]: { x: 1 } } }],
  ])('in a discovery, %j', async (said, told) => {
    const supportedVersions = [STATELESS];
    const serverInfo = { name: 's', version: '1' };
    const result = { resultType: 'complete', supportedVersions, capabilities: said, serverInfo };
    serve({ 'server/discover': () => ({ result: { ...result, ttlMs: 0, cacheScope: 'private' } }) });
    expect((await ask('server/discover', STATELESS)).result['capabilities']).toEqual(told);
  });

  test('with each tool, and what is remembered of it is what the server said', async () => {
    const tools = [
      tool('plain'),
      tool('empty', { execution: {} }),
      tool('forbidden', { execution: { taskSupport: 'forbidden', x: 1 } }),
      tool('required', { execution: { taskSupport: 'required' } }),
    ];
    serve(listed(...tools));
    const { result } = await ask('tools/list');
    expect((result['tools'] as { execution: object }[]).map(({ execution }) => execution)).toEqual([
      { taskSupport: 'optional' },
      { taskSupport: 'optional' },
      { taskSupport: 'optional', x: 1 },
      { taskSupport: 'required' },
    ]);
    for (const one of tools)
      expect((await harness.store.tools.find('tools', one.name))?.definition).toBe(JSON.stringify(one));
  });
});

describe.each([V2025, STATELESS])('a server that makes tasks itself, on %s', (version) => {
  const isStateless = version === STATELESS;
  const theirs = 'täsk "1"';
  const state = {
    status: 'working',
    createdAt: 'c',
    lastUpdatedAt: 'l',
    ...(isStateless ? { ttlMs: null } : { ttl: null }),
  };
  const result = { resultType: 'complete' };
  const answers = (status: () => string): Answers => ({
    ...listed(tool('held', { execution: { taskSupport: 'required' } })),
    'tools/call': () => ({
      result: isStateless
        ? { resultType: 'task', taskId: theirs, ...state }
        : { task: { taskId: theirs, ...state } },
    }),
    'tasks/get': () => ({
      result: {
        ...result,
        taskId: theirs,
        ...state,
        status: status(),
        ...(isStateless && { result: { content: CONTENT } }),
      },
    }),
    'tasks/result': () => ({
      result: { content: CONTENT, _meta: { 'io.modelcontextprotocol/related-task': { taskId: theirs } } },
    }),
    'tasks/list': () => ({
      result: {
        tasks: [
          { taskId: theirs, ...state },
          { taskId: 'nobody', ...state },
        ],
      },
    }),
    'tasks/cancel': () => ({ result: { ...result, taskId: theirs, ...state, status: 'cancelled' } }),
  });

  test('is followed under the name that the client knows, by another gateway too', async () => {
    let status = 'working';
    const asked = serve(answers(() => status));
    const poller = new Poller(version, harness);
    await (await poller.post('tools/list', {})).text();
    const { taskId } = await poller.begin();
    await decide(harness);
    expect(await poller.get(taskId)).toMatchObject({ taskId, status: 'working' });
    const other = await Harness.start({ policy: WAITING, beside: harness });
    try {
      const there = new Poller(version, other);
      expect(await there.get(taskId)).toMatchObject({ taskId, status: 'working' });
      status = 'completed';
      expect(await there.ended(taskId)).toMatchObject({
        taskId,
        status: 'completed',
        result: { content: CONTENT },
      });
      if (!isStateless) {
        const fetched = await (await there.post('tasks/result', { taskId })).text();
        expect(fetched).toContain(taskId);
        expect(fetched).not.toContain('täsk');
        const { result: list } = (await (await there.post('tasks/list', {})).json()) as {
          result: { tasks: { taskId: string }[] };
        };
        expect(list.tasks.filter((task) => task.taskId === taskId)).toHaveLength(1);
        expect(JSON.stringify(list)).not.toMatch(/täsk|nobody/);
      }
    } finally {
      await other.close();
    }
    const calls = asked.filter(({ method }) => method === 'tools/call');
    expect(calls).toHaveLength(1);
    if (!isStateless) expect(calls[0]?.params['task']).toEqual({ ttl: 60_000 });
    const about = asked.filter(({ method }) => method === 'tasks/get');
    expect(new Set(about.map(({ params }) => params['taskId']))).toEqual(new Set([theirs]));
    const stranger = new Poller(version, harness, 'other');
    expect(await errorOf(await stranger.post('tasks/get', { taskId }))).toMatchObject({ code: -32602 });
    if (!isStateless)
      expect(await errorOf(await stranger.post('tasks/get', { taskId: theirs }))).toMatchObject({
        code: -32602,
      });
  });

  test('is cancelled', async () => {
    const asked = serve(answers(() => 'working'));
    const poller = new Poller(version, harness);
    await (await poller.post('tools/list', {})).text();
    const { taskId } = await poller.begin();
    expect(await pending(harness)).toHaveLength(1);
    await decide(harness);
    await poller.get(taskId);
    expect((await poller.post('tasks/cancel', { taskId })).status).toBe(200);
    expect(asked.at(-1)).toMatchObject({ method: 'tasks/cancel', params: { taskId: theirs } });
  });
});
