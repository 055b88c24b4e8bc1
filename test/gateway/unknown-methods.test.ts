import { errorOf, Harness } from './harness.js';

/** Methods that no version of MCP knows: an extension's or a vendor's. */
const POLICY = `package regate.main

default decision := {"effect": "allow", "reasons": [], "mask": [], "labels": []}

decision := {"effect": "deny", "reasons": [{"policy": "test", "code": "refused", "message": "the test says no"}], "mask": [], "labels": []} if {
	input.message.method == "acme/refused"
}

decision := {"effect": "allow", "reasons": [], "mask": [{"path": "/result/secret", "with": "remove"}], "labels": []} if {
	input.request.method == "acme/secret"
}
`;
const STREAM = { 'Content-Type': 'text/event-stream' };

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start({ policy: POLICY });
});
afterAll(() => harness.close());
beforeEach(() => {
  harness.seen.length = 0;
});

/** Posts a message in a session of its own and gives the whole answer. */
async function say(body: string, version = '2025-06-18'): Promise<{ response: Response; text: string }> {
  const response = await harness.post(body, { 'MCP-Protocol-Version': version });
  return { response, text: await response.clone().text() };
}

const refusals = async () => (await harness.events()).filter(({ type }) => type === 'refusal');

test.each(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'])(
  'a request passes in %s byte for byte where policy allows it, and so does its answer',
  async (version) => {
    const asked = '{ "jsonrpc":"2.0", "method":"acme/do" ,"id":1,"params":{"n":1.0e2} }';
    const answered = '{"id":1 ,"jsonrpc":"2.0","result":{ "any":[1.50] } }';
    harness.answerJson(answered);
    const { response, text } = await say(asked, version);
    expect([response.status, text]).toEqual([200, answered]);
    expect(harness.seen.map(({ body }) => body)).toEqual([asked]);
    const recorded = (await harness.decisions()).slice(-2);
    expect(recorded.map(({ method, direction }) => [method, direction])).toEqual([
      ['acme/do', 'to_server'],
      ['acme/do', 'to_client'],
    ]);
  },
);

test('policy refuses it, and masks its answer, as any', async () => {
  const { response } = await say('{"jsonrpc":"2.0","id":1,"method":"acme/refused"}');
  expect([response.status, (await errorOf(response)).code]).toEqual([200, -31001]);
  expect(harness.seen).toEqual([]);
  harness.answerJson('{"jsonrpc":"2.0","id":1,"result":{"secret":1,"rest":2}}');
  expect((await say('{"jsonrpc":"2.0","id":1,"method":"acme/secret"}')).text).not.toContain('secret');
});

test('a notification passes, and a refused one is told by its status', async () => {
  harness.script((response) => void response.writeHead(202).end());
  expect((await say('{"jsonrpc":"2.0","method":"acme/done"}')).response.status).toBe(202);
  expect(harness.seen).toHaveLength(1);
  expect((await say('{"jsonrpc":"2.0","method":"acme/refused"}')).response.status).toBe(403);
  expect(harness.seen).toHaveLength(1);
});

test('what an upstream says by such a method passes too, and a request of its can be answered', async () => {
  await harness.openSession('unknown');
  const told = 'data: {"jsonrpc":"2.0","method":"acme/event","params":{"x":1}}\n\n';
  const asked = 'data: {"jsonrpc":"2.0","id":"u1","method":"acme/ask"}\n\n';
  const answered = 'data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n';
  harness.script((response) => void response.writeHead(200, STREAM).end(told + asked + answered));
  const headers = { 'Mcp-Session-Id': 'unknown' };
  const response = await harness.post('{"jsonrpc":"2.0","id":1,"method":"acme/do"}', headers);
  expect(await response.text()).toBe(told + asked + answered);
  harness.script((answer) => void answer.writeHead(202).end());
  const reply = '{"jsonrpc":"2.0","id":"u1","result":{"any":"thing"}}';
  expect((await harness.post(reply, headers)).status).toBe(202);
  expect(harness.seen.at(-1)?.body).toBe(reply);
});

describe('in 2026-07-28', () => {
  const META =
    '{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}';
  const ask = (params: string, headers: Record<string, string> = { 'Mcp-Method': 'acme/do' }) =>
    harness.post(`{"jsonrpc":"2.0","id":1,"method":"acme/do","params":${params}}`, {
      'MCP-Protocol-Version': '2026-07-28',
      ...headers,
    });

  test('it passes with what every request says of itself', async () => {
    harness.answerJson('{"jsonrpc":"2.0","id":1,"result":{"resultType":"acme"}}');
    const response = await ask(`{"_meta":${META},"x":1}`);
    expect([response.status, await response.text()]).toEqual([
      200,
      '{"jsonrpc":"2.0","id":1,"result":{"resultType":"acme"}}',
    ]);
  });

  test.each<[string, string, Record<string, string> | undefined, number]>([
    ['without _meta', '{"x":1}', undefined, -32602],
    ['without its header', `{"_meta":${META}}`, {}, -32020],
    ['under another header', `{"_meta":${META}}`, { 'Mcp-Method': 'tools/list' }, -32020],
  ])('%s it is refused', async (_what, params, headers, code) => {
    const response = await ask(params, headers);
    expect([response.status, (await errorOf(response)).code]).toEqual([400, code]);
    expect(harness.seen).toEqual([]);
  });

  test("an upstream's own 404 passes unchanged", async () => {
    const unknown = '{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no such method"}}';
    harness.answerJson(unknown, 404);
    const response = await ask(`{"_meta":${META}}`);
    expect([response.status, await response.text()]).toEqual([404, unknown]);
  });
});

test.each([
  ['in another case', 'Tools/Call', -32601],
  ['with a space after it', 'tools/call ', -32600],
  ['with an invisible character', 'tools/call\u200b', -32600],
  ['with a letter of another script', 'tools/\u0441all', -32600],
  ['with a line break', 'acme/do\nforged: line', -32600],
  ['without end', 'x'.repeat(100_000), -32600],
])('a name %s is refused, and its text is neither logged nor recorded', async (_what, method, code) => {
  const before = (await refusals()).length;
  const logged = harness.log.length;
  const { response } = await say(JSON.stringify({ jsonrpc: '2.0', id: 1, method }));
  expect([response.status, (await errorOf(response)).code]).toEqual([400, code]);
  expect(harness.seen).toEqual([]);
  const recorded = JSON.stringify((await refusals()).slice(before)) + harness.log.slice(logged).join('');
  expect(recorded).toContain('refus');
  if (code === -32600) expect(recorded).not.toContain(JSON.stringify(method).slice(1, -1));
});
