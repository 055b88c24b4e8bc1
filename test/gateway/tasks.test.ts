import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { everythingCommand } from '../../src/demo/demo.js';
import { type Part, startPart } from '../../src/demo/part.js';
import { choosePorts } from '../../src/demo/ports.js';
import { Identified, type RequestMessage, type ResponseMessage } from '../../src/domain/index.js';
import { Tasks } from '../../src/gateway/tasks.js';
import { decodeMessage, readJson } from '../../src/protocol/index.js';
import { createHttpUpstream } from '../../src/upstream/index.js';
import { errorOf, Harness } from './harness.js';
import { starterWith } from './starter.js';

/** Calls that are answered later, under the starter policy: whoever may call the tool gets on with its task, nobody else. */
const STARTER = starterWith({
  roles: { grants: [{ groups: ['jobs'], upstream: 'tools', tools: ['simulate-research-query', 'find'] }] },
  responses: {
    detectors: {},
    fields: [{ upstream: 'tools', tool: 'find', path: '/result/structuredContent/notes', with: 'remove' }],
  },
});

const IDENTIFIED = new Identified(
  { exchangeId: 'e', upstream: { name: 'tools', labels: {} }, method: 'POST', headers: {} },
  {
    id: 'issuer|job',
    issuer: 'issuer',
    subject: 'job',
    client_id: 'job',
    kind: 'oidc',
    groups: [],
    roles: [],
    scopes: [],
    claims: {},
    binding: 'none',
  },
);

async function withStarter(harness: Harness): Promise<Harness> {
  await harness.engine.activate(await STARTER);
  return harness;
}

describe('with the official client and server', () => {
  const AS_TASK = 'simulate-research-query';
  let folder: string;
  let everything: Part;
  let harness: Harness;
  const clients: Client[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'regate-tasks-'));
    const { everything: port } = await choosePorts('0', undefined);
    const url = `http://127.0.0.1:${port}/mcp`;
    everything = await startPart(
      {
        name: 'everything',
        ...everythingCommand(port),
        readyUrl: url,
        logFile: join(folder, 'everything.log'),
      },
      new AbortController().signal,
    );
    const road = createHttpUpstream({ name: 'tools', url, headers: {}, timeoutMilliseconds: 20_000 });
    harness = await withStarter(await Harness.start({ withoutPolicy: true, road }));
  });

  afterAll(async () => {
    for (const client of clients) await client.close();
    await harness?.close();
    await everything?.stop();
    rmSync(folder, { recursive: true });
  });

  async function clientOf(sub: string, groups: string[]): Promise<Client> {
    const client = new Client({ name: sub, version: '1' }, { capabilities: {} });
    const token = await harness.token({ sub, groups });
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${harness.url}/mcp/tools`), {
        requestInit: { headers: { Authorization: `Bearer ${token}` } },
      }),
    );
    clients.push(client);
    return client;
  }

  /** Calls the tool as a task and waits for its result. */
  async function research(client: Client): Promise<{ taskId: string; kinds: string[] }> {
    await client.listTools();
    const stream = client.experimental.tasks.callToolStream(
      { name: AS_TASK, arguments: { topic: 'gateways', ambiguous: false } },
      undefined,
      { task: { ttl: 60_000 } },
    );
    let taskId = '';
    const kinds: string[] = [];
    for await (const message of stream) {
      kinds.push(message.type);
      if (message.type === 'taskCreated') taskId = message.task.taskId;
    }
    return { taskId, kinds };
  }

  test('a principal that may call a tool follows, fetches, lists and cancels its own task, and no other does', async () => {
    const ada = await clientOf('ada', ['jobs']);
    const bob = await clientOf('bob', ['jobs']);
    const { taskId, kinds } = await research(ada);
    expect(kinds).toEqual(expect.arrayContaining(['taskCreated', 'taskStatus', 'result']));

    const tasksOf = (client: Client) => client.experimental.tasks;
    expect((await tasksOf(ada).getTask(taskId)).status).toBe('completed');
    expect((await tasksOf(ada).listTasks()).tasks.map((task) => task.taskId)).toContain(taskId);
    await expect(tasksOf(ada).cancelTask(taskId)).rejects.not.toThrow('no such task');

    expect((await tasksOf(bob).listTasks()).tasks).toEqual([]);
    await expect(tasksOf(bob).getTask(taskId)).rejects.toThrow('there is no such task');
    await expect(tasksOf(bob).getTaskResult(taskId)).rejects.toThrow('there is no such task');
    await expect(tasksOf(bob).cancelTask(taskId)).rejects.toThrow('there is no such task');
  });

  test('who may not call the tool gets no task', async () => {
    const eve = await clientOf('eve', ['others']);
    const stream = eve.experimental.tasks.callToolStream(
      { name: AS_TASK, arguments: { topic: 'x', ambiguous: false } },
      undefined,
      { task: { ttl: 60_000 } },
    );
    const kinds: string[] = [];
    for await (const message of stream) kinds.push(message.type);
    expect(kinds).toEqual(['error']);
  });
});

test("only so many calls are kept: beyond 64 MB of them the oldest tasks are nobody's", () => {
  const tasks = new Tasks();
  const session = { id: 's', protocol_version: '2025-11-25', client: { name: '', version: '' } } as const;
  const conversation = { identified: IDENTIFIED, session };
  const decode = (text: string) => decodeMessage(readJson(Buffer.from(text)));
  const begin = (id: string) => {
    const call = decode(
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"find","task":{},"x":"${'x'.repeat(30 << 20)}"}}`,
    ) as RequestMessage;
    const answer = decode(`{"jsonrpc":"2.0","id":1,"result":{"task":{"taskId":"${id}"}}}`) as ResponseMessage;
    tasks.learn(conversation, call, answer);
  };
  const isOwn = (id: string) => {
    const ask = decode(`{"jsonrpc":"2.0","id":1,"method":"tasks/get","params":{"taskId":"${id}"}}`);
    try {
      tasks.mustOwn(IDENTIFIED, ask, () => false);
      return true;
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: 'task_unknown' });
      return false;
    }
  };
  for (const id of ['a', 'b', 'c']) begin(id);
  expect(['a', 'b', 'c'].map(isOwn)).toEqual([false, true, true]);
  const fetched = (id: string) =>
    decode(`{"jsonrpc":"2.0","id":1,"method":"tasks/result","params":{"taskId":"${id}"}}`) as RequestMessage;
  expect(tasks.judgedBy(IDENTIFIED, fetched('c')).method).toBe('tools/call');
  expect(() => tasks.judgedBy(IDENTIFIED, fetched('a'))).toThrow('there is no such task');
});

describe('with a scripted server', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await withStarter(await Harness.start({ withoutPolicy: true }));
  });
  afterAll(() => harness.close());
  beforeEach(() => {
    harness.seen.length = 0;
  });

  const SECRET = '{"content":[],"structuredContent":{"notes":"secret","name":"Ada"}}';
  const task = (id: string) =>
    `{"taskId":"${id}","status":"working","ttl":null,"createdAt":"c","lastUpdatedAt":"l"}`;
  const answering = (result: string) => harness.answerJson(`{"jsonrpc":"2.0","id":1,"result":${result}}`);

  describe('of 2025-11-25', () => {
    const post = async (method: string, params: object, sub = 'job') =>
      harness.post(
        { jsonrpc: '2.0', id: 1, method, params },
        {
          'MCP-Protocol-Version': '2025-11-25',
          Authorization: `Bearer ${await harness.token({ sub })}`,
        },
      );
    const begin = async (id: string, sub = 'job') => {
      answering(`{"task":${task(id)}}`);
      return post('tools/call', { name: 'find', arguments: {}, task: {} }, sub);
    };

    test("a task's result is judged as the answer to its call", async () => {
      expect((await begin('t1')).status).toBe(200);
      answering(SECRET);
      const text = await (await post('tasks/result', { taskId: 't1' })).text();
      expect([text.includes('Ada'), text.includes('secret')]).toEqual([true, false]);
      expect((await harness.decisions()).at(-1)).toMatchObject({ method: 'tools/call', tool: 'find' });
    });

    test("a task's result that is no answer to its call is none", async () => {
      await begin('t2');
      answering('{"content":"secret"}');
      expect((await post('tasks/result', { taskId: 't2' })).status).toBe(502);
    });

    test.each(['tasks/get', 'tasks/result', 'tasks/cancel'])(
      "%s of another's task, or of nobody's, is refused and not sent",
      async (method) => {
        await begin('t3', 'other');
        harness.seen.length = 0;
        for (const taskId of ['t3', 'nobody', '__proto__']) {
          const response = await post(method, { taskId });
          expect([response.status, await errorOf(response)]).toMatchObject([200, { code: -32602 }]);
        }
        const spelled = await post(method, { taskId: 't1', TaskId: 't3' });
        expect((await errorOf(spelled)).code).toBe(-32602);
        expect(harness.seen).toEqual([]);
      },
    );

    test("a list of tasks holds the principal's own only", async () => {
      await begin('mine');
      await begin('theirs', 'other');
      answering(`{"tasks":[${task('theirs')},${task('mine')},${task('nobody')}]}`);
      const { result } = (await (await post('tasks/list', {})).json()) as {
        result: { tasks: { taskId: string }[] };
      };
      expect(result.tasks.map(({ taskId }) => taskId)).toEqual(['mine']);
    });

    test('a task stays with whom it was given to first', async () => {
      await begin('once', 'other');
      await begin('once');
      expect((await errorOf(await post('tasks/get', { taskId: 'once' }))).code).toBe(-32602);
    });

    test('what is no task of a call belongs to nobody', async () => {
      answering(`{"content":[],"task":${task('smuggled')}}`);
      await post('tools/call', { name: 'find', arguments: {} });
      expect((await errorOf(await post('tasks/get', { taskId: 'smuggled' }))).code).toBe(-32602);
    });
  });

  describe('of 2026-07-28', () => {
    const META = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    const post = async (method: string, name: string, params: object, sub = 'job') =>
      harness.post(
        { jsonrpc: '2.0', id: 1, method, params: { _meta: META, ...params } },
        {
          'MCP-Protocol-Version': '2026-07-28',
          'Mcp-Method': method,
          ...(name !== '' && { 'Mcp-Name': name }),
          Authorization: `Bearer ${await harness.token({ sub })}`,
        },
      );
    const begin = (id: string, sub = 'job') => {
      answering(`{"resultType":"task","taskId":"${id}","status":"working"}`);
      return post('tools/call', 'find', { name: 'find', arguments: {} }, sub);
    };

    test('a task is followed by whom it was given to, without what its tool may not show', async () => {
      await begin('n1');
      answering(
        `{"resultType":"complete","taskId":"n1","status":"completed","createdAt":"c","lastUpdatedAt":"l","ttlMs":null,"result":${SECRET}}`,
      );
      const text = await (await post('tasks/get', 'n1', { taskId: 'n1' })).text();
      expect([text.includes('Ada'), text.includes('secret')]).toEqual([true, false]);
    });

    test("another's task is neither asked for, nor stopped, nor given input", async () => {
      await begin('n2', 'other');
      harness.seen.length = 0;
      for (const [method, more] of [
        ['tasks/get', {}],
        ['tasks/cancel', {}],
        ['tasks/update', { inputResponses: {} }],
      ] as const) {
        const response = await post(method, 'n2', { taskId: 'n2', ...more });
        expect((await errorOf(response)).code).toBe(-32602);
      }
      const listen = { notifications: { taskIds: ['n1', 'n2'] } };
      expect((await errorOf(await post('subscriptions/listen', '', listen))).code).toBe(-32602);
      expect(harness.seen).toEqual([]);
    });
  });
});
