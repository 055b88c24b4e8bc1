import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  type BundleClient,
  type BundleClientOptions,
  createBundleClient,
  createBundleServer,
  openDirectoryStore,
  promoteBundle,
  publishBundle,
  verifyBundle,
} from '../../src/bundles/index.js';
import { closeServers, serve, until } from './http.js';
import { buildTiny, KEY, removeScratch, scratchPath, TRUST } from './project.js';
import { stateOf } from './published.js';

const TYPE = 'application/vnd.openpolicyagent.bundles';
let r1: Buffer;
let r2: Buffer;
let r3: Buffer;
let directory: string;
let clients: BundleClient[];
let inForce: string[];

beforeAll(async () => {
  const build = async (serial: number) => (await buildTiny({}, { revision: `r${serial}`, serial })).archive;
  [r1, r2, r3] = await Promise.all([build(1), build(2), build(3)]);
});
beforeEach(async () => {
  directory = await scratchPath();
  clients = [];
  inForce = [];
});
afterEach(async () => {
  for (const client of clients) client.close();
  await closeServers();
});
afterAll(removeScratch);

function bundleServer() {
  return createBundleServer({
    store: openDirectoryStore(directory),
    trust: { keys: [KEY] },
    publisher: async () => ({ principal: 'anyone' }),
    log: { info: () => undefined, error: () => undefined },
  });
}

const ask = (url: string, etag: string, wait: number) =>
  fetch(url, { headers: { 'If-None-Match': etag, Prefer: `modes=snapshot,delta;wait=${wait}` } });

describe('the server', () => {
  let url: string;
  let etag: string;
  const publish = (archive: Buffer) => publishBundle({ url, archive, token: 'any' });
  beforeEach(async () => {
    url = `${(await serve(bundleServer())).url}/bundles/tiny`;
    etag = `"${(await publish(r1)).digest}"`;
  });

  test('answers when something new is published, which no cache may keep', async () => {
    const [answer, { digest }] = await Promise.all([ask(url, etag, 30), publish(r2)]);
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': TYPE,
      etag: `"${digest}"`,
      'cache-control': 'no-store',
      vary: 'Prefer',
    });
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(r2);
  });

  test('answers before it would have looked by itself, every 250 ms', async () => {
    const took: number[] = [];
    for (const archive of [r2, r3]) {
      const began = performance.now();
      const [answer, { digest }] = await Promise.all([ask(url, etag, 30), publish(archive)]);
      took.push(performance.now() - began);
      expect(answer.status).toBe(200);
      etag = `"${digest}"`;
    }
    expect(Math.min(...took)).toBeLessThan(240);
  });

  test('answers what another process has published too', async () => {
    const { revision, serial = 0 } = await verifyBundle(r2, TRUST);
    const other = openDirectoryStore(directory);
    const [answer] = await Promise.all([
      ask(url, etag, 30),
      other.advance(() => stateOf({ ...revision, serial }), r2),
    ]);
    expect([answer.status, answer.headers.get('etag')]).toEqual([200, `"${revision.digest}"`]);
  });

  test('answers who waits on a channel when something is promoted to it, and nobody else', async () => {
    const toCanary = await publishBundle({ url, channel: 'canary', archive: r2, token: 'any' });
    const still = await ask(url, etag, 1);
    expect([still.status, still.headers.get('etag')]).toEqual([304, etag]);
    const [answer] = await Promise.all([
      ask(`${url}/channels/stable`, etag, 30),
      promoteBundle({ url, from: 'canary', to: 'stable', token: 'any' }),
    ]);
    expect([answer.status, answer.headers.get('etag')]).toEqual([200, `"${toCanary.digest}"`]);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(r2);
  });

  test('answers 304 when the time is up, and not before', async () => {
    const began = performance.now();
    const answer = await ask(url, etag, 1);
    expect([answer.status, answer.headers.get('etag')]).toEqual([304, etag]);
    expect(performance.now() - began).toBeGreaterThan(990);
  });

  test('answers at once who has another, asks for no wait, or for a bundle that is none', async () => {
    expect((await ask(url, '"other"', 30)).status).toBe(200);
    expect((await ask(url, etag, 0)).status).toBe(304);
    expect((await ask(`${url}-not`, etag, 30)).status).toBe(404);
  });

  test('lets caches keep a plain answer, as it is', async () => {
    const answer = await fetch(url, { headers: { 'Accept-Encoding': 'gzip', Range: 'bytes=0-9' } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-cache, no-transform');
    expect(answer.headers.get('vary')).toBe('Prefer');
    expect(answer.headers.get('content-encoding')).toBeNull();
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(r1);
  });
});

test('a server that stops answers all who wait, and ends', async () => {
  const server = createServer(bundleServer()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/bundles/tiny`;
  const { digest } = await publishBundle({ url, archive: r1, token: 'any' });
  let asking = 0;
  server.on('request', () => {
    asking += 1;
  });
  const waiting = Promise.all([1, 2, 3].map(() => ask(url, `"${digest}"`, 50)));
  await until(() => asking === 3);
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  await closed;
  for (const { status, headers } of await waiting) {
    expect([status, headers.get('connection')]).toEqual([304, 'close']);
  }
});

describe('the client', () => {
  const AN_HOUR = 3_600_000;

  function follow(url: string, changes: Partial<BundleClientOptions> = {}): BundleClient {
    const client = createBundleClient({
      url,
      bundle: 'tiny',
      trust: { keys: [KEY] },
      directory: `${directory}-kept`,
      requireSerial: false,
      poll: { minDelayMilliseconds: AN_HOUR, maxDelayMilliseconds: AN_HOUR, longPollingSeconds: 30 },
      activate: async ({ revision }) => {
        inForce.push(revision.revision);
      },
      report: () => undefined,
      ...changes,
    });
    clients.push(client);
    return client;
  }

  test('puts in force what is published at once, whatever the delay between plain polls', async () => {
    const url = `${(await serve(bundleServer())).url}/bundles/tiny`;
    for (const archive of [r1, r2, r3]) {
      await publishBundle({ url, archive, token: 'any' });
      const seen = inForce.length;
      if (seen === 0) await follow(url).start();
      await until(() => inForce.length === seen + 1);
    }
    expect(inForce).toEqual(['r1', 'r2', 'r3']);
  });

  const SOON = { minDelayMilliseconds: 1, maxDelayMilliseconds: 5, longPollingSeconds: 30 };
  let asked: { prefer: string | undefined; known: string | undefined }[];
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  const bundle = (archive: Buffer, etag: string, type = TYPE) => {
    return (_: IncomingMessage, response: ServerResponse) =>
      void response.writeHead(200, { ETag: etag, 'Content-Type': type }).end(archive);
  };
  const silence = () => undefined;
  /** Answers by what was set when the request came. */
  const scripted = async () => {
    asked = [];
    const { url } = await serve((request, response) => {
      asked.push({ prefer: request.headers['prefer'] as string, known: request.headers['if-none-match'] });
      answer(request, response);
    });
    return url;
  };
  const last = () => asked.at(-1);
  const LONG = 'modes=snapshot;wait=30';

  test('waits only while the bundles come as OPA has it', async () => {
    answer = bundle(r1, '"one"', 'application/gzip');
    await follow(await scripted(), { poll: SOON }).start();
    await until(() => asked.length > 3);
    expect(new Set(asked.map(({ prefer }) => prefer))).toEqual(new Set(['modes=snapshot']));
    answer = bundle(r2, '"two"');
    await until(() => inForce.length === 2);
    answer = silence;
    await until(() => last()?.prefer === LONG);
    expect(last()).toEqual({ prefer: LONG, known: '"two"' });
  });

  test('does not wait where that is configured', async () => {
    answer = bundle(r1, '"one"');
    await follow(await scripted(), { poll: { ...SOON, longPollingSeconds: 0 } }).start();
    await until(() => asked.length > 3);
    expect(new Set(asked.map(({ prefer }) => prefer))).toEqual(new Set(['modes=snapshot']));
  });

  test('does not wait for a server without ETags, whose answer would be the same for ever', async () => {
    answer = (_, response) => void response.writeHead(200, { 'Content-Type': TYPE }).end(r1);
    await follow(await scripted(), { poll: SOON }).start();
    await until(() => asked.length > 3);
    expect(new Set(asked.map(({ prefer }) => prefer))).toEqual(new Set(['modes=snapshot']));
    expect(inForce).toEqual(['r1']);
  });

  test('does not wait while something is wrong, so that it learns of its end', async () => {
    answer = bundle(r1, '"one"');
    const client = follow(await scripted(), { poll: SOON });
    await client.start();
    answer = (_, response) => void response.writeHead(500).end();
    await until(() => client.status().lastError !== undefined);
    const seen = asked.length;
    await until(() => asked.length > seen + 2);
    expect(last()).toEqual({ prefer: 'modes=snapshot', known: '"one"' });
    answer = (request, response) => {
      if (request.headers['prefer'] !== LONG) response.writeHead(304).end();
    };
    await until(() => last()?.prefer === LONG);
    expect(client.status().lastError).toBeUndefined();
  });

  test('goes back to the ETag of what is in force where another could not be put there, and off more and more', async () => {
    answer = bundle(r1, '"one"');
    const url = await scripted();
    const began: number[] = [];
    const poll = { minDelayMilliseconds: AN_HOUR, maxDelayMilliseconds: AN_HOUR, longPollingSeconds: 30 };
    const client = follow(url, {
      poll,
      activate: async ({ revision }) => {
        if (revision.revision === 'r2') {
          began.push(performance.now());
          if (began.length < 4) throw new Error('no memory');
        }
        inForce.push(revision.revision);
      },
    });
    await client.start();
    answer = bundle(r2, '"two"');
    await until(() => inForce.length === 2);
    expect(inForce).toEqual(['r1', 'r2']);
    expect(asked.slice(1, 5).map(({ known }) => known)).toEqual(Array(4).fill('"one"'));
    const [first = 0, second = 0, third = 0, fourth = 0] = began;
    expect(second - first).toBeGreaterThan(75);
    expect(third - second).toBeGreaterThan(125);
    expect(fourth - third).toBeGreaterThan(200);
    await until(() => last()?.known === '"two"');
  });

  test('cuts a wait when it is closed', async () => {
    answer = bundle(r1, '"one"');
    const client = follow(await scripted());
    let left = false;
    await client.start();
    answer = (_, response) =>
      void response.once('close', () => {
        left = true;
      });
    await until(() => last()?.prefer === LONG);
    client.close();
    await until(() => left);
  });

  test('is started with a kept bundle while the server says nothing', async () => {
    await mkdir(`${directory}-kept`, { recursive: true });
    await writeFile(join(`${directory}-kept`, 'tiny.tar.gz'), r1);
    answer = silence;
    await follow(await scripted()).start();
    expect(inForce).toEqual(['r1']);
  });
});
