import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Decision } from '../../src/domain/index.js';
import { carryOut } from '../../src/masking/index.js';
import { readJson } from '../../src/protocol/index.js';
import { compile } from '../rego/compiled.js';
import { deferred, errorOf, Harness } from './harness.js';

const VERSION = '2026-07-28';
const META = {
  'io.modelcontextprotocol/protocolVersion': VERSION,
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'agent', version: '7' },
};
const HEADERS = { 'MCP-Protocol-Version': VERSION };
const INTRODUCTION = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'c', version: '1' },
};
const STREAM = { 'Content-Type': 'text/event-stream' };

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.close());
beforeEach(() => {
  harness.seen.length = 0;
});

/** A request that stands alone, as a client of this version sends it. */
function ask(
  method: string,
  params: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<Response> {
  const body = { jsonrpc: '2.0', id: 1, method, params: { _meta: META, ...params } };
  const name = params['name'] ?? params['uri'] ?? params['taskId'];
  return harness.post(body, {
    ...HEADERS,
    'Mcp-Method': method,
    ...(typeof name === 'string' && { 'Mcp-Name': name }),
    ...headers,
  });
}

describe('a request that stands alone', () => {
  const CALLED = '{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","content":[]}}';

  test('passes without a session, and its headers with it', async () => {
    harness.answerJson(CALLED);
    const response = await ask('tools/call', { name: 'echo' }, { 'Mcp-Param-Region': 'north' });
    expect([response.status, await response.text()]).toEqual([200, CALLED]);
    expect(harness.seen[0]?.headers).toMatchObject({
      'mcp-protocol-version': VERSION,
      'mcp-method': 'tools/call',
      'mcp-name': 'echo',
      'mcp-param-region': 'north',
    });
  });

  test('is known to policy by its own version and client', async () => {
    harness.answerJson(CALLED);
    await ask('tools/call', { name: 'named by its client' });
    expect((await harness.decisions()).at(-2)?.labels).toEqual([`${VERSION} agent 7`]);
  });

  test("loses another era's session id, so that no upstream heeds it", async () => {
    harness.answerJson(CALLED);
    const response = await ask(
      'tools/call',
      { name: 'echo' },
      { 'Mcp-Session-Id': 'of someone', 'Last-Event-ID': '1' },
    );
    expect(response.status).toBe(200);
    expect(harness.seen[0]?.headers).not.toHaveProperty('mcp-session-id');
    expect(harness.seen[0]?.headers).not.toHaveProperty('last-event-id');
  });

  test('discovers what the server has', async () => {
    const discovered = `{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","supportedVersions":["${VERSION}"],"capabilities":{},"ttlMs":0,"cacheScope":"public"}}`;
    harness.answerJson(discovered);
    expect(await (await ask('server/discover')).text()).toBe(discovered);
  });

  test('shares its id with another of the same principal', async () => {
    const first = deferred<ServerResponse>();
    harness.script((response) => {
      response.writeHead(200, STREAM).flushHeaders();
      first.resolve(response);
    });
    const [one, upstream] = [await ask('tools/call', { name: 'one' }), await first.promise];
    harness.script((response) => void response.writeHead(200, STREAM).end(`data: ${CALLED}\n\n`));
    expect(await (await ask('tools/call', { name: 'two' })).text()).toBe(`data: ${CALLED}\n\n`);
    upstream.end(`data: ${CALLED}\n\n`);
    expect(await one.text()).toBe(`data: ${CALLED}\n\n`);
  });
});

describe('a request is refused before policy', () => {
  test.each<[string, string, Record<string, unknown>, Record<string, string>, number, number]>([
    ['under another method', 'tools/list', {}, { 'Mcp-Method': 'tools/call' }, 400, -32020],
    ['under another name', 'tools/call', { name: 'echo' }, { 'Mcp-Name': 'refused' }, 400, -32020],
    [
      'of another version than its header',
      'tools/list',
      {},
      { 'MCP-Protocol-Version': '2025-11-25' },
      400,
      -32020,
    ],
    ['of a method that went with sessions', 'ping', {}, {}, 404, -32601],
    ['of a method in another case', 'Tools/List', {}, {}, 404, -32601],
    ['that opens a session', 'initialize', INTRODUCTION, {}, 404, -32601],
    ['that opens a session without saying whose', 'initialize', {}, {}, 404, -32601],
  ])('%s', async (_what, method, params, headers, status, code) => {
    const response = await ask(method, params, headers);
    expect([response.status, await errorOf(response)]).toMatchObject([status, { code, id: 1 }]);
    expect(harness.seen).toEqual([]);
  });

  test('without the headers that the version demands', async () => {
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: META } };
    for (const headers of [HEADERS, { 'Mcp-Method': 'tools/list' }, {}]) {
      const response = await harness.post(body, headers as Record<string, string>);
      expect([response.status, (await errorOf(response)).code]).toEqual([400, -32020]);
    }
    expect(harness.seen).toEqual([]);
  });

  test('in a version that nobody knows, and is told which there are', async () => {
    const _meta = { ...META, 'io.modelcontextprotocol/protocolVersion': '2027-01-01' };
    const response = await ask('server/discover', { _meta }, { 'MCP-Protocol-Version': '2027-01-01' });
    expect([response.status, await errorOf(response)]).toMatchObject([
      400,
      { code: -32022, data: { requested: '2027-01-01', supported: [VERSION] } },
    ]);
  });

  test('as an answer, since no server asks', async () => {
    const response = await harness.post({ jsonrpc: '2.0', id: 1, result: { roots: [] } }, HEADERS);
    expect(response.status).toBe(403);
  });

  test.each(['GET', 'DELETE'])('as a %s, which speaks of a session', async (method) => {
    expect((await harness.fetch(method, undefined, HEADERS)).status).toBe(405);
    expect(harness.seen).toEqual([]);
  });
});

describe('what a client negotiates from passes with its status', () => {
  test.each([
    [
      400,
      '{"jsonrpc":"2.0","id":1,"error":{"code":-32021,"message":"m","data":{"requiredCapabilities":{}}}}',
    ],
    [
      400,
      '{"jsonrpc":"2.0","id":1,"error":{"code":-32022,"message":"m","data":{"requested":"2026-07-28","supported":[]}}}',
    ],
    [404, '{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"m"}}'],
  ])('%d %s', async (status, body) => {
    harness.answerJson(body, status);
    const response = await ask('tools/list');
    expect([response.status, await response.text()]).toEqual([status, body]);
  });
});

describe('several round trips', () => {
  const ASKED =
    '{"jsonrpc":"2.0","id":1,"result":{"resultType":"input_required","inputRequests":{"who":{"method":"elicitation/create","params":{"mode":"form","message":"who?","requestedSchema":{"type":"object","properties":{}}}}},"requestState":"opaque"}}';

  test('pass byte for byte, there and back', async () => {
    harness.answerJson(ASKED);
    expect(await (await ask('tools/call', { name: 'echo' })).text()).toBe(ASKED);
    const inputResponses = { who: { action: 'accept', content: { name: 'Ada' } } };
    await ask('tools/call', { name: 'echo', inputResponses, requestState: 'opaque' });
    expect(JSON.parse(harness.seen[1]?.body ?? '')).toMatchObject({
      params: { inputResponses, requestState: 'opaque' },
    });
  });

  test('are judged as part of the message', async () => {
    harness.answerJson(ASKED.replace('who?', 'write to ada@example.com'));
    expect(await (await ask('tools/call', { name: 'echo' })).text()).toBe(
      ASKED.replace('who?', 'write to [redacted:email]'),
    );
    const refused = { who: { action: 'accept', content: { answer: 'refused' } } };
    const response = await ask('tools/call', { name: 'echo', inputResponses: refused });
    expect((await errorOf(response)).code).toBe(-31001);
  });

  test('a result of an extension passes', async () => {
    const task =
      '{"jsonrpc":"2.0","id":1,"result":{"resultType":"task","taskId":"t","status":"working","createdAt":"c","lastUpdatedAt":"l","ttlMs":null}}';
    harness.answerJson(task);
    expect(await (await ask('tools/call', { name: 'echo' })).text()).toBe(task);
  });
});

test('the masks of the policy library make a shared list private, and change no word of it', async () => {
  const decide = await compile(['rego'], ['regate/main/decision'], '--ignore=*_test.rego');
  const listed = (scope: string) =>
    `{"jsonrpc":"2.0","id":1,"result":{"tools":[],"cacheScope":"${scope}","description":"list public_keys in public"}}`;
  const document = readJson(Buffer.from(listed('public')));
  const { mask } = decide(
    {
      direction: 'to_client',
      kind: 'response',
      request: { method: 'tools/list' },
      upstream: { name: 'tools' },
      message: document.value(document.root),
      findings: [],
    },
    'regate/main/decision',
  ) as Decision;
  const decision = { effect: 'allow', reasons: [], mask, labels: [] } as const;
  const { bytes } = carryOut(document, decision, { hashKey: Buffer.alloc(32) });
  expect(bytes.toString()).toBe(listed('private'));
});

describe('a stream', () => {
  const CHANGED =
    'data: {"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":1}}}\n\n';
  const ACKNOWLEDGED =
    'data: {"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":1},"notifications":{"toolsListChanged":true}}}\n\n';
  const ENDED =
    'data: {"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","_meta":{"io.modelcontextprotocol/subscriptionId":1}}}\n\n';
  const listen = () => ask('subscriptions/listen', { notifications: { toolsListChanged: true } });

  test('of changes passes as it comes, and may just end', async () => {
    const opened = deferred<ServerResponse>();
    harness.script((response) => {
      response.writeHead(200, STREAM).write(ACKNOWLEDGED);
      opened.resolve(response);
    });
    const reader = (await listen()).body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe(ACKNOWLEDGED);
    const upstream = await opened.promise;
    upstream.end(CHANGED);
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe(CHANGED);
    expect((await reader?.read())?.done).toBe(true);
  });

  test('of changes may end with an answer', async () => {
    harness.script((response) => void response.writeHead(200, STREAM).end(ACKNOWLEDGED + ENDED));
    expect(await (await listen()).text()).toBe(ACKNOWLEDGED + ENDED);
  });

  test('of changes that breaks off ends with an error', async () => {
    harness.script((response) => void response.writeHead(200, STREAM).end(`${ACKNOWLEDGED}data: {"json`));
    expect(await (await listen()).text()).toContain('"code":-32603');
  });

  test('of changes is judged by the policy in force when they come', async () => {
    const opened = deferred<ServerResponse>();
    harness.script((response) => {
      response.writeHead(200, STREAM).write(ACKNOWLEDGED);
      opened.resolve(response);
    });
    const reader = (await listen()).body?.getReader();
    await reader?.read();
    await harness.changePolicy();
    const upstream = await opened.promise;
    upstream.end(CHANGED);
    await reader?.read();
    const [before, after] = (await harness.decisions()).slice(-2);
    expect(after?.revision.revision).not.toBe(before?.revision.revision);
  });

  test('closed by the caller is closed for the upstream', async () => {
    const closed = deferred();
    harness.script(async (response) => {
      response.writeHead(200, STREAM).write(ACKNOWLEDGED);
      await once(response, 'close');
      closed.resolve();
    });
    const reader = (await listen()).body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await closed.promise;
  });

  test('cannot be resumed: without its answer it ends with an error, event ids or not', async () => {
    harness.script((response) => void response.writeHead(200, STREAM).end('id: 1\ndata:\n\n'));
    expect(await (await ask('tools/call', { name: 'echo' })).text()).toContain('"code":-32603');
  });

  test('carries no request of the server', async () => {
    harness.script(
      (response) =>
        void response.writeHead(200, STREAM).end('data: {"jsonrpc":"2.0","id":9,"method":"roots/list"}\n\n'),
    );
    const text = await (await ask('tools/call', { name: 'echo' })).text();
    expect(text).toContain('"code":-32603');
    expect(text).not.toContain('roots/list');
  });
});

test('a stream of changes does not hold up the end of the gateway', async () => {
  const stopping = await Harness.start();
  stopping.script((response) => void response.writeHead(200, STREAM).write(': open\n\n'));
  const body = {
    jsonrpc: '2.0',
    id: 1,
    method: 'subscriptions/listen',
    params: { _meta: META, notifications: {} },
  };
  const response = await stopping.post(body, { ...HEADERS, 'Mcp-Method': 'subscriptions/listen' });
  await response.body?.getReader().read();
  const begun = Date.now();
  await stopping.close();
  expect(Date.now() - begun).toBeLessThan(1_500);
});

describe('before 2026-07-28', () => {
  const call = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

  test('a header must name a version that is known', async () => {
    for (const version of ['1900-01-01', 'latest', '2025-11-25, 2025-11-25']) {
      const response = await harness.post(call, { 'MCP-Protocol-Version': version });
      expect([response.status, (await errorOf(response)).code]).toEqual([400, -32600]);
    }
    expect((await harness.fetch('GET', undefined, { 'MCP-Protocol-Version': 'latest' })).status).toBe(400);
    expect(harness.seen).toEqual([]);
  });

  test('a header must name the version of its session, which is the one the server chose', async () => {
    await harness.openSession('v1', { asking: '2025-11-25', getting: '2025-06-18' });
    harness.answerJson('{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}');
    const post = (version: string) =>
      harness.post(call, { 'Mcp-Session-Id': 'v1', 'MCP-Protocol-Version': version });
    expect((await post('2025-06-18')).status).toBe(200);
    const response = await post('2025-11-25');
    expect([response.status, (await errorOf(response)).code]).toEqual([400, -32600]);
  });

  test.each(['2026-07-28', '1900-01-01'])(
    'a session that a server opens in version %s is none',
    async (version) => {
      const opening = harness.openSession('v2', { asking: '2025-11-25', getting: version });
      await expect(opening).rejects.toThrow('502');
      expect((await harness.post(call, { 'Mcp-Session-Id': 'v2' })).status).toBe(404);
    },
  );

  test('a session is kept before the answer to initialize leaves, on a stream too', async () => {
    harness.script(
      (response) =>
        void response
          .writeHead(200, { ...STREAM, 'Mcp-Session-Id': 'v3' })
          .end(
            'data: {"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-03-26","capabilities":{},"serverInfo":{"name":"s","version":"1"}}}\n\n',
          ),
    );
    await (await harness.post({ jsonrpc: '2.0', id: 1, method: 'initialize', params: INTRODUCTION })).text();
    expect(await harness.store.sessions.find('tools', 'v3')).toMatchObject({
      protocol_version: '2025-03-26',
      client_name: 'c',
    });
  });

  test('an error in answer to initialize opens no session', async () => {
    harness.answerJson('{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"m"}}', 200, {
      'Mcp-Session-Id': 'v4',
    });
    await harness.post({ jsonrpc: '2.0', id: 1, method: 'initialize', params: INTRODUCTION });
    expect(await harness.store.sessions.find('tools', 'v4')).toBeUndefined();
  });
});
