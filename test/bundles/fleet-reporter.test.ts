import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { readStatusReport } from '../../src/bundles/fleet/report.js';
import { channelOf, statusUpdateOf } from '../../src/bundles/fleet/status-update.js';
import {
  type BundleReport,
  createStatusReporter,
  readInstanceId,
  type StatusReporter,
  type StatusReporterOptions,
} from '../../src/bundles/index.js';
import { secret } from '../output/secret.js';
import { digest } from './fleet-records.js';
import { fleetServer } from './fleet-server.js';
import { closeServers, serve, until } from './http.js';
import { removeScratch, scratchPath } from './project.js';

const SECRET = secret('token', 'very.secret.token');
const revision = (name: string, digit: string) => ({
  bundle: 'starter',
  revision: name,
  digest: digest(digit),
});

let reporters: StatusReporter[] = [];
let logged: string[];
let status: BundleReport[];

beforeEach(() => {
  logged = [];
  status = [{ name: 'starter', revision: revision('r1', '1') }];
});
afterEach(async () => {
  for (const reporter of reporters) reporter.close();
  reporters = [];
  await closeServers();
});
afterAll(removeScratch);

function reporterTo(url: string, change: Partial<StatusReporterOptions> = {}): StatusReporter {
  const write = (level: string) => (message: string, details: object) =>
    logged.push(`${level}: ${message} ${JSON.stringify(details)}`);
  const reporter = createStatusReporter({
    url,
    token: async () => 'g1',
    intervalMilliseconds: 3_600_000,
    instance: 'gateway-1',
    labels: { version: '0.1.0' },
    status: () => status,
    log: { info: write('info'), warn: write('warn') },
    ...change,
  });
  reporters.push(reporter);
  return reporter;
}

test('a server learns of the start and of each change at once', async () => {
  const { url, fleet } = await fleetServer();
  const reporter = reporterTo(`${url}/`);
  reporter.changed();
  expect(await fleet.count()).toBe(0);
  reporter.start();
  await until(async () => (await fleet.find('gateway-1'))?.bundles[0]?.revision === 'r1');
  status = [{ name: 'starter', revision: revision('r2', '2') }];
  reporter.changed();
  await until(async () => (await fleet.find('gateway-1'))?.bundles[0]?.revision === 'r2');
  expect(await fleet.find('gateway-1')).toMatchObject({
    principal: 'issuer|g1',
    version: '0.1.0',
    interval_seconds: 3600,
    bundles: [{ digest: digest('2') }],
  });
  expect(logged).toEqual([]);
});

test('what changes while a report is under way is told after it, several changes by one report', async () => {
  const bodies: string[] = [];
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { url } = await serve(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    bodies.push(body);
    await held;
    response.end('{}');
  });
  const reporter = reporterTo(url);
  reporter.start();
  await until(() => bodies.length === 1);
  for (const name of ['r2', 'r3', 'r4']) {
    status = [{ name: 'starter', revision: revision(name, '2') }];
    reporter.changed();
  }
  release();
  await until(() => bodies.length === 2);
  expect(bodies[1]).toContain('"active_revision":"r4"');
});

test('an outage is told once, retried ever less often, and its end is told', async () => {
  const { url, close } = await fleetServer();
  await close();
  const times: number[] = [];
  const reporter = reporterTo(url, {
    intervalMilliseconds: 300,
    token: async () => {
      times.push(performance.now());
      return 'g1';
    },
  });
  reporter.start();
  await until(() => times.length >= 6);
  reporter.close();
  const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  // 100 ms, 160, 256, and then the interval; timers may be late and, by a rounding, a little early.
  for (const [index, least] of [100, 160, 256, 300, 300].entries()) {
    expect(pauses[index]).toBeGreaterThanOrEqual(least - 2);
  }
  expect(logged).toEqual([
    expect.stringMatching(/^warn: this gateway's reports do not arrive .*ECONNREFUSED/),
  ]);
});

test.each<[string, RequestListener, string]>([
  [
    'refused',
    (_, response) => response.writeHead(403).end('{"error":{"code":"instance_taken"}}'),
    'status 403 [instance_taken]',
  ],
  ['refused by something else', (_, response) => response.writeHead(502).end(SECRET), 'status 502'],
  [
    'refused with an odd code',
    (_, response) => response.writeHead(400).end(`{"error":{"code":"${SECRET}"}}`),
    'status 400',
  ],
  [
    'sent elsewhere',
    (_, response) => response.writeHead(307, { Location: '/elsewhere' }).end(),
    'status 307',
  ],
])('reports that are %s are told once, without the token, until they arrive', async (_, listener, detail) => {
  let requests: string[] = [];
  let answer = listener;
  const { url } = await serve((request, response) => {
    requests.push(`${request.url} ${request.headers.authorization}`);
    answer(request, response);
  });
  reporterTo(url, { intervalMilliseconds: 1, token: async () => SECRET }).start();
  await until(() => requests.length >= 5);
  expect(new Set(requests)).toEqual(new Set([`/status Bearer ${SECRET}`]));
  expect(logged).toEqual([`warn: this gateway's reports do not arrive ${JSON.stringify({ url, detail })}`]);
  answer = (_request, response) => response.end('{}');
  await until(() => logged.length === 2);
  expect(logged[1]).toMatch(/^info: this gateway's reports arrive again/);
  requests = [];
  answer = listener;
  await until(() => logged.length === 3);
  expect(logged.join()).not.toContain(SECRET);
});

test.each<[string, Partial<StatusReporterOptions>]>([
  [
    'no token is to be had',
    { token: () => Promise.reject(new Error('no token: the OIDC provider answered 500')) },
  ],
  ['the token is none', { token: async () => `${SECRET}\nX-More: 1` }],
  [
    'the status cannot be told',
    {
      status: () => {
        throw new Error('a fault');
      },
    },
  ],
])('where %s nothing is sent and nothing is thrown', async (_, change) => {
  let requests = 0;
  const { url } = await serve((_request, response) => {
    requests += 1;
    response.end();
  });
  reporterTo(url, { intervalMilliseconds: 5, ...change }).start();
  await until(() => logged.length === 1);
  expect(logged[0]).toMatch(/^warn: /);
  expect(logged[0]).not.toContain(SECRET);
  expect(requests).toBe(0);
});

test('once it is closed nothing is reported or logged, and what is under way is broken off', async () => {
  let requests = 0;
  let left = false;
  const { url } = await serve((request) => {
    requests += 1;
    request.socket.once('close', () => {
      left = true;
    });
  });
  const reporter = reporterTo(url, { intervalMilliseconds: 1 });
  reporter.start();
  await until(() => requests === 1);
  reporter.close();
  await until(() => left);
  reporter.changed();
  reporter.start();
  expect([requests, logged]).toEqual([1, []]);
});

test('a process that reports ends when it has nothing else to do', async () => {
  let reported: () => void = () => undefined;
  const report = new Promise<void>((resolve) => {
    reported = resolve;
  });
  const { url } = await serve(async (request, response) => {
    if (request.method === 'POST') reported();
    // The process stays for this answer, which comes once it has reported.
    else await report;
    response.end('{}');
  });
  const script = `${await scratchPath()}.mjs`;
  const room = new URL('../../dist/bundles/index.js', import.meta.url).href;
  await writeFile(
    script,
    `import { createStatusReporter } from ${JSON.stringify(room)};
    const options = { url: ${JSON.stringify(url)}, token: async () => 'g1', instance: 'brief', labels: {} };
    const log = { info: console.error, warn: console.error };
    createStatusReporter({ ...options, intervalMilliseconds: 60_000, status: () => [], log }).start();
    await (await fetch(options.url)).text();`,
  );
  const [code] = await once(fork(script, { execArgv: [], timeout: 20_000 }), 'exit');
  expect(code).toBe(0);
});

describe('what a gateway says', () => {
  const whole: BundleReport = {
    name: 'starter',
    revision: revision('r1', '1'),
    serial: 7,
    lastError: 'the bundle server is away',
    errorCode: 'unreachable',
    expiry: { at: '2026-12-01T00:00:00Z' },
    lastRequest: '2026-11-23T12:00:04Z',
    lastSuccessfulRequest: '2026-11-23T12:00:03Z',
    lastSuccessfulDownload: '2026-11-23T12:00:02Z',
    lastSuccessfulActivation: '2026-11-23T12:00:01Z',
    fellBackFrom: revision('r2', '2'),
    url: 'https://bundles.example.com/bundles/starter/channels/canary',
    shadow: { revision: revision('r3', '3'), compared: 5, different: 1, failed: 0, skipped: 0 },
  };
  const reporting = {
    instance: 'gateway-1',
    labels: { version: '0.1.0', id: 'ignored' },
    intervalMilliseconds: 500,
  };
  const wire = (...bundles: BundleReport[]) => JSON.parse(JSON.stringify(statusUpdateOf(reporting, bundles)));

  test('has the form of OPA, and all else below regate', () => {
    expect(wire(whole)).toEqual({
      labels: { version: '0.1.0', id: 'gateway-1' },
      bundles: {
        starter: {
          name: 'starter',
          active_revision: 'r1',
          last_request: '2026-11-23T12:00:04Z',
          last_successful_request: '2026-11-23T12:00:03Z',
          last_successful_download: '2026-11-23T12:00:02Z',
          last_successful_activation: '2026-11-23T12:00:01Z',
          code: 'unreachable',
          message: 'the bundle server is away',
        },
      },
      regate: {
        interval_seconds: 0.5,
        bundles: {
          starter: {
            digest: digest('1'),
            serial: 7,
            channel: 'canary',
            expires: '2026-12-01T00:00:00Z',
            fell_back_from: { revision: 'r2', digest: digest('2') },
            shadow: { revision: 'r3', digest: digest('3'), compared: 5, different: 1, failed: 0, skipped: 0 },
          },
        },
      },
    });
  });

  test.each<[string, BundleReport]>([
    ['all', whole],
    ['a bundle that is not there yet', { name: 'starter' }],
    ['an error without a code', { name: 'starter', lastError: 'it failed' }],
  ])('is read again by the server: %s', (_, bundle) => {
    const read = readStatusReport(Buffer.from(JSON.stringify(wire(bundle))));
    expect(read).toMatchObject({ instance: 'gateway-1', version: '0.1.0', intervalSeconds: 0.5 });
    expect(read.bundles[0]?.code).toBe(
      bundle.errorCode ?? (bundle.lastError === undefined ? undefined : 'bundle_error'),
    );
  });

  test.each([
    ['https://b.example.com/bundles/starter', 'stable'],
    ['https://b.example.com/below/bundles/starter?x=1', 'stable'],
    ['https://b.example.com/bundles/starter/channels/canary', 'canary'],
    ['https://b.example.com/bundles/starter.tar.gz', undefined],
    ['https://b.example.com/bundles/starter/revisions/sha256:1', undefined],
    ['https://files.example.com/starter', undefined],
  ])('%s is channel %s', (url, channel) => {
    expect(channelOf(url)).toBe(channel);
  });
});

describe('a gateway’s id', () => {
  test('is made once', async () => {
    const directory = await scratchPath();
    const made = await readInstanceId(directory);
    expect(made).toMatch(/^[0-9a-f-]{36}$/);
    await expect(readInstanceId(directory)).resolves.toBe(made);
    expect(await readInstanceId(await scratchPath())).not.toBe(made);
  });

  test('is made anew where the file holds none', async () => {
    const directory = await scratchPath();
    await mkdir(directory);
    await writeFile(join(directory, 'gateway.id'), 'not\nan id');
    const made = await readInstanceId(directory);
    expect(await readFile(join(directory, 'gateway.id'), 'utf8')).toBe(`${made}\n`);
  });
});
