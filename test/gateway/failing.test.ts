import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { call, deferred, errorOf, Harness } from './harness.js';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start({ messageBytes: 10_000, timeoutMilliseconds: 500 });
});
afterAll(() => harness.close());
beforeEach(() => {
  harness.seen.length = 0;
});

const json = (text: string) => (response: ServerResponse) =>
  void response.writeHead(200, { 'Content-Type': 'application/json' }).end(text);

test.each<[string, (response: ServerResponse) => void, number]>([
  ['closes the connection', (response) => void response.destroy(), 502],
  ['never answers', () => undefined, 504],
  [
    'never ends its answer',
    (response) => void response.writeHead(200, { 'Content-Type': 'application/json' }).write('{"jsonrpc":'),
    504,
  ],
  ['answers 500', (response) => void response.writeHead(500).end('stack trace'), 502],
  ['answers 401', (response) => void response.writeHead(401, { 'WWW-Authenticate': 'Basic' }).end(), 502],
  ['redirects', (response) => void response.writeHead(302, { Location: 'http://127.0.0.1:1/' }).end(), 502],
  [
    'answers HTML',
    (response) => void response.writeHead(200, { 'Content-Type': 'text/html' }).end('<p>'),
    502,
  ],
  ['answers nothing', json(''), 502],
  ['answers what is no JSON', json('{"jsonrpc":"2.0","id":1,"result":{}'), 502],
  ['answers a duplicate member', json('{"jsonrpc":"2.0","id":1,"result":{},"result":{"a":1}}'), 502],
  ['answers another request', json('{"jsonrpc":"2.0","id":2,"result":{}}'), 502],
  ['answers a request', json('{"jsonrpc":"2.0","id":1,"method":"ping"}'), 502],
  ['answers against the schema', json('{"jsonrpc":"2.0","id":1,"result":{"content":"text"}}'), 502],
  ['answers too much', json(`{"jsonrpc":"2.0","id":1,"result":{"a":"${'x'.repeat(10_000)}"}}`), 502],
  [
    'answers compressed',
    (response) =>
      void response
        .writeHead(200, { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' })
        .end(gzipSync('{"jsonrpc":"2.0","id":1,"result":{}}')),
    502,
  ],
  [
    'breaks off',
    (response) =>
      void response
        .writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '100' })
        .write('{"jsonrpc":"2.0",', () => response.destroy()),
    502,
  ],
])('an upstream that %s becomes one error for the request, recorded', async (_what, script, status) => {
  harness.script(script);
  const response = await harness.post(call('echo', {}, 1));
  expect(response.status).toBe(status);
  const error = await errorOf(response);
  expect(error).toMatchObject({ id: 1, code: -32603 });
  expect(JSON.stringify(error)).not.toContain('stack trace');
  const refusal = (await harness.events()).at(-1);
  expect(refusal).toMatchObject({
    type: 'refusal',
    decision_id: error.data['decision_id'],
    http_status: status,
  });
});

test('an error of the upstream passes as it is, with what the client is to do about it', async () => {
  const body =
    '{"jsonrpc":"2.0","id":1,"error":{"code":-32042,"message":"m","data":{"elicitations":[{"mode":"url","elicitationId":"e","url":"https://example.com/","message":"m"}]}}}';
  harness.answerJson(body);
  expect(await (await harness.post(call('echo'))).text()).toBe(body);
});

test('an error of the upstream passes with its status, where clients negotiate from it', async () => {
  const body = '{"jsonrpc":"2.0","error":{"code":-32001,"message":"Session not found"},"id":null}';
  harness.answerJson(body, 404);
  const response = await harness.post(call('echo'));
  expect([response.status, await response.text()]).toEqual([404, body]);
});

test.each<[string, string | Buffer, Record<string, string>, number, number]>([
  ['no JSON', '{', {}, 400, -32700],
  ['empty', '', {}, 400, -32700],
  ['a byte-order mark', '\ufeff{}', {}, 400, -32700],
  ['invalid UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), {}, 400, -32700],
  [
    'a duplicate member',
    '{"jsonrpc":"2.0","id":1,"method":"ping","met\\u0068od":"tools/call"}',
    {},
    400,
    -32600,
  ],
  [
    'a batch',
    '[{"jsonrpc":"2.0","id":1,"method":"ping"}]',
    { 'MCP-Protocol-Version': '2025-06-18' },
    400,
    -32600,
  ],
  [
    'too deep',
    `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":${'['.repeat(2000)}${']'.repeat(2000)}}}`,
    {},
    400,
    -32600,
  ],
  ['a method in another case', '{"jsonrpc":"2.0","id":1,"method":"Tools/Call"}', {}, 400, -32601],
  ['a call without a name', '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}', {}, 400, -32602],
  [
    'of no shape that its method has',
    '{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"loud"}}',
    {},
    400,
    -32602,
  ],
  [
    'a notification of no shape that its method has',
    '{"jsonrpc":"2.0","method":"notifications/progress","params":{}}',
    {},
    400,
    -32602,
  ],
  ['too big', JSON.stringify(call('echo', { a: 'x'.repeat(10_000) })), {}, 413, -32600],
  ['compressed', gzipSync('{}'), { 'Content-Encoding': 'gzip' }, 415, -32600],
  ['of another media type', '{}', { 'Content-Type': 'text/plain' }, 415, -32600],
  ['of another charset', '{}', { 'Content-Type': 'application/json; charset=utf-16' }, 415, -32600],
])('a body that is %s is refused before policy', async (_what, body, headers, status, code) => {
  const response = await harness.post(body, headers);
  expect([response.status, (await errorOf(response)).code]).toEqual([status, code]);
  expect(harness.seen).toEqual([]);
});

test('a refused request is answered under its own id, as far as it can be read', async () => {
  expect(
    await errorOf(await harness.post('{"jsonrpc":"2.0","id":"x","method":"tools/call","params":[]}')),
  ).toMatchObject({ id: 'x', code: -32602 });
  expect(await errorOf(await harness.post('{"jsonrpc":"2.0","id":"x"'))).toMatchObject({
    id: null,
    code: -32700,
  });
});

test('two Authorization headers are no credential', async () => {
  const { hostname, port } = new URL(harness.url);
  const token = await harness.token();
  const { request } = await import('node:http');
  const status = await new Promise((resolve) => {
    const sent = request({ hostname, port, path: '/mcp/tools', method: 'POST' }, (response) =>
      resolve(response.statusCode),
    );
    sent.setHeader('Authorization', [`Bearer ${token}`, `Bearer ${token}`]);
    sent.setHeader('Content-Type', 'application/json');
    sent.end(JSON.stringify(call('echo')));
  });
  expect(status).toBe(401);
});

test('a policy that does not end costs its own request only', async () => {
  harness.answerJson('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
  const [looping, ...others] = await Promise.all([
    harness.post(call('looping')),
    ...Array.from({ length: 20 }, () => harness.post(call('echo'))),
  ]);
  expect(looping?.status).toBe(503);
  expect(await errorOf(looping as Response)).toMatchObject({ code: -31004 });
  expect(others.map(({ status }) => status)).toEqual(others.map(() => 200));
});

describe('HTTP', () => {
  test('a foreign host and a foreign origin are refused, an allowed origin is not', async () => {
    harness.answerJson('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
    expect((await harness.post(call('echo'), { Origin: 'https://evil.test' })).status).toBe(403);
    expect((await harness.post(call('echo'), { Origin: 'https://app.test' })).status).toBe(200);
    const port = new URL(harness.url).port;
    const foreign = await fetch(`http://localhost:${port}/mcp/tools`, { method: 'POST', body: '{}' }).catch(
      () => undefined,
    );
    expect(foreign === undefined || foreign.status === 403).toBe(true);
  });

  test('only the MCP methods and paths are there', async () => {
    expect((await harness.fetch('PUT', '{}')).status).toBe(405);
    expect((await harness.fetch('HEAD')).status).toBe(405);
    expect((await harness.fetch('POST', '{}', {}, '/mcp/tools/')).status).toBe(404);
    expect((await harness.fetch('POST', '{}', {}, '/mcp')).status).toBe(404);
    expect((await harness.fetch('POST', '{}', {}, '/mcp/others')).status).toBe(404);
    expect((await harness.fetch('POST', '{}', {}, '/mcp/%E0%A4%A')).status).toBe(400);
    expect(harness.seen).toEqual([]);
  });

  test('without a token: 401, and where to get one', async () => {
    const response = await harness.post(call('echo'), { Authorization: '' });
    expect(response.status).toBe(401);
    expect(response.headers.get('WWW-Authenticate')).toContain(
      'resource_metadata="http://gateway.test/.well-known/oauth-protected-resource/mcp/tools"',
    );
    const metadata = await harness.fetch(
      'GET',
      undefined,
      {},
      '/.well-known/oauth-protected-resource/mcp/tools',
    );
    expect(await metadata.json()).toMatchObject({
      resource: 'http://gateway.test/mcp/tools',
      bearer_methods_supported: ['header'],
    });
  });

  test('a bad token is named as such, and is in no log', async () => {
    const token = await harness.token({ aud: 'x' });
    const [head, body] = token.split('.');
    const response = await harness.post(call('echo'), { Authorization: `Bearer ${head}.${body}.` });
    expect(response.status).toBe(401);
    expect(response.headers.get('WWW-Authenticate')).toContain('error="invalid_token"');
    expect(harness.log.join('')).not.toContain(String(body));
  });
});

test('without a policy nothing passes, and the gateway says that it is not ready', async () => {
  const bare = await Harness.start({ withoutPolicy: true });
  try {
    const response = await bare.post(call('echo'));
    expect([response.status, (await errorOf(response)).code]).toEqual([503, -31004]);
    const ready = await bare.fetch('GET', undefined, {}, '/readyz');
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { ready: false, problems: ['no policy bundle yet'] },
    ]);
    expect(bare.seen).toEqual([]);
  } finally {
    await bare.close();
  }
});

test('when the audit cannot be written nothing passes', async () => {
  const broken = await Harness.start();
  broken.answerJson('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
  await broken.store.close();
  const response = await broken.post(call('echo'));
  expect([response.status, (await errorOf(response)).code]).toEqual([503, -31004]);
  expect(broken.seen).toEqual([]);
  await broken.close().catch(() => undefined);
});

test('what is in flight finishes before the gateway stops', async () => {
  const stopping = await Harness.start();
  const arrived = deferred<ServerResponse>();
  stopping.script((response) => arrived.resolve(response));
  const inFlight = stopping.post(call('echo'));
  const response = await arrived.promise;
  const closed = stopping.close();
  json('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}')(response);
  expect((await inFlight).status).toBe(200);
  await closed;
});
