import { errorOf, Harness } from './harness.js';

const VERSION = '2026-07-28';
const META = {
  'io.modelcontextprotocol/protocolVersion': VERSION,
  'io.modelcontextprotocol/clientCapabilities': {},
};
const CALLED = '{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","content":[]}}';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.close());
beforeEach(() => {
  harness.seen.length = 0;
});

function ask(method: string, params: object, headers: Record<string, string> = {}): Promise<Response> {
  const body = { jsonrpc: '2.0', id: 1, method, params: { _meta: META, ...params } };
  return harness.post(body, { 'MCP-Protocol-Version': VERSION, 'Mcp-Method': method, ...headers });
}

function call(args: object, headers: Record<string, string>): Promise<Response> {
  harness.answerJson(CALLED);
  return ask('tools/call', { name: 'query', arguments: args }, { 'Mcp-Name': 'query', ...headers });
}

/** The upstream lists its one tool, whose argument `region` calls repeat in a header of that name. */
async function list(header: string): Promise<void> {
  const region = { type: 'string', 'x-mcp-header': header };
  const tool = { name: 'query', inputSchema: { type: 'object', properties: { region } } };
  const result = { resultType: 'complete', tools: [tool], ttlMs: 0, cacheScope: 'private' };
  harness.answerJson(JSON.stringify({ jsonrpc: '2.0', id: 1, result }));
  expect((await ask('tools/list', {})).status).toBe(200);
  harness.seen.length = 0;
}

test('headers of a tool that was not listed yet pass unread', async () => {
  const response = await call({ region: 'north' }, { 'Mcp-Param-Region': 'south' });
  expect(response.status).toBe(200);
  expect(harness.seen[0]?.headers).toMatchObject({ 'mcp-param-region': 'south' });
});

test('headers of a listed tool have to say what the arguments say', async () => {
  await list('Region');
  for (const headers of [{ 'Mcp-Param-Region': 'south' }, {}]) {
    const response = await call({ region: 'north' }, headers as Record<string, string>);
    expect([response.status, (await errorOf(response)).code]).toEqual([400, -32020]);
  }
  expect(harness.seen).toEqual([]);
  const headers = { 'Mcp-Param-Region': 'north', 'Mcp-Param-Tenant': 'any' };
  expect((await call({ region: 'north' }, headers)).status).toBe(200);
  expect(harness.seen[0]?.headers).toMatchObject({ 'mcp-param-region': 'north', 'mcp-param-tenant': 'any' });
});

test('what counts is how the tool was listed last', async () => {
  await list('Region');
  await list('Place');
  expect((await call({ region: 'north' }, { 'Mcp-Param-Place': 'north' })).status).toBe(200);
  expect((await call({ region: 'north' }, { 'Mcp-Param-Region': 'north' })).status).toBe(400);
});
