import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  ElicitationCompleteNotificationSchema,
  ElicitRequestSchema,
  ErrorCode,
  McpError,
  UrlElicitationRequiredError,
} from '@modelcontextprotocol/sdk/types.js';
import { deferred, Harness } from './harness.js';
import { decide, page, WAITING } from './waiter.js';

/** The official client, as people use it, with a gateway that has its calls wait. */
const VERSIONS = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'];
const SERVED = { content: [{ type: 'text', text: 'done' }] };
const over = deferred();

let harness: Harness;
let client: Client;
let calls = 0;
beforeAll(async () => {
  harness = await Harness.start({
    policy: WAITING,
    page: page(),
    waitTimes: { keepAlive: 50, silent: 100, again: 100 },
  });
});
afterEach(() => client?.close());
afterAll(async () => {
  over.resolve();
  await harness.close();
});

/** A server of one version, which does what it is asked to. */
function serve(version: string): void {
  harness.script(async (response, { method, body }) => {
    if (method === 'GET') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
      await Promise.race([over.promise, new Promise((resolve) => response.once('close', resolve))]);
      response.end();
      return;
    }
    const asked = body === '' ? {} : (JSON.parse(body) as { id?: number; method?: string });
    if (asked.id === undefined) {
      response.writeHead(202).end();
      return;
    }
    const introduction = {
      protocolVersion: version,
      capabilities: { tools: {} },
      serverInfo: { name: 's', version: '1' },
    };
    if (asked.method === 'tools/call') calls += 1;
    const result = asked.method === 'initialize' ? introduction : SERVED;
    response
      .writeHead(200, { 'Content-Type': 'application/json', 'Mcp-Session-Id': `official-${version}` })
      .end(JSON.stringify({ jsonrpc: '2.0', id: asked.id, result }));
  });
}

async function connect(version: string): Promise<void> {
  serve(version);
  calls = 0;
  client = new Client(
    { name: 'official', version: '1' },
    { capabilities: { elicitation: { form: {}, url: {} } } },
  );
  // A client may answer by itself: that is nobody's consent.
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept' }));
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${harness.url}/mcp/tools`), {
      requestInit: { headers: { Authorization: `Bearer ${await harness.token()}` } },
    }) as Parameters<Client['connect']>[0],
  );
}

function call(style: string, options: Parameters<Client['callTool']>[2] = {}) {
  const args = { wait: { styles: [style], hold_seconds: 20 }, style };
  return client.callTool({ name: 'held', arguments: args }, undefined, options);
}

async function failureOf(called: Promise<unknown>): Promise<unknown> {
  try {
    await called;
  } catch (thrown) {
    return thrown;
  }
  throw new Error('the call did not fail');
}

describe.each(VERSIONS)('on %s', (version) => {
  beforeEach(() => connect(version));

  test('hold: the call takes longer', async () => {
    const called = call('hold');
    await decide(harness);
    expect(await called).toMatchObject(SERVED);
    expect(calls).toBe(1);
  });

  test('hold: progress keeps a client waiting whose time-out is short', async () => {
    const heard: number[] = [];
    const told = deferred();
    const called = call('hold', {
      timeout: 600,
      resetTimeoutOnProgress: true,
      onprogress: ({ progress }) => {
        heard.push(progress);
        if (heard.length === 15) told.resolve(); // after longer than the time-out
      },
    });
    await told.promise;
    await decide(harness);
    expect(await called).toMatchObject(SERVED);
    expect(heard).toEqual([...heard].sort((one, other) => one - other));
  });

  test('hold: a client that gives up makes the same call again', async () => {
    expect(await failureOf(call('hold', { timeout: 200 }))).toMatchObject({ code: ErrorCode.RequestTimeout });
    expect(calls).toBe(0);
    const called = call('hold');
    await decide(harness);
    expect(await called).toMatchObject(SERVED);
  });

  test('return: the same call is made again', async () => {
    const failure = await failureOf(call('return'));
    expect(failure).toBeInstanceOf(McpError);
    expect(failure).toMatchObject({ code: -31002 });
    await decide(harness);
    expect(await call('return')).toMatchObject(SERVED);
    expect(calls).toBe(1);
  });
});

test('url_elicitation: the client learns the page, and when it is decided', async () => {
  await connect('2025-11-25');
  const complete = deferred<string>();
  client.setNotificationHandler(ElicitationCompleteNotificationSchema, ({ params }) =>
    complete.resolve(params.elicitationId),
  );
  const failure = await failureOf(call('url_elicitation'));
  if (!(failure instanceof UrlElicitationRequiredError)) throw failure;
  const id = await decide(harness);
  expect(failure.elicitations).toMatchObject([
    { mode: 'url', elicitationId: id, url: `http://gateway.test/approvals/${id}` },
  ]);
  expect(await complete.promise).toBe(id);
  expect(await call('url_elicitation')).toMatchObject(SERVED);
  expect(calls).toBe(1);
});
