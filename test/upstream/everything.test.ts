/** The roads as a client meets them: MCP's reference server behind a real gateway, and the official SDK in front. */

import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  type CallToolResult,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { everythingCommand } from '../../src/demo/demo.js';
import { type Part, startPart } from '../../src/demo/part.js';
import { choosePorts } from '../../src/demo/ports.js';
import { createSseUpstream, createStdioUpstream, type Upstream } from '../../src/upstream/index.js';
import { Harness } from '../gateway/harness.js';
import { callForText, connectTaskClient, followTask } from '../gateway/task-client.js';
import { runs, until } from './caller.js';

const SERVER = createRequire(import.meta.url).resolve(
  '@modelcontextprotocol/server-everything/dist/index.js',
);
const nothing = () => undefined;
const hosting = {
  name: 'tools',
  timeoutMilliseconds: 20_000,
  idleMilliseconds: 60_000,
  maxSessions: 5,
  messageBytes: 1 << 20,
  log: { debug: nothing, info: nothing, warn: nothing },
};

function program(sharing: 'per_session' | 'shared'): Upstream {
  const process_ = { command: process.execPath, args: [SERVER, 'stdio'], env: {}, cwd: '/', sharing };
  return createStdioUpstream({ ...hosting, ...process_, recordStray: async () => undefined });
}

/** Runs the reference server in its first revision's dress, on the loopback interface. */
async function legacyServer(folder: string): Promise<{ part: Part; url: string }> {
  const port = (await choosePorts('0', undefined)).everything;
  const { args, env } = everythingCommand(port);
  const command = {
    name: 'everything' as const,
    args: [...args.slice(0, -1), 'sse'],
    ...(env !== undefined && { env }),
    readyUrl: `http://127.0.0.1:${port}/`,
    logFile: join(folder, 'everything.log'),
  };
  const part = await startPart(command, new AbortController().signal);
  return { part, url: `http://127.0.0.1:${port}/sse` };
}

/** A gateway in front of the reference server, on one of the roads. */
interface World {
  readonly harness: Harness;
  stop(): Promise<void>;
}

async function worldOf(road: string, policy?: string): Promise<World> {
  const judging = policy === undefined ? {} : { policy };
  if (road !== 'sse') {
    const harness = await Harness.start({ ...judging, road: program(road as 'per_session' | 'shared') });
    return { harness, stop: () => harness.close() };
  }
  const folder = mkdtempSync(join(tmpdir(), 'regate-sse-'));
  const { part, url } = await legacyServer(folder);
  const harness = await Harness.start({
    ...judging,
    road: createSseUpstream({ ...hosting, url, headers: {} }),
  });
  return {
    harness,
    async stop() {
      await harness.close();
      await part.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

let world: World | undefined;
let harness: Harness;

afterEach(async () => {
  await world?.stop();
  world = undefined;
});

async function begin(road: string): Promise<void> {
  world = await worldOf(road);
  harness = world.harness;
}

/** The issuer's keys are fetched in the background. */
async function ready({ url }: Harness): Promise<void> {
  while (!(await fetch(`${url}/readyz`)).ok) await new Promise((resolve) => setTimeout(resolve, 10));
}

async function connect(): Promise<{ client: Client; transport: StreamableHTTPClientTransport }> {
  await ready(harness);
  const transport = new StreamableHTTPClientTransport(new URL(`${harness.url}/mcp/tools`), {
    requestInit: { headers: { Authorization: `Bearer ${await harness.token()}` } },
  });
  const client = new Client(
    { name: 'test', version: '1' },
    { capabilities: { roots: { listChanged: true }, elicitation: {}, sampling: {} } },
  );
  client.setRequestHandler(ListRootsRequestSchema, () => ({
    roots: [{ uri: 'file:///somewhere', name: 'somewhere' }],
  }));
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'decline' }));
  await client.connect(transport as Parameters<Client['connect']>[0]);
  return { client, transport };
}

async function text(client: Client, name: string, args: Record<string, unknown> = {}): Promise<string> {
  const result = (await client.callTool({ name, arguments: args })) as CallToolResult;
  return result.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}

describe.each(['per_session', 'shared', 'sse'])('%s', (road) => {
  test('lists, calls, and tells of progress', async () => {
    await begin(road);
    const { client, transport } = await connect();
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('echo');
    expect(await text(client, 'echo', { message: 'hello' })).toContain('hello');
    const progress: number[] = [];
    const result = await client.callTool(
      { name: 'trigger-long-running-operation', arguments: { duration: 0.3, steps: 3 } },
      undefined,
      { onprogress: (step) => progress.push(step.progress) },
    );
    expect(JSON.stringify(result)).toContain('completed');
    expect(progress).toEqual([1, 2, 3]);
    await transport.terminateSession();
    const after = await harness.post(
      { jsonrpc: '2.0', id: 1, method: 'tools/list' },
      { 'Mcp-Session-Id': transport.sessionId ?? 'gone' },
    );
    expect(after.ok).toBe(false);
    await client.close();
  });
});

describe.each(['per_session', 'sse'])('%s', (road) => {
  test("carries the server's own requests and what it says unasked", async () => {
    await begin(road);
    const { client } = await connect();
    const logged: string[] = [];
    client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => {
      logged.push(String(params.data));
    });
    // The server asks for roots by itself, a moment after it was greeted, and says so: both on the stream of a GET.
    await until(() => logged.some((line) => line.includes('1 root(s) received')));
    expect(await text(client, 'get-roots-list')).toContain('file:///somewhere');
    expect(await text(client, 'trigger-elicitation-request')).toContain('declined');
    // The test's policy refuses sampling: the server is told, and answers its call.
    expect(await text(client, 'trigger-sampling-request', { prompt: 'x' })).toContain('denied');
    await client.close();
  });
});

const OPEN = `package regate.main

decision := {"effect": "allow", "reasons": [], "mask": [], "labels": []}
`;

describe('tasks of both sides, and what they ask meanwhile, are carried', () => {
  const roads = ['per_session', 'shared', 'sse'];
  let carried: PromiseSettledResult<void>[];
  // The reference server takes seconds for each, in which nothing happens here.
  beforeAll(async () => {
    carried = await Promise.allSettled(roads.map(carryTasks));
  }, 60_000);
  test.each(roads)('%s', (road) => {
    expect(carried[roads.indexOf(road)]).toEqual({ status: 'fulfilled', value: undefined });
  });
});

async function carryTasks(road: string): Promise<void> {
  const { harness, stop } = await worldOf(road, OPEN);
  try {
    await ready(harness);
    const client = await connectTaskClient(harness);
    expect(await callForText(client, 'trigger-sampling-request-async', { prompt: 'x' })).toMatch(
      /COMPLETED.*sampled/s,
    );
    expect(await callForText(client, 'trigger-elicitation-request-async', {})).toMatch(/COMPLETED.*Ada/s);
    const args = { topic: 'gateways', ambiguous: true };
    expect((await followTask(client, 'simulate-research-query', args)).text).toContain('technical');
    expect((await harness.events()).filter(({ type }) => type === 'refusal')).toEqual([]);
    await client.close();
  } finally {
    await stop();
  }
}

test('shared: two clients at once', async () => {
  await begin('shared');
  const clients = await Promise.all([connect(), connect()]);
  const calls = clients.flatMap(({ client }, index) =>
    Array.from({ length: 10 }, async (_, count) => {
      const message = `${index} ${count}`;
      expect(await text(client, 'echo', { message })).toBe(`Echo: ${message}`);
    }),
  );
  await Promise.all(calls);
  for (const { client } of clients) await client.close();
});

test('a client of both eras learns from its own error that a server has sessions only', async () => {
  await begin('per_session');
  const params = {
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'c', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  };
  const answer = await harness.post(
    { jsonrpc: '2.0', id: 1, method: 'server/discover', params },
    { 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'server/discover' },
  );
  expect([answer.status, await answer.json()]).toMatchObject([404, { id: 1, error: { code: -32601 } }]);
  await until(() => childPids().length === 0);
  const { client } = await connect();
  expect(await text(client, 'echo', { message: 'hello' })).toContain('hello');
  await client.close();
});

test('a gateway that stops leaves no process', async () => {
  const road = program('per_session');
  harness = await Harness.start({ road });
  world = { harness, stop: () => harness.close() };
  const { client } = await connect();
  const environment = await text(client, 'get-env');
  expect(JSON.parse(environment)).not.toHaveProperty('NODE_OPTIONS');
  const pids = childPids();
  expect(pids.length).toBeGreaterThan(0);
  await client.close();
  await road.close();
  expect(pids.filter(runs)).toEqual([]);
});

/** Processes that this one has started and that still run. */
function childPids(): number[] {
  const handles: unknown[] = (process as unknown as { _getActiveHandles(): unknown[] })._getActiveHandles();
  return handles.flatMap((handle) => {
    const pid = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'pid') : undefined;
    return typeof pid === 'number' ? [pid] : [];
  });
}
