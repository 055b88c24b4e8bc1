import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { CreateMessageRequestSchema, ListRootsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { everythingCommand } from '../../src/demo/demo.js';
import { type Part, startPart } from '../../src/demo/part.js';
import { choosePorts } from '../../src/demo/ports.js';
import { createHttpUpstream } from '../../src/upstream/index.js';
import { until } from '../identity/issuer.js';
import { call, deferred, errorOf, Harness, type Seen } from './harness.js';

const STREAM = { 'Content-Type': 'text/event-stream' };
const JSON_TYPE = { 'Content-Type': 'application/json' };
const MESSAGE_BYTES = 64 << 10;

/** Connects the official client of the first revision's transport. */
async function connect(harness: Harness, client: Client): Promise<void> {
  const headers = { Authorization: `Bearer ${await harness.token()}` };
  await client.connect(
    new SSEClientTransport(new URL(`${harness.url}/mcp/tools/sse`), { requestInit: { headers } }),
  );
}

function newClient(): Client {
  return new Client({ name: 'legacy', version: '1' }, { capabilities: { sampling: {}, roots: {} } });
}

/** An event stream as it is on the wire. */
class Wire {
  text = '';
  closed = false;
  readonly response: IncomingMessage;

  private constructor(response: IncomingMessage) {
    this.response = response;
    response.setEncoding('utf8').on('data', (chunk: string) => {
      this.text += chunk;
    });
    response.once('close', () => {
      this.closed = true;
    });
    response.on('error', () => {
      this.closed = true;
    });
  }

  static async open(harness: Harness, claims: Record<string, unknown> = {}): Promise<Wire> {
    const headers = { authorization: `Bearer ${await harness.token(claims)}` };
    const request = httpRequest(`${harness.url}/mcp/tools/sse`, { headers }).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const wire = new Wire(response);
    if (response.statusCode === 200) await wire.until(/^event: endpoint\ndata: .+\n\n/);
    return wire;
  }

  get endpoint(): string {
    return /^event: endpoint\ndata: (.+)\n\n/.exec(this.text)?.[1] ?? '';
  }

  /** The messages so far. */
  get messages(): unknown[] {
    return [...this.text.matchAll(/^event: message\ndata: (.+)\n\n/gm)].map(([, data]) =>
      JSON.parse(data ?? ''),
    );
  }

  async until(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.text)) await once(this.response, 'data');
  }

  async end(): Promise<void> {
    if (!this.closed) await once(this.response, 'close');
  }
}

/** Answers as a server of streamable HTTP does that opens a session; calls are answered by `onCall`. */
function serve(harness: Harness, onCall: (id: unknown, seen: Seen) => string, getting = '2024-11-05'): void {
  harness.script((response, seen) => {
    if (seen.method !== 'POST') return void response.writeHead(seen.method === 'GET' ? 405 : 200).end();
    const { id, method } = JSON.parse(seen.body);
    if (id === undefined) return void response.writeHead(202).end();
    if (method !== 'initialize') return void response.writeHead(200, JSON_TYPE).end(onCall(id, seen));
    const result = {
      protocolVersion: getting,
      capabilities: { tools: {} },
      serverInfo: { name: 't', version: '1' },
    };
    response
      .writeHead(200, { ...JSON_TYPE, 'Mcp-Session-Id': 'inner' })
      .end(JSON.stringify({ jsonrpc: '2.0', id, result }));
  });
}

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2024-11-05', capabilities: {}, clientInfo: { name: 'c', version: '1' } },
};

function textResult(id: unknown, text: string): string {
  return JSON.stringify({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text }] } });
}

function said(result: unknown): string {
  return JSON.stringify((result as { content: unknown }).content);
}

describe('in front of a scripted server', () => {
  let harness: Harness;
  const open: Wire[] = [];
  beforeAll(async () => {
    harness = await Harness.start({ messageBytes: MESSAGE_BYTES });
  });
  afterAll(() => harness.close());
  beforeEach(() => {
    harness.seen.length = 0;
  });
  afterEach(async () => {
    for (const wire of open.splice(0)) {
      wire.response.destroy();
      await wire.end();
    }
  });

  async function openWire(claims: Record<string, unknown> = {}): Promise<Wire> {
    const wire = await Wire.open(harness, claims);
    open.push(wire);
    return wire;
  }

  async function post(wire: Wire, message: object, headers: Record<string, string> = {}): Promise<Response> {
    return harness.fetch('POST', JSON.stringify(message), headers, wire.endpoint);
  }

  /** Waits until the upstream was asked what it is to be asked. */
  async function seen(matches: (seen: Seen) => boolean): Promise<Seen> {
    await until(() => harness.seen.some(matches));
    return harness.seen.find(matches) as Seen;
  }

  test('the official client calls, answers are masked, denials arrive, and leaving ends the session', async () => {
    serve(harness, (id) => textResult(id, 'write to ada@example.com'));
    const client = newClient();
    await connect(harness, client);
    expect(said(await client.callTool({ name: 'echo' }))).toContain('write to [redacted:email]');
    await expect(client.callTool({ name: 'refused' })).rejects.toMatchObject({ code: -31001 });
    await seen(({ method }) => method === 'GET');
    await client.close();
    const ended = await seen(({ method }) => method === 'DELETE');
    expect(ended.headers['mcp-session-id']).toBe('inner');
    while ((await harness.store.sessions.find('tools', 'inner')) !== undefined)
      await new Promise(setImmediate);
  });

  test('a message goes on byte for byte, in its session and version, without what is not its own', async () => {
    serve(harness, (id) => textResult(id, 'x'));
    const wire = await openWire();
    expect(wire.endpoint).toMatch(/^\/mcp\/tools\/messages\?session=[\w-]{43}$/);
    expect((await post(wire, INITIALIZE)).status).toBe(202);
    await wire.until(/"protocolVersion"/);
    const bytes =
      '{ "jsonrpc":"2.0","id":10 ,"method":"tools/call", "params":{"name":"echo","arguments":{}}}';
    const accepted = await harness.fetch('POST', bytes, { Cookie: 'a=b' }, wire.endpoint);
    expect([accepted.status, await accepted.text()]).toEqual([202, '']);
    const called = await seen(({ body }) => body === bytes);
    expect(called.headers).toMatchObject({
      'mcp-session-id': 'inner',
      'mcp-protocol-version': '2024-11-05',
    });
    expect(called.headers).not.toHaveProperty('cookie');
    expect(called.headers).not.toHaveProperty('authorization');
  });

  test('events of an answer become messages; ids, types and retry times stay behind, comments pass', async () => {
    const wire = await openWire();
    harness.script((response) => {
      response.writeHead(200, STREAM);
      response.write(`: still here\n\nid: 1\nretry: 5\ndata:\n\n`);
      response.write(`event: endpoint\nid: 2\ndata: {"jsonrpc":"2.0","method":"notifications/message",\n`);
      response.write(`data: "params":{"level":"info","data":"a"}}\n\n`);
      response.end(`data: ${textResult(7, 'done')}\n\n`);
    });
    await post(wire, call('echo', {}, 7));
    await wire.until(/done/);
    const after = wire.text.slice(wire.text.indexOf('\n\n') + 2);
    expect(after).toContain(': still here\n');
    expect(after).not.toMatch(/^(id|retry|event: (?!message))/m);
    expect(after).toContain(
      'event: message\ndata: {"jsonrpc":"2.0","method":"notifications/message",\ndata: "params"',
    );
  });

  test('a POST does not wait for a slow server, whose failure then comes on the stream', async () => {
    const wire = await openWire();
    const going = deferred();
    harness.script(async (response) => {
      await going.promise;
      response.writeHead(500).end();
    });
    expect((await post(wire, call('echo', {}, 3))).status).toBe(202);
    going.resolve();
    await wire.until(/"error"/);
    expect(wire.messages).toMatchObject([{ id: 3, error: { code: -32603 } }]);
  });

  test('what the server says unasked arrives, and its stream is taken up again where it ended', async () => {
    serve(harness, (id) => textResult(id, 'x'));
    const wire = await openWire();
    await post(wire, INITIALIZE);
    await wire.until(/"protocolVersion"/);
    let opened = 0;
    harness.script((response, { method }) => {
      if (method !== 'GET') return void response.writeHead(method === 'POST' ? 202 : 200).end();
      opened += 1;
      response.writeHead(200, STREAM);
      const note = `{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"part ${opened}"}}`;
      response.write(`id: ${opened}\ndata: ${note}\n\n`);
      if (opened === 1) response.end();
    });
    await post(wire, { jsonrpc: '2.0', method: 'notifications/initialized' });
    await wire.until(/part 2/);
    const gets = harness.seen.filter(({ method }) => method === 'GET');
    expect(gets.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '1']);
  });

  test('a client that leaves cancels what is under way', async () => {
    const wire = await openWire();
    const cancelled = deferred();
    harness.script((response) => {
      response.once('close', () => cancelled.resolve());
      response.writeHead(200, STREAM).flushHeaders();
    });
    await post(wire, call('echo'));
    wire.response.destroy();
    await cancelled.promise;
  });

  test('a client that reads slowly slows its server down', async () => {
    const wire = await openWire();
    wire.response.pause();
    const block = 'x'.repeat(32 << 10);
    const note = `{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"${block}"}}`;
    const stalled = deferred();
    const most = 2_000;
    let written = 0;
    harness.script(async (response) => {
      response.writeHead(200, STREAM);
      for (let isStalled = false; !isStalled && written < most; written += 1) {
        if (response.write(`data: ${note}\n\n`)) continue;
        const drained = once(response, 'drain').then(() => false);
        isStalled = await Promise.race([
          drained,
          new Promise<boolean>((resolve) => setTimeout(resolve, 1_000, true)),
        ]);
        if (isStalled) stalled.resolve();
        await drained;
      }
      response.end(`data: ${textResult(1, 'all')}\n\n`);
    });
    await post(wire, call('echo'));
    await stalled.promise;
    expect(written).toBeLessThan(most);
    wire.response.resume();
    await until(() => wire.text.slice(-200).includes('"all"'));
    expect(wire.messages).toHaveLength(written + 1);
  }, 30_000);

  test.each([
    ['no token', { Authorization: '' }, 401],
    ['another origin', { Origin: 'https://evil.test' }, 403],
  ])('a stream is not opened for %s', async (_why, headers, status) => {
    const response = await harness.fetch('GET', undefined, headers, '/mcp/tools/sse');
    expect(response.status).toBe(status);
    const { data } = await errorOf(response);
    expect(response.headers.get('WWW-Authenticate') !== null).toBe(status === 401);
    const last = (await harness.events()).at(-1);
    expect(last).toMatchObject({ type: 'refusal', http_status: status, decision_id: data['decision_id'] });
  });

  test('a session is its principal’s own, and of one upstream', async () => {
    const wire = await openWire();
    const other = { Authorization: `Bearer ${await harness.token({ sub: 'other', client_id: 'other' })}` };
    expect((await post(wire, call('echo'), other)).status).toBe(403);
    expect((await post(wire, call('echo'), { Authorization: '' })).status).toBe(401);
    const unknown = '/mcp/tools/messages?session=unknown';
    expect((await harness.fetch('POST', '{}', {}, unknown)).status).toBe(404);
    expect((await harness.fetch('POST', '{}', {}, '/mcp/tools/messages')).status).toBe(404);
    expect((await harness.fetch('GET', undefined, {}, '/mcp/none/sse')).status).toBe(404);
    expect((await harness.fetch('HEAD', undefined, {}, '/mcp/tools/sse')).status).toBe(405);
    expect((await harness.fetch('GET', undefined, {}, wire.endpoint)).status).toBe(405);
    const { endpoint } = wire;
    wire.response.destroy();
    while ((await harness.fetch('POST', '{}', {}, endpoint)).status !== 404) await new Promise(setImmediate);
    expect(harness.seen).toEqual([]);
  });

  test.each([
    ['too big', call('echo', { a: 'x'.repeat(MESSAGE_BYTES) }), {}, 413],
    ['of another type', call('echo'), { 'Content-Type': 'text/plain' }, 415],
    ['of a version nobody knows', call('echo'), { 'MCP-Protocol-Version': '1999-01-01' }, 400],
    ['no message', {}, {}, 400],
  ])(
    'a message that is %s is refused at its POST, not on the stream',
    async (_what, message, headers, status) => {
      const wire = await openWire();
      const response = await post(wire, message, headers as Record<string, string>);
      expect(response.status).toBe(status);
      expect(await errorOf(response)).toMatchObject({ code: -32600 });
      expect(response.headers.get('Regate-Decision-Id')).toMatch(/./);
      expect(wire.messages).toEqual([]);
      expect(harness.seen).toEqual([]);
    },
  );

  test('a principal has so many streams and no more', async () => {
    const wires = await Promise.all(
      Array.from({ length: 50 }, () => openWire({ sub: 'many', client_id: 'many' })),
    );
    const headers = { Authorization: `Bearer ${await harness.token({ sub: 'many', client_id: 'many' })}` };
    const refused = await harness.fetch('GET', undefined, headers, '/mcp/tools/sse');
    expect([refused.status, (await errorOf(refused)).code]).toEqual([429, -31005]);
    await openWire();
    expect(new Set(wires.map(({ endpoint }) => endpoint)).size).toBe(50);
  });

  test('no token and no address stands in the log', async () => {
    const wire = await openWire();
    await post(wire, call('echo'), { 'Content-Type': 'text/plain' });
    const log = harness.log.join('');
    expect(log).not.toContain(wire.endpoint.split('session=')[1]);
    expect(log).not.toMatch(/eyJ/);
  });
});

test('a gateway that stops lets a call end, then the stream and the session', async () => {
  const harness = await Harness.start();
  const called = deferred();
  const going = deferred();
  serve(harness, (id) => textResult(id, 'x'));
  const wire = await Wire.open(harness);
  await harness.fetch('POST', JSON.stringify(INITIALIZE), {}, wire.endpoint);
  await wire.until(/"protocolVersion"/);
  harness.script(async (response, { method }) => {
    if (method === 'POST') {
      called.resolve();
      await going.promise;
    }
    response.writeHead(200, JSON_TYPE).end(method === 'POST' ? textResult(1, 'done') : undefined);
  });
  const posted = harness.fetch('POST', JSON.stringify(call('echo')), {}, wire.endpoint);
  await called.promise;
  const drained = harness.gateway.drain(20_000);
  expect((await harness.fetch('GET', undefined, {}, '/mcp/tools/sse')).status).toBe(503);
  going.resolve();
  await Promise.all([drained, wire.end(), posted]);
  expect(wire.messages.at(-1)).toMatchObject({ id: 1, result: {} });
  expect(harness.seen.at(-1)).toMatchObject({ method: 'DELETE', headers: { 'mcp-session-id': 'inner' } });
  await harness.close();
});

describe('in front of the reference server', () => {
  let folder: string;
  let everything: Part;
  let harness: Harness;
  let client: Client;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'regate-legacy-'));
    const { everything: port } = await choosePorts('0', undefined);
    const url = `http://127.0.0.1:${port}/mcp`;
    const logFile = join(folder, 'everything.log');
    everything = await startPart(
      { name: 'everything', ...everythingCommand(port), readyUrl: url, logFile },
      new AbortController().signal,
    );
    const road = createHttpUpstream({ name: 'tools', url, headers: {}, timeoutMilliseconds: 20_000 });
    harness = await Harness.start({ policy: OPEN, road });
    client = newClient();
    client.setRequestHandler(CreateMessageRequestSchema, () => ({
      role: 'assistant',
      model: 'none',
      content: { type: 'text', text: 'sampled' },
    }));
    client.setRequestHandler(ListRootsRequestSchema, () => ({
      roots: [{ uri: 'file:///work', name: 'work' }],
    }));
    await connect(harness, client);
  });
  afterAll(async () => {
    await client?.close();
    await harness?.close();
    await everything?.stop();
    rmSync(folder, { recursive: true });
  });

  test('tools are listed and called, progress is told, the server’s own request is answered', async () => {
    const { tools } = await client.listTools();
    expect(tools.length).toBeGreaterThan(8);
    expect(said(await client.callTool({ name: 'echo', arguments: { message: 'hello' } }))).toContain('hello');
    const progress: number[] = [];
    await client.callTool(
      { name: 'trigger-long-running-operation', arguments: { duration: 0.2, steps: 2 } },
      undefined,
      { onprogress: (step) => progress.push(step.progress) },
    );
    // The client forgets who waits for progress when the answer comes in the same chunk as the last of it.
    expect(progress[0]).toBe(1);
    const sampled = { name: 'trigger-sampling-request', arguments: { prompt: 'p', maxTokens: 5 } };
    expect(said(await client.callTool(sampled))).toContain('sampled');
    expect((await harness.events()).filter(({ type }) => type === 'refusal')).toEqual([]);
  });
});

const OPEN = `package regate.main

default decision := {"effect": "allow", "reasons": [], "mask": [], "labels": []}
`;
