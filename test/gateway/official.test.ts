import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  type ServerNotification,
} from '@modelcontextprotocol/sdk/types.js';
import { everythingCommand } from '../../src/demo/demo.js';
import { type Part, startPart } from '../../src/demo/part.js';
import { choosePorts } from '../../src/demo/ports.js';
import { createHttpUpstream } from '../../src/upstream/index.js';
import { deferred, Harness } from './harness.js';
import { callForText, connectTaskClient, followTask } from './task-client.js';

/**
 * The official client and the official reference server, with the gateway between them and a policy that allows
 * everything: what these two say to each other is legal, and must pass.
 */
let folder: string;
let everything: Part;
let harness: Harness;
let client: Client;
const heard: ServerNotification['method'][] = [];
const logged = deferred();

const OPEN = `package regate.main

decision := {"effect": "allow", "reasons": [], "mask": [], "labels": []}
`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'regate-official-'));
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
  harness = await Harness.start({ policy: OPEN, road });
  client = new Client(
    { name: 'official', version: '1', title: 'Official' },
    {
      capabilities: {
        sampling: { tools: {}, context: {} },
        elicitation: { form: { applyDefaults: true }, url: {} },
        roots: { listChanged: true },
      },
    },
  );
  client.setRequestHandler(CreateMessageRequestSchema, () => ({
    role: 'assistant',
    model: 'none',
    content: { type: 'text', text: 'sampled' },
    stopReason: 'endTurn',
  }));
  client.setRequestHandler(ElicitRequestSchema, ({ params }) =>
    params.mode === 'url' ? { action: 'accept' } : { action: 'accept', content: { name: 'Ada', integer: 1 } },
  );
  client.setRequestHandler(ListRootsRequestSchema, () => ({
    roots: [{ uri: 'file:///work', name: 'work' }],
  }));
  client.setNotificationHandler(LoggingMessageNotificationSchema, () => logged.resolve());
  client.fallbackNotificationHandler = async ({ method }) =>
    void heard.push(method as ServerNotification['method']);
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${harness.url}/mcp/tools`), {
      requestInit: { headers: { Authorization: `Bearer ${await harness.token()}` } },
    }),
  );
});

afterAll(async () => {
  await client?.close();
  await harness?.close();
  await everything?.stop();
  rmSync(folder, { recursive: true });
});

/** Arguments of the tools that need some. */
const ARGUMENTS: Readonly<Record<string, Record<string, unknown>>> = {
  echo: { message: 'hello' },
  'get-annotated-message': { messageType: 'debug', includeImage: true },
  'get-resource-links': { count: 3 },
  'get-resource-reference': { resourceType: 'Blob', resourceId: 2 },
  'get-structured-content': { location: 'New York' },
  'get-sum': { a: 1, b: 0.5 },
  'gzip-file-as-resource': { name: 'a.gz', data: 'data:text/plain,hello', outputType: 'resource' },
  'trigger-long-running-operation': { duration: 0.2, steps: 2 },
  'trigger-url-elicitation': { url: 'https://example.com/' },
  'trigger-sampling-request': { prompt: 'p', maxTokens: 5 },
};
/** The one tool that can only be called as a task. */
const AS_TASK = 'simulate-research-query';

test('every tool is listed and can be called', async () => {
  const { tools } = await client.listTools();
  expect(tools.length).toBeGreaterThan(12);
  for (const { name } of tools.filter((tool) => tool.name !== AS_TASK)) {
    const progress: number[] = [];
    const result = await client.callTool({ name, arguments: ARGUMENTS[name] ?? {} }, undefined, {
      onprogress: (step) => progress.push(step.progress),
    });
    expect([name, result.isError ?? false]).toEqual([name, false]);
    if (name === 'trigger-long-running-operation') expect(progress).toEqual([1, 2]);
  }
});

test('a tool can be called as a task', async () => {
  const stream = client.experimental.tasks.callToolStream(
    { name: AS_TASK, arguments: { topic: 'gateways', ambiguous: false } },
    undefined,
    { task: { ttl: 60_000 } },
  );
  const kinds = new Set<string>();
  for await (const message of stream) kinds.add(message.type);
  expect([...kinds]).toEqual(expect.arrayContaining(['taskCreated', 'taskStatus', 'result']));
  expect((await client.experimental.tasks.listTasks()).tasks.length).toBeGreaterThan(0);
});

test('every prompt is listed, completed and filled in', async () => {
  const { prompts } = await client.listPrompts();
  expect(prompts.length).toBeGreaterThan(2);
  for (const { name, arguments: parameters = [] } of prompts) {
    for (const { name: argument } of parameters)
      await client
        .complete({ ref: { type: 'ref/prompt', name }, argument: { name: argument, value: '' } })
        .catch(isUncompletable);
    const given = {
      city: 'Rome',
      state: 'x',
      department: 'Sales',
      name: 'Bob',
      resourceType: 'Text',
      resourceId: '1',
    };
    const { messages } = await client.getPrompt({ name, arguments: given });
    expect(messages.length).toBeGreaterThan(0);
  }
});

/** The server's own word for an argument that it does not complete; anything of the gateway's fails. */
function isUncompletable(thrown: unknown): void {
  expect(String(thrown)).not.toContain('does not fit');
}

test('resources are listed, read and subscribed to', async () => {
  const { resources } = await client.listResources();
  const { resourceTemplates } = await client.listResourceTemplates();
  expect([resources.length > 0, resourceTemplates.length > 0]).toEqual([true, true]);
  const uris = [
    ...resources.map(({ uri }) => uri),
    'demo://resource/dynamic/text/1',
    'demo://resource/dynamic/blob/1',
  ];
  for (const uri of uris) expect((await client.readResource({ uri })).contents.length).toBeGreaterThan(0);
  await client.subscribeResource({ uri: 'demo://resource/dynamic/text/1' });
  await client.unsubscribeResource({ uri: 'demo://resource/dynamic/text/1' });
});

test('lines of log arrive, a ping is answered, changed roots are told', async () => {
  await client.setLoggingLevel('debug');
  await client.callTool({ name: 'toggle-simulated-logging' });
  await logged.promise;
  await client.ping();
  await client.sendRootsListChanged();
});

describe('tasks', () => {
  let tasks: Client;
  beforeAll(async () => {
    tasks = await connectTaskClient(harness);
  });
  afterAll(() => tasks.close());

  test.each([
    ['trigger-sampling-request-async', { prompt: 'x' }, 'sampling/createMessage', 'sampled'],
    ['trigger-elicitation-request-async', {}, 'elicitation/create', 'Ada'],
  ])('%s: the client does it as a task, each message judged', async (name, args, asked, expected) => {
    const before = (await harness.decisions()).length;
    const text = await callForText(tasks, name, args);
    expect(text).toContain('[COMPLETED]');
    expect(text).toContain(expected);
    const judged = (await harness.decisions())
      .slice(before)
      .map(({ direction, kind, method }) => `${direction} ${kind} ${method}`);
    for (const method of [asked, 'tasks/get', 'tasks/result'])
      expect(judged).toEqual(
        expect.arrayContaining([`to_client request ${method}`, `to_server response ${method}`]),
      );
  });

  test('simulate-research-query: the server does it as a task, and asks meanwhile', async () => {
    const { states, text } = await followTask(tasks, 'simulate-research-query', {
      topic: 'gateways',
      ambiguous: true,
    });
    expect(states).toContain('working');
    expect(text).toContain('technical');
    expect((await harness.decisions()).some(({ method }) => method === 'elicitation/create')).toBe(true);
  });
});

test('nothing of it was refused', async () => {
  const refusals = (await harness.events()).filter(({ type }) => type === 'refusal');
  expect(refusals).toEqual([]);
});
