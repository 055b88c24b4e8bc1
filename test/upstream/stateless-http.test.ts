/** MCP 2026-07-28 from HTTP to a pipe, as a client meets it: a real gateway that judges and records each message. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { errorOf, Harness } from '../gateway/harness.js';
import { messagesOf, scriptedUpstream, until } from './caller.js';

const VERSION = '2026-07-28';
const META = {
  'io.modelcontextprotocol/protocolVersion': VERSION,
  'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } },
  'io.modelcontextprotocol/clientInfo': { name: 'agent', version: '7' },
};
const OFFICIAL = fileURLToPath(new URL('./servers/official.mjs', import.meta.url));
const SDK = new URL('../conformance/mcp/node_modules/@modelcontextprotocol/server', import.meta.url);

let harness: Harness;
let log: string[];

async function begin(
  sharing: 'per_session' | 'shared',
  options: Parameters<typeof scriptedUpstream>[0] = {},
): Promise<void> {
  const scripted = scriptedUpstream({ sharing, ...options });
  log = scripted.log;
  harness = await Harness.start({ road: scripted.road });
}

afterEach(() => harness.close());

interface Asking {
  readonly id?: unknown;
  readonly meta?: object;
  /** Who asks. */
  readonly sub?: string;
  readonly signal?: AbortSignal;
}

/** A request that stands alone, as a client of this version sends it. */
async function ask(
  method: string,
  params: Record<string, unknown> = {},
  { id = 1, meta = {}, sub = 'job', signal }: Asking = {},
): Promise<Response> {
  const name = params['name'];
  return fetch(`${harness.url}/mcp/tools`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${await harness.token({ sub })}`,
      Accept: 'application/json, text/event-stream',
      'Content-Type': 'application/json',
      'MCP-Protocol-Version': VERSION,
      'Mcp-Method': method,
      ...(typeof name === 'string' && { 'Mcp-Name': name }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id, method, params: { _meta: { ...META, ...meta }, ...params } }),
    ...(signal !== undefined && { signal }),
  });
}

const call = (name: string, args: object = {}, asking: Asking = {}) =>
  ask('tools/call', { name, arguments: args }, asking);

/** What came before a response's end, message by message. */
async function* eventsOf(response: Response) {
  for await (const chunk of response.body ?? []) yield* messagesOf(Buffer.from(chunk).toString());
}

async function textOf(response: Response): Promise<string> {
  const body = (await response.json()) as { result: { content: { text: string }[] } };
  return body.result.content[0]?.text ?? '';
}

/** What the audit holds, oldest first, in few words. */
async function recorded(): Promise<string[]> {
  const decisions = await harness.decisions();
  return decisions.map(({ direction, kind, method, effect }) => `${direction} ${kind} ${method} ${effect}`);
}

const LISTENING = { notifications: { toolsListChanged: true } };

describe.each(['per_session', 'shared'] as const)('%s', (sharing) => {
  test('each message of a call is judged and recorded', async () => {
    await begin(sharing);
    const response = await call('progress', { steps: 2 }, { meta: { progressToken: 'p' } });
    const events = messagesOf(await response.text());
    expect(events.map(({ id, params }) => id ?? params?.['progressToken'])).toEqual(['p', 'p', 1]);
    expect(await recorded()).toEqual([
      'to_server request tools/call allow',
      'to_client notification notifications/progress allow',
      'to_client notification notifications/progress allow',
      'to_client response tools/call allow',
    ]);
  });

  test('what policy denies never reaches the process, and what it masks does not come back', async () => {
    await begin(sharing);
    expect((await errorOf(await call('refused'))).code).toBe(-31001);
    expect(await textOf(await call('echo', { text: 'to ada@example.com' }))).toBe('to [redacted:email]');
    expect((await errorOf(await call('echo', { text: 'refused' }))).code).toBe(-31001);
  });

  test('two principals at once with equal ids', async () => {
    await begin(sharing);
    const answers = ['a', 'b'].map(async (sub) => textOf(await call('hold', { text: sub }, { sub })));
    let done = false;
    const all = Promise.all(answers).finally(() => {
      done = true;
    });
    while (!done) for (const sub of ['a', 'b']) await call('release', {}, { sub, id: 2 });
    expect(await all).toEqual(['a', 'b']);
    const pids = await Promise.all(['a', 'b'].map(async (sub) => textOf(await call('pid', {}, { sub }))));
    expect(pids[0] === pids[1]).toBe(sharing === 'shared');
  });

  test('a caller that closes its stream cancels', async () => {
    await begin(sharing);
    const leaving = new AbortController();
    const response = await ask('subscriptions/listen', LISTENING, { id: 's', signal: leaving.signal });
    const events = eventsOf(response);
    expect((await events.next()).value).toMatchObject({ method: 'notifications/subscriptions/acknowledged' });
    await call('change');
    expect((await events.next()).value).toMatchObject({
      method: 'notifications/tools/list_changed',
      params: { _meta: { 'io.modelcontextprotocol/subscriptionId': 's' } },
    });
    leaving.abort();
    await until(() => log.some((line) => line.includes('cancelled 1:')));
    expect(await recorded()).toContain('to_client notification notifications/tools/list_changed allow');
  });

  test('a process that is killed fails what waits, and is started again', async () => {
    await begin(sharing);
    const pid = await textOf(await call('pid'));
    const listening = await ask('subscriptions/listen', LISTENING, { id: 's' });
    const failed = await call('die', {}, { id: 'w' });
    expect([failed.status, await errorOf(failed)]).toMatchObject([502, { id: 'w', code: -32603 }]);
    expect(messagesOf(await listening.text()).at(-1)).toMatchObject({ id: 's', error: { code: -32603 } });
    expect(await textOf(await call('pid'))).not.toBe(pid);
  });

  test('there is nothing to GET or DELETE', async () => {
    await begin(sharing);
    const headers = { 'MCP-Protocol-Version': VERSION };
    for (const method of ['GET', 'DELETE'])
      expect((await harness.fetch(method, undefined, headers)).status).toBe(405);
  });
});

// Its SDK is installed by `npm run conformance:mcp` and in continuous integration, not with the project.
(existsSync(SDK) || process.env['CI'] !== undefined ? describe : describe.skip).each([
  'per_session',
  'shared',
] as const)('the official SDK as the server, %s', (sharing) => {
  beforeEach(() => begin(sharing, { args: [OFFICIAL] }));

  test('tells what it is, lists and calls', async () => {
    const discovered = await (await ask('server/discover')).json();
    expect(discovered).toMatchObject({ id: 1, result: { supportedVersions: [VERSION] } });
    const { result } = (await (await ask('tools/list')).json()) as { result: { tools: object[] } };
    expect(result.tools).toContainEqual(expect.objectContaining({ name: 'test_simple_text' }));
    expect(await textOf(await call('test_simple_text'))).toContain('simple text');
  });

  test('reports progress, and logs for whom it is certain', async () => {
    const progress = await call('test_tool_with_progress', {}, { meta: { progressToken: 7 } });
    const events = messagesOf(await progress.text());
    expect(events.map(({ params, id }) => params?.['progress'] ?? id)).toEqual([0, 50, 100, 1]);
    const meta = { 'io.modelcontextprotocol/logLevel': 'info' };
    const logging = await call('test_tool_with_logging', {}, { meta });
    const body = await logging.text();
    expect(body.match(/notifications\/message/g) ?? []).toHaveLength(sharing === 'shared' ? 0 : 3);
  });

  test('asks by its result, and is answered by a second round', async () => {
    const first = (await (await call('test_input_required_result_elicitation')).json()) as {
      result: { resultType: string; inputRequests: Record<string, unknown>; requestState?: string };
    };
    expect(first.result.resultType).toBe('input_required');
    const [key = ''] = Object.keys(first.result.inputRequests);
    const inputResponses = { [key]: { action: 'accept', content: { name: 'Ada' } } };
    const { requestState } = first.result;
    const second = await ask('tools/call', {
      name: 'test_input_required_result_elicitation',
      arguments: {},
      inputResponses,
      ...(requestState !== undefined && { requestState }),
    });
    expect(await second.text()).toContain('Ada');
  });

  test('tells of changes those who listen, until they leave', async () => {
    const leaving = new AbortController();
    const response = await ask('subscriptions/listen', LISTENING, { id: 9, signal: leaving.signal });
    const events = eventsOf(response);
    const own = { _meta: { 'io.modelcontextprotocol/subscriptionId': 9 } };
    expect((await events.next()).value?.params).toMatchObject(own);
    expect(await textOf(await call('change'))).toBe('told');
    expect((await events.next()).value).toMatchObject({
      method: 'notifications/tools/list_changed',
      params: own,
    });
    leaving.abort();
  });

  test('hears that a caller has left', async () => {
    const leaving = new AbortController();
    const waiting = call('wait', {}, { signal: leaving.signal });
    await until(() => log.some((line) => line.includes('is waiting')));
    leaving.abort();
    await expect(waiting).rejects.toThrow();
    await until(() => log.some((line) => line.includes('was cancelled')));
  });
});
