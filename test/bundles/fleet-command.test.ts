import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { viewFleet } from '../../src/bundles/fleet/view.js';
import { fetchFleet, type InstanceRecord } from '../../src/bundles/index.js';
import { regate } from '../command.js';
import { digest, NOW, recordFor, secondsAgo } from './fleet-records.js';
import { closeServers, serve } from './http.js';
import { removeScratch, scratchPath } from './project.js';

afterEach(closeServers);
afterAll(removeScratch);

const OLD = { name: 'starter', revision: '2026-11-20', digest: digest('a'), since: secondsAgo(262_800) };
const NEW = { name: 'starter', revision: '2026-11-23', digest: digest('b'), since: secondsAgo(95) };
const { interval_seconds: _, ...opa } = recordFor({
  instance: '4c1b7d7e-0d4a-4a8c-9d1c-6f1f3f3f8a11',
  version: '1.22.2',
  labels: { region: 'us' },
  heard_at: secondsAgo(41),
  bundles: [{ name: 'starter', revision: '2026-11-23', since: secondsAgo(41) }],
});
const BEHIND: readonly InstanceRecord[] = [
  recordFor({ instance: '05be4f1c-5d3a-4e6a-8f0e-2a4f2f5d1c01', bundles: [NEW] }),
  recordFor({
    instance: '1a0b0f35-6c6e-4b0f-9a63-1c9d0f7b2e02',
    heard_at: secondsAgo(11),
    bundles: [
      {
        ...OLD,
        code: 'activation_failed',
        message: 'the bundle is signed, but could not be put in force: its memory is too small',
        fell_back_from: { revision: '2026-11-23', digest: digest('b') },
      },
    ],
  }),
  opa,
  recordFor({ instance: '9f6f0d52-3b0e-4f5c-b7b4-7d5b8f9c3d03', heard_at: secondsAgo(1800), bundles: [OLD] }),
];
const DONE = BEHIND.filter(({ instance }) => /^[04]/.test(instance));

const answering =
  (...answers: readonly (readonly InstanceRecord[])[]): RequestListener =>
  (request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    const records = answers[Math.min(asked.length, answers.length) - 1] ?? [];
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(viewFleet(records, NOW)));
  };

let asked: string[];
let tokenFile: string;
beforeEach(async () => {
  asked = [];
  tokenFile = await scratchPath();
  await writeFile(tokenFile, 'a.token\n');
});

async function fleet(listener: RequestListener, ...args: string[]) {
  const { url } = await serve(listener);
  return regate('fleet', '--url', url, '--token-file', tokenFile, ...args);
}

test('the fleet is a table and a summary, as the page on it shows', async () => {
  const { status, stdout, stderr } = await fleet(answering(BEHIND));
  expect([status, stderr]).toEqual([0, '']);
  expect(asked).toEqual(['GET /fleet Bearer a.token']);
  const page = readFileSync(new URL('../../docs/fleet.md', import.meta.url), 'utf8');
  expect(page).toContain(stdout);
  expect(stdout).toContain(
    'starter: 1 of 3 runs 2026-11-23 (sha256:bbbbbbbbbbbb…), 1 runs 2026-11-20 (sha256:aaaaaaaaaaaa…), 1 runs 2026-11-23; 1 error; 1 silent',
  );
});

test('JSON is what the server answers, here what of it concerns one bundle', async () => {
  const others = [recordFor({ instance: 'other', bundles: [{ ...NEW, name: 'other' }] })];
  const { stdout } = await fleet(answering([...DONE, ...others]), '--json', '--bundle', 'starter');
  expect(JSON.parse(stdout)).toEqual(viewFleet(DONE, NOW));
});

test.each([
  ['runs everywhere', DONE, 0, ''],
  [
    'is still to come to one',
    BEHIND,
    1,
    'regate: not every gateway that was heard from lately runs 2026-11-23\n',
  ],
])('a revision that is expected and %s', async (_what, records, code, told) => {
  const { status, stderr } = await fleet(answering(records), '--bundle', 'starter', '--expect', '2026-11-23');
  expect([status, stderr]).toEqual([code, told]);
});

test('a roll-out is waited for, over an outage too', async () => {
  const answers = answering(BEHIND, BEHIND, DONE);
  const { status } = await fleet(
    (request, response) => {
      if (asked.length !== 1) return answers(request, response);
      asked.push('outage');
      response.destroy();
    },
    ...['--bundle', 'starter', '--expect', '2026-11-23', '--wait', '60'],
  );
  expect([status, asked.length]).toEqual([0, 3]);
});

test('who may not see the fleet is told so, and waits for nothing', async () => {
  const { status, stderr } = await fleet(
    (_request, response) => {
      const error = { code: 'access_refused', message: 'you may not', next_step: 'Ask for it.' };
      response.writeHead(403).end(JSON.stringify({ error }));
    },
    ...['--bundle', 'starter', '--expect', 'r', '--wait', '60'],
  );
  expect([status, stderr]).toEqual([
    1,
    'regate: you may not [access_refused, status 403] [fleet_refused]\n  → Ask for it.\n',
  ]);
});

test('where something else answers it is unreachable', async () => {
  const { status, stderr } = await fleet((_request, response) => response.end('<html>'));
  expect([status, stderr]).toEqual([3, expect.stringContaining('[unreachable]')]);
});

test.each<[string, RequestListener]>([
  ['with something else', (_request, response) => response.end('{"bundles":[]}')],
  [
    'with a fleet that says too little',
    (_request, response) => response.end('{"at":"","bundles":[],"instances":[{}]}'),
  ],
  ['with a redirect', (_request, response) => response.writeHead(307, { Location: '/' }).end()],
])('what is answered %s is no fleet', async (_what, listener) => {
  const { url } = await serve(listener);
  await expect(fetchFleet(url, 'a.token')).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.not.stringContaining('a.token'),
  });
});

test.each([
  ['--expect', ['--expect', 'r1']],
  ['--wait', ['--wait', 'soon']],
])('a wrong %s is a wrong command line', async (option, args) => {
  const { status, stderr } = await fleet(answering(DONE), ...args);
  expect([status, stderr, asked]).toEqual([2, expect.stringContaining(option), []]);
});

test('a token that is none is neither sent nor shown', async () => {
  const { url } = await serve(answering(DONE));
  await expect(fetchFleet(url, 'secret\nX-Other: 1')).rejects.toMatchObject({
    code: 'token_malformed',
    message: expect.not.stringContaining('secret'),
  });
  expect(asked).toEqual([]);
});

test('nothing that was reported steers the terminal', async () => {
  const records = [recordFor({ labels: { region: '\u001b[2J' }, bundles: [{ ...NEW, name: '\u001b[1m' }] })];
  const { stdout } = await fleet(answering(records));
  expect(stdout).not.toContain('\u001b');
  expect(stdout).toContain('region=\\u001b[2J');
});

test('an empty fleet says so', async () => {
  expect(await fleet(answering([]))).toMatchObject({ status: 0, stdout: 'No instance has reported.\n' });
});
