import { readdir, readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { FleetView } from '../../src/bundles/index.js';
import { digest } from './fleet-records.js';
import { type FleetServer, fleetServer } from './fleet-server.js';
import { closeServers } from './http.js';
import { removeScratch } from './project.js';

let server: FleetServer;

beforeEach(async () => {
  server = await fleetServer();
});
afterEach(closeServers);
afterAll(removeScratch);

interface Sent {
  readonly token?: string;
  readonly headers?: Record<string, string>;
}

async function send(path: string, body: string | Buffer, { token = 'g1', headers = {} }: Sent = {}) {
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { ...(token !== '' && { Authorization: `Bearer ${token}` }), ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });
  return { status: response.status, headers: response.headers, answer: await response.json() };
}
const status = (id: string, revision = 'r1') =>
  JSON.stringify({
    labels: { id, version: '0.1.0' },
    bundles: { starter: { active_revision: revision } },
    regate: { bundles: { starter: { digest: digest('1') } } },
  });
const upload = (text: string, token = 'g1') =>
  send('/logs', gzipSync(text), { token, headers: { 'Content-Encoding': 'gzip' } });
const seeFleet = async (token = 'reader') => {
  const response = await fetch(`${server.url}/fleet`, { headers: { Authorization: `Bearer ${token}` } });
  return { status: response.status, answer: (await response.json()) as FleetView };
};
const refusal = (code: string) => ({
  error: { code, message: expect.any(String), next_step: expect.stringMatching(/./) },
});
async function kept(): Promise<string[]> {
  const names = await readdir(server.decisions).catch(() => []);
  const files = await Promise.all(names.sort().map((name) => readFile(join(server.decisions, name), 'utf8')));
  return files.join('').split('\n').slice(0, -1);
}

test.each(['/status', '/status/', '/status/a-partition'])('POST %s is in the fleet', async (path) => {
  expect(await send(path, status('g1'))).toMatchObject({ status: 200, answer: {} });
  expect(await seeFleet()).toEqual({
    status: 200,
    answer: {
      at: expect.any(String),
      bundles: [
        {
          name: 'starter',
          instances: 1,
          revisions: [{ revision: 'r1', digest: digest('1'), instances: 1 }],
          errors: 0,
          stale: 0,
        },
      ],
      instances: [
        {
          id: 'g1',
          principal: 'issuer|g1',
          version: '0.1.0',
          labels: {},
          heard_at: expect.any(String),
          stale: false,
          bundles: [
            { name: 'starter', revision: 'r1', digest: digest('1'), since: expect.any(String), shadows: [] },
          ],
          problems: [],
        },
      ],
    },
  });
});

test('of each instance the last report counts, and the first one is logged', async () => {
  for (const revision of ['r1', 'r2', 'r3']) await send('/status', status('g1', revision));
  expect((await seeFleet()).answer.bundles[0]?.revisions).toMatchObject([{ revision: 'r3', instances: 1 }]);
  expect(server.logged).toEqual([
    {
      message: 'an instance reports for the first time',
      details: { instance: 'g1', principal: 'issuer|g1' },
    },
  ]);
});

test('one gateway does not report for another', async () => {
  await send('/status', status('g1'));
  expect(await send('/status', status('g1', 'forged'), { token: 'g2' })).toMatchObject({
    status: 403,
    answer: refusal('instance_taken'),
  });
  expect((await seeFleet()).answer.bundles[0]?.revisions).toMatchObject([{ revision: 'r1' }]);
  expect(server.logged.map(({ message }) => message)).toContain('a report was not taken');
});

test.each([
  ['POST', '/status'],
  ['POST', '/logs'],
  ['GET', '/fleet'],
])('%s %s needs a token, of one who may', async (method, path) => {
  const other = path === '/fleet' ? 'g1' : 'reader';
  for (const [token, code] of [
    ['', 401],
    [other, 403],
    ['broken', 500],
  ] as const) {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: token === '' ? {} : { Authorization: `Bearer ${token}` },
      ...(method === 'POST' && { body: '[]' }),
    });
    expect(response.status).toBe(code);
    expect(response.headers.get('www-authenticate')).toBe(code === 401 ? 'Bearer' : null);
    expect(await response.text()).not.toContain('secret detail');
  }
  expect(server.logged).toEqual([
    { message: 'a report was not taken', details: { path, error: 'secret detail' } },
  ]);
});

test('a stranger is refused before it has sent its body', async () => {
  const answered = new Promise((resolve, reject) => {
    const post = request(
      `${server.url}/logs`,
      { method: 'POST', headers: { 'Content-Length': 1e6 } },
      (response) => {
        resolve([response.statusCode, response.headers.connection]);
        post.destroy();
      },
    );
    post.on('error', reject);
    post.flushHeaders();
  });
  await expect(answered).resolves.toEqual([401, 'close']);
});

test.each([
  ['no JSON', '{', {}, 400, 'report_malformed'],
  ['no report', '{"labels":{}}', {}, 400, 'report_malformed'],
  ['too much', `"${'x'.repeat(1024 * 1024)}"`, {}, 413, 'report_too_big'],
  [
    'a bomb',
    gzipSync(Buffer.alloc(8 * 1024 * 1024, ' ')),
    { 'Content-Encoding': 'gzip' },
    413,
    'report_too_big',
  ],
  ['no gzip', '{}', { 'Content-Encoding': 'gzip' }, 400, 'report_malformed'],
  ['another coding', '{}', { 'Content-Encoding': 'br' }, 415, 'encoding_unsupported'],
] as const)('of %s no status is kept', async (_, body, headers, code, error) => {
  expect(await send('/status', body, { headers })).toMatchObject({ status: code, answer: refusal(error) });
  expect(await server.fleet.count()).toBe(0);
});

test('decisions are kept, a line each, digit for digit, with who sent them', async () => {
  const sent = `[{"decision_id":"1","input":{"amount":12345678901234567890.10,"text":"[{\\"\\\\"}},
    { "decision_id" : "2",\r\n "labels":{"id":"opa"}  }\n, {}]`;
  expect(await upload(sent)).toMatchObject({ status: 200, answer: {} });
  expect(await upload('[]')).toMatchObject({ status: 200 });
  expect(await send('/logs/partition', '[{"decision_id":"3"}]')).toMatchObject({ status: 200 });
  const lines = await kept();
  expect(lines.map((line) => line.replace(/"received_at":"[^"]+"/, '"received_at":"…"'))).toEqual([
    '{"decision_id":"1","input":{"amount":12345678901234567890.10,"text":"[{\\"\\\\"},"regate":{"principal":"issuer|g1","received_at":"…"}}',
    '{ "decision_id" : "2",   "labels":{"id":"opa"},"regate":{"principal":"issuer|g1","received_at":"…"}}',
    '{"regate":{"principal":"issuer|g1","received_at":"…"}}',
    '{"decision_id":"3","regate":{"principal":"issuer|g1","received_at":"…"}}',
  ]);
  for (const line of lines) expect(JSON.parse(line).regate.principal).toBe('issuer|g1');
});

test.each([
  ['half an array', '[{"decision_id":"1"},'],
  ['no array', '{"decision_id":"1"}'],
  ['something that is no decision', '[{"decision_id":"1"},null]'],
  ['an array in an array', '[{"decision_id":"1"},[]]'],
  ['a receipt of its own', '[{"decision_id":"1"},{"regate":{"principal":"issuer|other"}}]'],
  ['more decisions than are taken', `[${'{},'.repeat(100_000)}{}]`],
])('of an upload with %s nothing is kept', async (_, text) => {
  expect(await upload(text)).toMatchObject({ status: 400, answer: refusal('report_malformed') });
  expect(await kept()).toEqual([]);
});

test('a bomb of decisions is not inflated', async () => {
  const bomb = gzipSync(Buffer.alloc(17 * 1024 * 1024, ' '));
  expect(bomb.length).toBeLessThan(20_000);
  expect(await send('/logs', bomb, { headers: { 'Content-Encoding': 'gzip' } })).toMatchObject({
    status: 413,
    answer: refusal('report_too_big'),
  });
  expect(await kept()).toEqual([]);
});

test('decisions that cannot be kept are not acknowledged', async () => {
  await server.close();
  const failing = { append: () => Promise.reject(new Error('disk full')) };
  server = await fleetServer({ decisionLogs: failing });
  expect(await upload('[{}]')).toMatchObject({ status: 500, answer: refusal('internal') });
});
