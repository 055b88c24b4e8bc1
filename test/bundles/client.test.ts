import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import {
  type BundleClient,
  type BundleClientOptions,
  type BundleEvent,
  createBundleClient,
  createBundleServer,
  openDirectoryStore,
  publishBundle,
} from '../../src/bundles/index.js';
import type { VerifiedBundle } from '../../src/domain/index.js';
import { closeServers, serve, until } from './http.js';
import { buildTiny, KEY, removeScratch, STRANGER, scratchPath } from './project.js';

let r1: Buffer;
let r2: Buffer;
let foreign: Buffer;
let directory: string;
let events: BundleEvent[];
let activated: VerifiedBundle[];
let clients: BundleClient[];
/** What the server answers next: an archive under an ETag, a status, or nothing at all. */
let answer:
  | { archive: Buffer; etag: string; endless?: true }
  | { status: number; location?: string }
  | 'silence';
let requests: IncomingMessage[];
let sent: number;

beforeAll(async () => {
  r1 = (await buildTiny({}, { revision: 'r1' })).archive;
  r2 = (await buildTiny({}, { revision: 'r2' })).archive;
  foreign = (await buildTiny({}, { signingKey: STRANGER })).archive;
});
beforeEach(async () => {
  directory = await scratchPath();
  events = [];
  activated = [];
  clients = [];
  requests = [];
  sent = 0;
});
afterEach(async () => {
  for (const client of clients) client.close();
  await closeServers();
});
afterAll(removeScratch);

function bundleServer() {
  return serve((request, response) => {
    requests.push(request);
    if (answer === 'silence') return;
    if ('status' in answer) {
      response.writeHead(answer.status, answer.location ? { Location: answer.location } : {}).end();
    } else if (request.headers['if-none-match'] === answer.etag) {
      response.writeHead(304).end();
    } else {
      sent += 1;
      response.writeHead(200, { ETag: answer.etag });
      if (answer.endless) response.write(answer.archive);
      else response.end(answer.archive);
    }
  });
}

function follow(url: string, changes: Partial<BundleClientOptions> = {}): BundleClient {
  const client = createBundleClient({
    url,
    bundle: 'tiny',
    trust: { keys: [KEY] },
    directory,
    poll: { minDelayMilliseconds: 1, maxDelayMilliseconds: 5, longPollingSeconds: 0 },
    requireSerial: false,
    activate: async (bundle, beforeLive) => {
      await beforeLive();
      activated.push(bundle);
    },
    report: (event) => events.push(event),
    ...changes,
  });
  clients.push(client);
  return client;
}

const inForce = () => activated.map(({ revision }) => revision.revision);
/** Two more requests: the first of them may have been under way already. */
async function polledAgain(): Promise<void> {
  const seen = requests.length;
  await until(() => requests.length >= seen + 2);
}

test('a bundle is activated, then kept, then asked for by its ETag', async () => {
  answer = { archive: r1, etag: '"one"' };
  const client = follow((await bundleServer()).url);
  await client.start();
  expect(inForce()).toEqual(['r1']);
  const time = expect.stringMatching(/^\d{4}-.*Z$/);
  expect(client.status()).toEqual({
    revision: activated[0]?.revision,
    serial: activated[0]?.serial,
    lastRequest: time,
    lastSuccessfulRequest: time,
    lastSuccessfulDownload: time,
    lastSuccessfulActivation: time,
  });
  const { lastSuccessfulDownload, lastSuccessfulActivation } = client.status();
  await polledAgain();
  expect(requests.at(-1)?.headers['if-none-match']).toBe('"one"');
  expect(sent).toBe(1);
  // Only to be asked and to answer is something that goes on.
  await until(() => client.status().lastSuccessfulRequest !== lastSuccessfulDownload);
  expect(client.status()).toMatchObject({ lastSuccessfulDownload, lastSuccessfulActivation });
  await expect(readFile(join(directory, 'tiny.tar.gz'))).resolves.toEqual(r1);

  answer = { archive: r2, etag: '"two"' };
  await until(() => inForce().length === 2);
  expect(events).toEqual([
    { type: 'activated', revision: activated[0]?.revision, source: 'server' },
    { type: 'activated', revision: activated[1]?.revision, source: 'server' },
  ]);
});

test('a refused bundle leaves the last good one, is told once, and is not downloaded again', async () => {
  answer = { archive: r1, etag: '"one"' };
  const client = follow((await bundleServer()).url);
  await client.start();
  answer = { archive: foreign, etag: '"bad"' };
  await until(() => events.length === 2);
  // Whoever began to read it again would now read for ever.
  answer = { archive: foreign, etag: '"bad"', endless: true };
  await polledAgain();
  await polledAgain();
  expect(inForce()).toEqual(['r1']);
  expect(events[1]).toMatchObject({ type: 'refused', code: 'signature_invalid' });
  expect(events).toHaveLength(2);
  expect(requests.at(-1)?.headers['if-none-match']).toBe('"one"');
  expect(client.status()).toMatchObject({
    revision: { revision: 'r1' },
    lastError: expect.stringContaining('signature'),
    errorCode: 'signature_invalid',
  });
  await expect(readFile(join(directory, 'tiny.tar.gz'))).resolves.toEqual(r1);

  answer = { archive: r1, etag: '"one"' };
  await until(() => client.status().lastError === undefined);
  answer = { archive: r2, etag: '"two"' };
  await until(() => inForce().length === 2);
});

test('a bundle that cannot be put in force is tried again, told once, and not kept', async () => {
  answer = { archive: r1, etag: '"one"' };
  let attempts = 0;
  const client = follow((await bundleServer()).url, {
    activate: async (bundle, beforeLive) => {
      attempts += 1;
      if (attempts < 4) throw new Error('no memory');
      await beforeLive();
      activated.push(bundle);
    },
  });
  await client.start();
  await expect(readdir(directory)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(client.status()).toMatchObject({ lastError: expect.stringContaining('no memory') });
  await until(() => inForce().length === 1);
  expect(events.map((event) => ('code' in event ? event.code : event.type))).toEqual([
    'activation_failed',
    'activated',
  ]);
});

test('without the server, the bundle on disk is in force at once', async () => {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'tiny.tar.gz'), r1);
  answer = 'silence';
  const client = follow((await bundleServer()).url);
  await client.start();
  expect(events).toEqual([{ type: 'activated', revision: activated[0]?.revision, source: 'disk' }]);
  await until(() => requests.length > 0);
  expect(requests[0]?.headers['if-none-match']).toBeUndefined();
});

test('what a crash left beside the kept file does no harm', async () => {
  answer = { archive: r1, etag: '"one"' };
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'tiny.tar.gz.0.partial'), r2.subarray(0, 100));
  await writeFile(join(directory, 'tiny.tar.gz'), r1);
  await follow('http://127.0.0.1:1').start();
  expect(inForce()).toEqual(['r1']);
});

test('a file on disk that was tampered with is refused, and the next download heals it', async () => {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'tiny.tar.gz'), foreign);
  answer = { status: 503 };
  const client = follow((await bundleServer()).url);
  await client.start();
  expect(inForce()).toEqual([]);
  expect(events).toMatchObject([
    { type: 'refused', code: 'signature_invalid', message: expect.stringContaining('kept on disk') },
    { type: 'unreachable', message: expect.stringContaining('503') },
  ]);
  expect(client.status().revision).toBeUndefined();
  answer = { archive: r1, etag: '"one"' };
  await until(() => inForce().length === 1);
  await until(async () => (await readFile(join(directory, 'tiny.tar.gz'))).equals(r1));
  expect(client.status().lastError).toBeUndefined();
});

test('a kept bundle that the server still has is not activated twice', async () => {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'tiny.tar.gz'), r1);
  answer = { archive: r1, etag: '"one"' };
  await follow((await bundleServer()).url).start();
  await until(() => requests.at(-1)?.headers['if-none-match'] === '"one"');
  expect(inForce()).toEqual(['r1']);
  expect(sent).toBe(1);
});

test('an outage is told once, and its end is silent', async () => {
  answer = { archive: r1, etag: '"one"' };
  const server = await bundleServer();
  const client = follow(server.url);
  await client.start();
  answer = { status: 500 };
  await until(() => client.status().lastError?.includes('500'));
  await polledAgain();
  expect(events.map(({ type }) => type)).toEqual(['activated', 'unreachable']);
  answer = { archive: r1, etag: '"one"' };
  await until(() => client.status().lastError === undefined);
  expect(events).toHaveLength(2);
});

test.each([
  ['a redirect', { status: 302, location: 'http://127.0.0.1:1/' }],
  ['a missing bundle', { status: 404 }],
  ['304 to who has nothing', { status: 304 }],
  ['an empty success', { status: 204 }],
])('%s is no bundle', async (_, said) => {
  answer = said;
  const client = follow((await bundleServer()).url);
  await client.start();
  expect(events).toEqual([{ type: 'unreachable', message: expect.stringContaining(String(said.status)) }]);
  expect(client.status()).toEqual({
    lastError: expect.stringContaining(String(said.status)),
    errorCode: 'unreachable',
    lastRequest: expect.any(String),
  });
});

test('nothing listens: start ends all the same', async () => {
  await follow('http://127.0.0.1:1/bundles/tiny').start();
  expect(events).toMatchObject([{ type: 'unreachable', message: expect.stringMatching(/127\.0\.0\.1:1/) }]);
});

test('a download that does not end is cut off at the limit', async () => {
  const server = await serve((_, response) => {
    const chunk = Buffer.alloc(1024 * 1024);
    const write = () => {
      while (!response.destroyed && response.write(chunk));
      response.once('drain', write);
    };
    write();
  });
  await follow(server.url).start();
  expect(events).toMatchObject([{ type: 'refused', code: 'archive_too_big' }]);
});

test('a bundle that cannot be kept is in force under its own name, and that is told', async () => {
  await mkdir(join(directory, 'tiny.tar.gz'), { recursive: true });
  answer = { archive: r1, etag: '"one"' };
  const client = follow((await bundleServer()).url);
  await client.start();
  expect(events).toMatchObject([
    { type: 'refused', code: 'storage_invalid' },
    { type: 'activated', revision: { revision: 'r1' } },
    { type: 'not_kept', code: 'storage_invalid' },
  ]);
  expect(client.status()).toMatchObject({
    revision: { revision: 'r1' },
    lastError: expect.stringContaining('could not be kept'),
    errorCode: 'storage_invalid',
  });
});

test('what is published on the bundle server is in force with the next poll', async () => {
  const statuses: number[] = [];
  const app = createBundleServer({
    store: openDirectoryStore(await scratchPath()),
    trust: { keys: [KEY] },
    publisher: async () => ({ principal: 'anyone' }),
    log: { info: () => undefined, error: () => undefined },
  });
  const { url } = await serve((request, response) => {
    response.on('finish', () => {
      if (request.method === 'GET') statuses.push(response.statusCode);
    });
    app(request, response);
  });
  const address = `${url}/bundles/tiny`;
  await publishBundle({ url: address, archive: r1, token: 'any' });
  await follow(address).start();
  expect(inForce()).toEqual(['r1']);
  await until(() => statuses.length > 3);
  await publishBundle({ url: address, archive: r2, token: 'any' });
  await until(() => inForce().length === 2);
  expect(inForce()).toEqual(['r1', 'r2']);
  await until(() => statuses.at(-1) === 304);
  expect(statuses.filter((status) => status !== 304)).toEqual([200, 200]);
});

test('after close nothing is asked for and nothing activated', async () => {
  answer = 'silence';
  const client = follow((await bundleServer()).url);
  const started = client.start();
  await until(() => requests.length === 1);
  client.close();
  await started;
  expect(events).toEqual([]);
  expect(requests).toHaveLength(1);
});

test('a bundle that is being verified when the client closes is not activated', async () => {
  answer = { archive: r1, etag: '"one"' };
  const trust = {
    get keys() {
      client.close();
      return [KEY];
    },
  };
  const client = follow((await bundleServer()).url, { trust });
  await client.start();
  expect(sent).toBe(1);
  expect(events).toEqual([]);
  expect(activated).toEqual([]);
});

test('a name that would leave the folder is refused', () => {
  expect(() => follow('http://127.0.0.1:1', { bundle: '../tiny' })).toThrow(/cannot name a bundle/);
});
