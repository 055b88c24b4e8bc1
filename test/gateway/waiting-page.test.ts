import { until } from '../identity/issuer.js';
import { deferred, errorOf, Harness } from './harness.js';
import { decide, Hearing, held, page, pending, STRICT, WAITING } from './waiter.js';

/** `url_elicitation` (MCP 2025-11-25): the caller is told by an error to which page it shall take a person. */
const VERSION = '2025-11-25';
const visiting = (n: number) => ({ wait: { styles: ['url_elicitation', 'return'], hold_seconds: 1 }, n });
const ANSWER = '{"jsonrpc":"2.0","id":1,"result":{"content":[]}}';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start({ policy: WAITING, page: page() });
});
afterAll(() => harness.close());
beforeEach(() => {
  harness.answerJson(ANSWER);
  harness.seen.length = 0;
});

/** A session of a client with these capabilities, as the headers that name it. */
async function session(id: string, capabilities: object): Promise<Record<string, string>> {
  harness.answerJson(
    `{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"${VERSION}","capabilities":{},"serverInfo":{"name":"t","version":"1"}}}`,
    200,
    { 'Mcp-Session-Id': id },
  );
  const params = { protocolVersion: VERSION, capabilities, clientInfo: { name: 'c', version: '1' } };
  await (await harness.post({ jsonrpc: '2.0', id: 0, method: 'initialize', params })).text();
  harness.answerJson(ANSWER);
  harness.seen.length = 0;
  return { 'Mcp-Session-Id': id, 'MCP-Protocol-Version': VERSION };
}

test('the error names the page, and the same call picks the grant up', async () => {
  const headers = await session('a', { elicitation: { form: {}, url: {} } });
  const error = await errorOf(await harness.post(held(visiting(1)), headers));
  const [id] = await pending(harness);
  const url = `http://gateway.test/approvals/${id}`;
  expect(error).toMatchObject({
    code: -32042,
    data: {
      elicitations: [
        {
          mode: 'url',
          elicitationId: id,
          url,
          message: `a human must approve this call (${id}, by approvers).`,
        },
      ],
      approval: { id, url },
    },
  });
  expect((await errorOf(await harness.post(held(visiting(1)), headers))).code).toBe(-32042);
  await decide(harness);
  expect(await (await harness.post(held(visiting(1)), headers)).text()).toBe(ANSWER);
});

test.each<[string, number, object]>([
  ['names no elicitation', 10, {}],
  ['elicits by forms only', 11, { elicitation: {} }],
])('a client that %s is not sent there', async (name, n, capabilities) => {
  const headers = await session(name.replaceAll(' ', '-'), capabilities);
  expect(await errorOf(await harness.post(held(visiting(n)), headers))).toMatchObject({ code: -31002 });
  await decide(harness, 'deny');
});

test('the session that was sent there hears that it is decided, and no other', async () => {
  const listening = deferred();
  const own = await session('own', { elicitation: { url: {} } });
  const other = await session('other', { elicitation: { url: {} } });
  harness.script(async (response, { method }) => {
    if (method !== 'GET') {
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(ANSWER);
      return;
    }
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(': hello\n\n');
    await listening.promise;
    response.end();
  });
  const [mine, theirs] = [
    new Hearing(await harness.fetch('GET', undefined, own)),
    new Hearing(await harness.fetch('GET', undefined, other)),
  ];
  await errorOf(await harness.post(held(visiting(3)), own));
  const id = await decide(harness);
  await until(() => mine.messages.length === 1);
  listening.resolve();
  expect((await mine.all).at(-1)).toEqual({
    jsonrpc: '2.0',
    method: 'notifications/elicitation/complete',
    params: { elicitationId: id },
  });
  await theirs.all;
  expect(theirs.messages).toEqual([]);
});

test('an answer to an elicitation that the gateway never sent is nothing', async () => {
  const headers = await session('b', { elicitation: { url: {} } });
  await errorOf(await harness.post(held(visiting(4)), headers));
  const [id] = await pending(harness);
  for (const answered of [id, 1])
    expect(
      (await harness.post({ jsonrpc: '2.0', id: answered, result: { action: 'accept' } }, headers)).status,
    ).toBe(403);
  expect((await harness.approvals.show(id ?? '')).state).toBe('pending');
  expect((await errorOf(await harness.post(held(visiting(4)), headers))).code).toBe(-32042);
  expect(harness.seen).toEqual([]);
  await decide(harness, 'deny');
});

describe('what a human sees, and may change', () => {
  const returning = (more: object) => ({ wait: { styles: ['return'], hold_seconds: 1 }, ...more });
  const LISTED = { name: 'held', description: 'Moves money.', inputSchema: { type: 'object' } };

  test('the call as policy masks it, and the definition as the server gave it', async () => {
    harness.answerJson(`{"jsonrpc":"2.0","id":1,"result":{"tools":[${JSON.stringify(LISTED)}]}}`);
    await (await harness.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' })).text();
    harness.answerJson(ANSWER);
    await errorOf(await harness.post(held(returning({ secret: 'hunter2', n: 5 }))));
    const [id] = await pending(harness);
    const { shown, requester } = await harness.approvals.show(id ?? '');
    expect(shown).toMatchObject({ tool: 'held', definition: JSON.stringify(LISTED), masked: true });
    expect(shown.arguments).not.toContain('hunter2');
    expect(shown.arguments).toContain('"n":5');
    expect(requester.subject).toBe('job');
    await decide(harness);
    await (await harness.post(held(returning({ secret: 'hunter2', n: 5 })))).text();
    expect(harness.seen.at(-1)?.body).toContain('hunter2');
  });

  test('narrowed arguments run in place of those that were sent; all else stays byte for byte', async () => {
    const body =
      '{"jsonrpc":"2.0", "id":1,"method":"tools/call","params":{ "_meta":{"progressToken":"t"},"arguments":{"amount":5000.00},"name":"held" }}';
    await errorOf(await harness.post(body));
    await decide(harness, 'approve', '{"amount":50.00}');
    const told = ANSWER.replace('"content":[]', '"content":[],"_meta":{"regate/narrowed":true}');
    expect(await (await harness.post(body)).text()).toBe(told);
    expect(harness.seen.map((seen) => seen.body)).toEqual([body.replace('5000.00', '50.00')]);
    const [allowed] = (await harness.decisions()).slice(-2);
    expect(allowed).toMatchObject({ direction: 'to_server', effect: 'allow' });
  });

  test.each([
    ['"_meta":{},"content":[]', '"_meta":{"regate/narrowed":true},"content":[]'],
    ['"_meta":{"a":1},"content":[]', '"_meta":{"a":1,"regate/narrowed":true},"content":[]'],
    ['"_meta":{"regate/narrowed":false},"content":[]', '"_meta":{"regate/narrowed":true},"content":[]'],
  ])('a result with %s says that it was narrowed', async (answered, told) => {
    const call = held(returning({ answered }));
    const result = (members: string) => `{"jsonrpc":"2.0","id":1,"result":{${members}}}`;
    harness.script((response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.end(`data: ${result(answered)}\n\n`);
    });
    await errorOf(await harness.post(call));
    await decide(harness, 'approve', '{}');
    expect(await (await harness.post(call)).text()).toBe(`data: ${result(told)}\n\n`);
  });

  test('what they were narrowed to is judged by policy', async () => {
    const call = held(returning({ n: 7 }));
    await errorOf(await harness.post(call));
    await decide(harness, 'approve', '{"amount":666}');
    expect(await errorOf(await harness.post(call))).toMatchObject({ code: -31001 });
    expect(harness.seen).toEqual([]);
  });

  test('headers that repeat the arguments as they were sent do not go along', async () => {
    const call = held(returning({ region: 'north' }), { capabilities: {} });
    const headers = {
      'MCP-Protocol-Version': '2026-07-28',
      'Mcp-Method': 'tools/call',
      'Mcp-Name': 'held',
      'Mcp-Param-Region': 'north',
    };
    harness.answerJson('{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","content":[]}}');
    await errorOf(await harness.post(call, headers));
    await decide(harness, 'approve', '{"region":"south"}');
    expect((await harness.post(call, headers)).status).toBe(200);
    expect(harness.seen[0]?.headers).not.toHaveProperty('mcp-param-region');
    expect(harness.seen[0]?.headers).toHaveProperty('mcp-name', 'held');
  });

  test('what is no call of the tool any more does not run', async () => {
    const call = held(returning({ n: 8 }));
    await errorOf(await harness.post(call));
    await decide(harness, 'approve', '{"a":1,"a":2}');
    expect((await errorOf(await harness.post(call))).code).toBe(-32600);
    expect(harness.seen).toEqual([]);
  });
});

test('a yes that is no longer enough for what policy demands is not used', async () => {
  const call = held({ wait: { styles: ['return'], hold_seconds: 1 }, n: 9 });
  await errorOf(await harness.post(call));
  await decide(harness);
  await harness.changePolicy(STRICT);
  expect(await errorOf(await harness.post(call))).toMatchObject({
    code: -31003,
    data: { approval: { state: 'other_terms' } },
  });
  expect(harness.seen).toEqual([]);
});
