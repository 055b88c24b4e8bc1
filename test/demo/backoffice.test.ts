import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  type CallToolResult,
  CallToolResultSchema,
  LoggingMessageNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { refundsFile, startBackoffice } from '../../src/demo/backoffice/index.js';
import type { Listening } from '../../src/demo/listen.js';
import { secret } from '../output/secret.js';

const KEY = secret('demo', 'of the gateway alone');
let folder: string;
let backoffice: Listening;
let client: Client;
/** The content type of each answer, the newest last. */
let types: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'regate-backoffice-'));
  backoffice = await startBackoffice(0, folder, KEY);
  types = [];
  client = new Client({ name: 'test', version: '1' });
  const transport = new StreamableHTTPClientTransport(new URL(`${backoffice.url}/mcp`), {
    requestInit: { headers: { Authorization: `Bearer ${KEY}` } },
    fetch: async (url, init) => {
      const response = await fetch(url, init);
      if (init?.method === 'POST') types.push(response.headers.get('content-type') ?? '');
      return response;
    },
  });
  await client.connect(transport as Transport);
});

afterEach(async () => {
  await client.close();
  await backoffice.close();
  rmSync(folder, { recursive: true });
});

async function call(name: string, args: Record<string, unknown>) {
  return (await client.callTool({ name, arguments: args }, CallToolResultSchema)) as CallToolResult;
}

const textOf = ({ content }: CallToolResult) => (content[0]?.type === 'text' ? content[0].text : '');

test('lists its four tools', async () => {
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual([
    'find_customer',
    'export_customers',
    'refund_payment',
    'run_command',
  ]);
});

test('finds a customer, as JSON, with a text twin of the structured result', async () => {
  const result = await call('find_customer', { query: 'LINDQVIST' });
  expect(result.structuredContent).toMatchObject({
    customers: [{ id: 'c-1001', email: 'ada.lindqvist@example.com', card: '4111 1111 1111 1111' }],
  });
  expect(JSON.parse(textOf(result))).toEqual(result.structuredContent);
  expect(types.at(-1)).toMatch(/^application\/json/);
});

test('exports over server-sent events, with log messages and progress that hold personal data', async () => {
  const logged: unknown[] = [];
  const progress: (string | undefined)[] = [];
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => {
    logged.push(params.data);
  });
  await client.callTool({ name: 'export_customers', arguments: {} }, CallToolResultSchema, {
    onprogress: ({ message }) => progress.push(message),
  });
  expect(types.at(-1)).toMatch(/^text\/event-stream/);
  expect(logged).toContain('exported Bruno Ferreira <bruno@example.org>, card 5555555555554444');
  expect(progress).toContain('bruno@example.org done');
});

test('pays back and writes each refund down once', async () => {
  const order = { payment_id: 'p-1', amount: 12.5, currency: 'EUR' };
  const { structuredContent } = await call('refund_payment', order);
  expect(structuredContent).toMatchObject(order);
  const lines = readFileSync(refundsFile(folder), 'utf8').trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual([structuredContent]);
});

test.each([
  ['a harmless command', 'run_command', { command: 'echo hello   there' }, undefined, 'hello there\n'],
  ['no shell', 'run_command', { command: 'echo $HOME; ls' }, undefined, '$HOME; ls\n'],
  ['nothing else', 'run_command', { command: 'rm -rf /' }, true, 'unknown command: rm'],
  [
    'invalid arguments',
    'refund_payment',
    { payment_id: 'p-1', amount: -1, currency: 'EUR' },
    true,
    'invalid arguments: data/amount must be > 0',
  ],
])('%s: %s', async (_what, tool, args, isError, text) => {
  const result = await call(tool, args);
  expect([Boolean(result.isError), textOf(result)]).toEqual([Boolean(isError), text]);
});

test('opens nothing without its key, and knows no session it did not open', async () => {
  const post = (headers: Record<string, string>) =>
    fetch(`${backoffice.url}/mcp`, { method: 'POST', headers, body: '{}' });
  expect((await post({})).status).toBe(401);
  expect((await post({ Authorization: 'Bearer another' })).status).toBe(401);
  const unknown = { Authorization: `Bearer ${KEY}`, 'Mcp-Session-Id': 'unknown' };
  expect((await post(unknown)).status).toBe(404);
});
