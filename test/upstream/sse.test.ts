import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSseUpstream, type Upstream } from '../../src/upstream/index.js';
import { Caller, initialize, read, toolCall } from './caller.js';

/** A server of the first revision that a test can make misbehave. */
let server: Server;
let url: string;
let road: Upstream;
let posts: { headers: IncomingMessage['headers']; message: { id?: unknown; method?: string } }[];
let stream: ServerResponse | undefined;
/** How the stream begins. */
let greeting: string;
let postStatus: number;

beforeEach(async () => {
  posts = [];
  greeting = ': welcome\r\nevent: endpoint\r\ndata: /post?session=1\r\n\r\n';
  postStatus = 202;
  stream = undefined;
  server = createServer(
    (request, response) => void (request.method === 'GET' ? open(response) : take(request, response)),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sse`;
  const nothing = () => undefined;
  road = createSseUpstream({
    name: 'legacy',
    url,
    headers: { 'X-Own': 'own' },
    timeoutMilliseconds: 2_000,
    idleMilliseconds: 60_000,
    maxSessions: 5,
    messageBytes: 100_000,
    log: { debug: nothing, info: nothing, warn: nothing },
  });
});

afterEach(async () => {
  await road.close();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

function open(response: ServerResponse): void {
  stream = response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
  stream.write(greeting);
}

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const message = JSON.parse(Buffer.concat(chunks).toString());
  posts.push({ headers: request.headers, message });
  response.writeHead(postStatus).end('accepted');
  if (message.method === 'initialize') says({ id: message.id, result: {} });
  if (message.params?.name === 'echo')
    says({ id: message.id, result: { content: [{ text: message.params.arguments.text }] } });
}

function says(message: object): void {
  stream?.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`);
}

test('messages are posted to the address the server names, with its own headers, and answered on the stream', async () => {
  const caller = await Caller.open(road);
  expect(await caller.call('echo', { text: 'hello' })).toBe('hello');
  expect(posts.map(({ message }) => message.method)).toEqual([
    'initialize',
    'notifications/initialized',
    'tools/call',
  ]);
  for (const { headers } of posts) {
    expect(headers).toMatchObject({ 'x-own': 'own', 'content-type': 'application/json' });
    expect(headers).not.toHaveProperty('authorization');
  }
});

test('each session has a stream of its own, which ends with it', async () => {
  const one = await Caller.open(road);
  const closed = once(stream as ServerResponse, 'close');
  await Caller.open(road);
  expect((await read(await one.send('DELETE'))).status).toBe(204);
  await closed;
  expect((await one.post(toolCall('echo', { text: 'a' }))).status).toBe(404);
});

test.each([
  'http://elsewhere.example/post',
  'https://127.0.0.1/post',
  '//elsewhere.example/post',
  'http://[',
])('an address of another origin is refused: %s', async (address) => {
  greeting = `event: endpoint\ndata: ${address}\n\n`;
  await expect(new Caller(road).post(initialize(1))).rejects.toMatchObject({
    code: 'upstream_answer_invalid',
  });
  expect(posts).toEqual([]);
});

test('a stream that is lost fails whoever waits, and ends the session', async () => {
  const caller = await Caller.open(road);
  const waiting = caller.post(toolCall('hang'));
  stream?.destroy();
  await expect(waiting).rejects.toMatchObject({ code: 'upstream_broke_off' });
  expect((await caller.post(toolCall('echo', { text: 'a' }))).status).toBe(404);
});

test('a message that is not taken fails', async () => {
  const caller = await Caller.open(road);
  postStatus = 500;
  await expect(caller.post(toolCall('hang'))).rejects.toMatchObject({ code: 'upstream_answer_invalid' });
});

test.each([
  ['no JSON', 'data: hello\n\n'],
  ['too much', `data: ${'x'.repeat(200_000)}`],
  ['too much in many lines', 'data: xxxxxxxxxx\n'.repeat(20_000)],
])('%s on the stream ends the session', async (_what, text) => {
  const caller = await Caller.open(road);
  const waiting = caller.post(toolCall('hang'));
  stream?.write(text);
  await expect(waiting).rejects.toMatchObject({ code: 'upstream_answer_invalid' });
  expect((await caller.post(toolCall('echo', { text: 'a' }))).status).toBe(404);
});

test('a server that names no address in time, or is not there, or answers something else is no server', async () => {
  greeting = ': welcome\n\n';
  await expect(new Caller(road).post(initialize(1))).rejects.toMatchObject({ code: 'upstream_timeout' });
  server.removeAllListeners('request');
  server.on('request', (_request, response: ServerResponse) =>
    response.writeHead(302, { Location: '/other' }).end(),
  );
  await expect(new Caller(road).post(initialize(1))).rejects.toMatchObject({
    code: 'upstream_answer_invalid',
  });
  server.closeAllConnections();
  server.close();
  await expect(new Caller(road).post(initialize(1))).rejects.toMatchObject({ code: 'upstream_unreachable' });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
