import { once } from 'node:events';
import { connect } from 'node:net';
import { until } from '../identity/issuer.js';
import { call, Harness } from './harness.js';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
  harness.answerJson('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
});
afterAll(() => harness.close());
beforeEach(() => {
  harness.seen.length = 0;
});

const BODY = JSON.stringify(call('echo'));

/** Sends bytes as they are on a connection of their own; gives everything that came back. */
async function raw(head: readonly string[], body: string): Promise<string> {
  const { hostname, port } = new URL(harness.url);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  const lines = [
    'POST /mcp/tools HTTP/1.1',
    `Host: ${hostname}:${port}`,
    `Authorization: Bearer ${await harness.token()}`,
    'Content-Type: application/json',
    'Connection: close',
    ...head,
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}

const CHUNKED = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;

test('a request that says its length twice is no request: nothing can be hidden behind it', async () => {
  const smuggled = 'POST /mcp/tools HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n';
  const attempts = [
    [['Transfer-Encoding: chunked', `Content-Length: ${BODY.length}`], CHUNKED],
    [['Content-Length: 4', `Content-Length: ${BODY.length}`], BODY],
    [['Transfer-Encoding: chunked, identity'], CHUNKED],
    [['Transfer-Encoding: xchunked'], CHUNKED],
    [[`Content-Length: +${BODY.length}`], BODY],
    [[`Content-Length : ${BODY.length}`], BODY],
  ] as const;
  for (const [head, body] of attempts) {
    const answer = await raw(head, body + smuggled);
    expect([head, answer.slice(0, 12)]).toEqual([head, 'HTTP/1.1 400']);
  }
  expect(harness.seen).toEqual([]);
});

test('a chunked body is a body', async () => {
  expect((await raw(['Transfer-Encoding: chunked'], CHUNKED)).slice(0, 12)).toBe('HTTP/1.1 200');
  expect(harness.seen.map(({ body }) => body)).toEqual([BODY]);
});

test('a token in the query is no credential, and does not reach the upstream', async () => {
  const token = await harness.token();
  const response = await fetch(`${harness.url}/mcp/tools?access_token=${token}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: BODY,
  });
  expect(response.status).toBe(401);
  expect(harness.log.join('')).not.toContain(token.split('.')[2] ?? token);
});

test.each([
  ['its headers', 'POST /mcp/tools HTTP/1.1\r\nHost: '],
  [
    'its body',
    'POST /mcp/tools HTTP/1.1\r\nHost: HOST\r\nAuthorization: Bearer TOKEN\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
  ],
])('a client that never ends %s is cut off', async (_what, text) => {
  const patient = await Harness.start({ requestMilliseconds: 300 });
  try {
    const { hostname, port, host } = new URL(patient.url);
    const socket = connect(Number(port), hostname);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.write(text.replace('HOST', host).replace('TOKEN', await patient.token()));
    await once(socket, 'close');
    expect(Buffer.concat(chunks).toString().slice(0, 12)).toMatch(/^(HTTP\/1\.1 4\d\d)?$/);
    expect(patient.seen).toEqual([]);
  } finally {
    await patient.close();
  }
});

test('requests that wait behind another one end with their connection', async () => {
  harness.script((response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(': open\n\n');
  });
  const { hostname, port } = new URL(harness.url);
  const socket = connect(Number(port), hostname);
  const head = [
    'POST /mcp/tools HTTP/1.1',
    `Host: ${hostname}:${port}`,
    `Authorization: Bearer ${await harness.token()}`,
    'Content-Type: application/json',
    `Content-Length: ${BODY.length}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${BODY}`.repeat(3));
  await until(() => harness.live === 3);
  socket.destroy();
  await until(() => harness.live === 0);
});
