import { readFileSync } from 'node:fs';
import { PROTOCOL_VERSIONS } from '../../src/domain/index.js';
import { decodeMessage, knownVersion, mustFit, readJson } from '../../src/protocol/index.js';
import { Harness } from './harness.js';
import { decide, held, page, STATELESS, STATELESS_HEADERS, WAITING } from './waiter.js';

/** What docs/waiting.md shows is what callers get. */
const DOC = readFileSync('docs/waiting.md', 'utf8');
const STYLES = ['hold', 'return', 'input_required', 'url_elicitation', 'task'];

let harness: Harness;
let nth = 0;
beforeAll(async () => {
  harness = await Harness.start({
    policy: WAITING,
    page: page(),
    waitTimes: { keepAlive: 10_000, silent: 100, again: 100 },
  });
});
afterAll(() => harness.close());

/** Headers of a client that shows pages, in a session of its own where the version has any. */
async function client(version: string): Promise<Record<string, string>> {
  if (version === STATELESS) return STATELESS_HEADERS;
  const result = { protocolVersion: version, capabilities: {}, serverInfo: { name: 't', version: '1' } };
  harness.answerJson(JSON.stringify({ jsonrpc: '2.0', id: 0, result }), 200, { 'Mcp-Session-Id': version });
  const params = {
    protocolVersion: version,
    capabilities: { elicitation: { url: {} } },
    clientInfo: { name: 'c', version: '1' },
  };
  await (await harness.post({ jsonrpc: '2.0', id: 0, method: 'initialize', params })).text();
  return { 'Mcp-Session-Id': version, 'MCP-Protocol-Version': version };
}

/** A call that waits in a style, once it is answered or held open; a human then decides. */
async function answered(style: string, version: string): Promise<{ stream: boolean; text: string }> {
  const headers = await client(version);
  const result = version === STATELESS ? { resultType: 'complete', content: [] } : { content: [] };
  harness.answerJson(JSON.stringify({ jsonrpc: '2.0', id: 1, result }));
  const capabilities = { elicitation: { url: {} }, extensions: { 'io.modelcontextprotocol/tasks': {} } };
  const stateless = version === STATELESS ? { capabilities } : {};
  const asked = version !== STATELESS && style === 'task' ? { params: { task: { ttl: 60_000 } } } : {};
  nth += 1;
  const args = { wait: { styles: [style], hold_seconds: 20 }, nth };
  const response = await harness.post(
    held(args, { ...stateless, ...asked, meta: { progressToken: 't' } }),
    headers,
  );
  await decide(harness, style === 'hold' ? 'approve' : 'deny');
  const stream = response.headers.get('content-type') === 'text/event-stream';
  return { stream, text: await response.text() };
}

const rows = new Map(
  [...DOC.matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].map(([, style, cells]) => [style, cells?.split(' | ')]),
);

test.each(STYLES)('the row of %s', async (style) => {
  const seen: string[] = [];
  for (const version of PROTOCOL_VERSIONS) {
    const { stream, text } = await answered(style, version);
    const { error, result } = stream ? { error: undefined, result: undefined } : JSON.parse(text);
    const task = result?.task === undefined ? undefined : 'task';
    seen.push(stream ? 'stream' : String(error?.code ?? task ?? result?.resultType));
  }
  expect(seen).toEqual(rows.get(style));
});

test.each([
  ['hold', 'hold', '2025-11-25'],
  ['return', 'return', '2025-11-25'],
  ['input_required', 'input_required', STATELESS],
  ['url_elicitation', 'url_elicitation', '2025-11-25'],
  ['task', 'task', '2025-11-25'],
  ['task_2026', 'task', STATELESS],
])('the output of %s', async (label, style, version) => {
  const block = new RegExp(`^\`\`\`\\w+ ${label}\\n([^]*?)\`\`\``, 'm').exec(DOC)?.[1] ?? '';
  const { text } = await answered(style, version);
  if (style !== 'hold') mustBeMcp(text, version);
  expect(withoutChance(text).trimEnd()).toBe(withoutChance(block).trimEnd());
});

/** Ids, times and seals are others each time. */
function withoutChance(text: string): string {
  return text
    .replaceAll(/apr_[a-z2-7]{16}/g, 'apr_')
    .replaceAll(/"decision_id":"[\w-]+"/g, '"decision_id"')
    .replaceAll(/"(expires_at|createdAt|lastUpdatedAt)":"[\w:.-]+"/g, '"$1"')
    .replaceAll(/"(ttl|ttlMs)":\d+/g, '"$1"')
    .replaceAll(/"regate-task\.[\w.-]+"/g, '"regate-task."')
    .replaceAll(/"regate\.[\w-]{12}\.[\w-]+"/g, '"regate."');
}

/** @throws ProtocolError where an answer to the call is not what its version of MCP defines */
function mustBeMcp(text: string, version: string): void {
  const decode = (json: string) => decodeMessage(readJson(Buffer.from(json)));
  const call = decode(JSON.stringify(held({}, { params: { task: {} } })));
  const known = knownVersion(version);
  if (known === undefined || call.kind !== 'request') throw new TypeError('no call of a known version');
  mustFit(decode(text), known, call);
}
