import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import {
  createBundleServer,
  openDirectoryStore,
  publishBundle,
  verifyBundle,
} from '../../src/bundles/index.js';
import { forge, unpack } from './forge.js';
import { manifestOf, type Said } from './gateway.js';
import { closeServers, Refused, serve } from './http.js';
import { buildTiny, KEY, removeScratch, STRANGER, scratchPath, TRUST } from './project.js';
import { stateOf } from './published.js';

const TOKEN = 'good-token';
let first: Buffer;
let second: Buffer;
let foreign: Buffer;
let directory: string;
let url: string;
let log: { message: string; details: object }[];

beforeAll(async () => {
  first = (await buildTiny({}, { revision: 'r1' })).archive;
  second = (await buildTiny({}, { revision: 'r2' })).archive;
  foreign = (await buildTiny({}, { signingKey: STRANGER })).archive;
});
beforeEach(async () => {
  directory = await scratchPath();
  log = [];
  const app = createBundleServer({
    store: openDirectoryStore(directory),
    trust: { keys: [KEY] },
    log: {
      info: (message, details) => log.push({ message, details }),
      error: (message, details) => log.push({ message, details }),
    },
    publisher: async (authorization) => {
      if (authorization === 'Bearer guest') throw new Refused(403);
      if (authorization === 'Bearer broken') throw new Error('secret detail');
      if (authorization !== `Bearer ${TOKEN}`) throw new Refused(401);
      return { principal: 'issuer|publisher' };
    },
  });
  url = `${(await serve(app)).url}/bundles/tiny`;
});
afterEach(closeServers);
afterAll(removeScratch);

const publish = (archive: Buffer, token = TOKEN) => publishBundle({ url, archive, token });

test('a published bundle is served as it is, with its digest for an ETag', async () => {
  const { revision } = await verifyBundle(first, TRUST);
  await expect(publish(first)).resolves.toEqual({ ...revision, channel: 'stable' });
  const response = await fetch(url);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/vnd.openpolicyagent.bundles');
  expect(response.headers.get('etag')).toBe(`"${revision.digest}"`);
  expect(Buffer.from(await response.arrayBuffer()).equals(first)).toBe(true);
  const head = await fetch(url, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-length')]).toEqual([200, String(first.length)]);
});

test('who has it already gets 304, until another is published', async () => {
  const { digest } = await publish(first);
  const ask = async (known: string) => (await fetch(url, { headers: { 'If-None-Match': known } })).status;
  await expect(ask(`"${digest}"`)).resolves.toBe(304);
  await expect(ask(`"other", W/"${digest}"`)).resolves.toBe(304);
  await expect(ask(digest)).resolves.toBe(200);
  await publish(second);
  await expect(ask(`"${digest}"`)).resolves.toBe(200);
});

test('all revisions are listed, the newest first, with who published them', async () => {
  await publish(first);
  await publish(second);
  await publish(second);
  await expect((await fetch(`${url}/revisions`)).json()).resolves.toMatchObject({
    revisions: [
      { bundle: 'tiny', revision: 'r2', published_by: 'issuer|publisher', channels: ['stable'] },
      { bundle: 'tiny', revision: 'r1', published_by: 'issuer|publisher', channels: [] },
    ],
  });
  await expect(readdir(join(directory, 'blobs'))).resolves.toHaveLength(2);
  expect(log.map(({ message }) => message)).toEqual(Array(3).fill('bundle published'));
});

test('what is older than the last one is not published, nor what is expired', async () => {
  await publish(first);
  const { digest } = await publish(second);
  const files = await unpack(second);
  const { serial } = await verifyBundle(second, TRUST);
  const said = (manifest: Said) => forge(files, { signed: { '.manifest': manifestOf(manifest) } });
  for (const [archive, code, status] of [
    [first, 'serial_too_low', 409],
    [await said({ revision: 'other', ...(serial !== undefined && { serial }) }), 'serial_reused', 409],
    [await said({ revision: 'plain' }), 'serial_missing', 409],
    [await said({ serial: 1_000, expires: '2020-01-01T00:00:00Z' }), 'expired', 422],
  ] as const) {
    await expect(publish(archive)).rejects.toMatchObject({
      code: 'publish_refused',
      message: expect.stringContaining(`[${code}, status ${status}]`),
      nextStep: expect.stringMatching(/build it/i),
    });
  }
  expect((await fetch(url)).headers.get('etag')).toBe(`"${digest}"`);
  await expect(publish(second)).resolves.toMatchObject({ digest });
});

test('of two that are published at once, the older one is refused or followed', async () => {
  await Promise.allSettled([publish(second), publish(first)]);
  const { revision } = await verifyBundle(second, TRUST);
  expect((await fetch(url)).headers.get('etag')).toBe(`"${revision.digest}"`);
});

test.each([
  ['no token', 'nobody', 401],
  ['a token without the group', 'guest', 403],
])('%s publishes nothing', async (_, token, status) => {
  await expect(publish(first, token)).rejects.toMatchObject({
    code: 'publish_refused',
    message: `status ${status} [refused_by_test, status ${status}]`,
    nextStep: 'Send another token.',
  });
  expect((await fetch(url)).status).toBe(404);
});

test('a refused token is told how to come back', async () => {
  const response = await fetch(url, { method: 'PUT', body: 'x' });
  expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
});

test('a fault tells the log and not the caller', async () => {
  await expect(publish(first, 'broken')).rejects.toMatchObject({
    message: expect.not.stringMatching(/secret/),
  });
  expect(log).toEqual([
    { message: 'bundle request failed', details: { path: '/bundles/tiny', error: 'secret detail' } },
  ]);
});

test('what is not verified is not published, and the last one stays', async () => {
  const { digest } = await publish(first);
  const tampered = Buffer.from(second);
  tampered.writeUInt8(tampered.readUInt8(second.length >> 1) ^ 1, second.length >> 1);
  for (const [archive, code] of [
    [foreign, 'signature_invalid'],
    [tampered, 'archive_invalid'],
    [Buffer.alloc(0), 'archive_invalid'],
  ] as const) {
    await expect(publish(archive)).rejects.toMatchObject({
      code: 'publish_refused',
      message: expect.stringContaining(`[${code}, status 422]`),
    });
  }
  expect((await fetch(url)).headers.get('etag')).toBe(`"${digest}"`);
  await expect(readdir(join(directory, 'blobs'))).resolves.toHaveLength(1);
});

test('a bundle is not published under the name of another', async () => {
  const other = url.replace('tiny', 'other');
  await expect(publishBundle({ url: other, archive: first, token: TOKEN })).rejects.toMatchObject({
    message: expect.stringContaining('[scope_mismatch, status 422]'),
  });
});

test('a body over the limit is cut off while it comes', async () => {
  await publish(first);
  const ended = new Promise((resolve) => {
    const put = request(url, { method: 'PUT', headers: { Authorization: `Bearer ${TOKEN}` } }, (response) => {
      resolve(`status ${response.statusCode}`);
      put.destroy();
    });
    put.on('error', resolve);
    const chunk = Buffer.alloc(1024 * 1024);
    const write = () => {
      while (!put.destroyed && put.write(chunk));
      put.once('drain', write);
    };
    write();
  });
  // Who keeps on sending may find the connection closed before the answer was read.
  expect(String(await ended)).toMatch(/^status 413$|EPIPE|ECONNRESET/);
  expect((await fetch(url)).status).toBe(200);
  const archive = Buffer.alloc(32 * 1024 * 1024 + 1);
  await expect(publish(archive)).rejects.toMatchObject({ code: 'archive_too_big' });
});

test.each([
  ['/bundles/tiny', 404, 'bundle_unknown'],
  ['/bundles/tiny/channels/canary', 404, 'bundle_unknown'],
  ['/bundles/tiny/channels/..%2fstable', 404, 'name_invalid'],
  ['/bundles/tiny/revisions', 404, 'bundle_unknown'],
  ['/bundles/tiny/channels', 404, 'bundle_unknown'],
  ['/bundles/tiny/revisions/sha256-00', 404, 'revision_unknown'],
  [`/bundles/tiny/revisions/sha256:${'0'.repeat(64)}`, 404, 'revision_unknown'],
  ['/bundles/..%2f..%2fetc', 404, 'name_invalid'],
  ['/bundles/Tiny', 404, 'name_invalid'],
  ['/bundles/%zz', 400, 'malformed_address'],
  ['/nowhere', 404, 'not_found'],
])('GET %s answers %i', async (path, status, code) => {
  const response = await fetch(new URL(path, url));
  expect(response.status).toBe(status);
  expect(await response.json()).toEqual({
    error: { code, message: expect.any(String), next_step: expect.stringMatching(/./) },
  });
});

test('healthz answers', async () => {
  const response = await fetch(new URL('/healthz', url));
  expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
});

test('a damaged pointer is a fault, not another bundle', async () => {
  await publish(first);
  const folder = join(directory, 'bundles', 'tiny', 'channels', 'stable');
  const [pointer = ''] = await readdir(folder);
  await writeFile(join(folder, pointer), '{"digest":"../../etc/passwd"}');
  expect((await fetch(url)).status).toBe(500);
});

test('an archive that is not what it was is a fault, and is never sent', async () => {
  const { digest } = await publish(first);
  const file = join(directory, 'blobs', `${digest.replace(':', '-')}.tar.gz`);
  await writeFile(file, (await readFile(file)).subarray(1));
  for (const path of ['', `/revisions/${digest}`]) expect((await fetch(url + path)).status).toBe(500);
});

test('a publication that cannot be stored leaves the one before', async () => {
  const { digest } = await publish(first);
  const { revision } = await verifyBundle(second, TRUST);
  const inTheWay = join(directory, 'blobs', `${revision.digest.replace(':', '-')}.tar.gz`);
  await mkdir(inTheWay);
  await expect(publish(second)).rejects.toMatchObject({ message: expect.stringContaining('status 500') });
  expect((await fetch(url)).headers.get('etag')).toBe(`"${digest}"`);
  const left = await readdir(join(directory, 'blobs'));
  expect(left.filter((name) => name.endsWith('.partial'))).toEqual([]);
});

test('what is no bundle server is unreachable', async () => {
  const page = await serve((_, response) => response.end('<html>hello</html>'));
  const elsewhere = await serve((_, response) => response.writeHead(307, { Location: url }).end());
  for (const address of [page.url, elsewhere.url, 'http://127.0.0.1:1']) {
    await expect(publishBundle({ url: address, archive: first, token: TOKEN })).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.not.stringContaining(TOKEN),
    });
  }
});

test('who takes an archive slowly holds no copy of their own', async () => {
  const bytes = Buffer.alloc(24 * 1024 * 1024, 'r');
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  let copies = 0;
  const app = createBundleServer({
    store: {
      ...openDirectoryStore(directory),
      current: async () => stateOf({ digest }),
      archive: async () => {
        copies += 1;
        return Buffer.from(bytes);
      },
    },
    trust: { keys: [] },
    log: { info: () => undefined, error: () => undefined },
    publisher: async () => ({ principal: 'nobody' }),
  });
  const address = `${(await serve(app)).url}/bundles/tiny`;
  const slow = request(address).end();
  // What is sent then fills the connection, as nobody reads it.
  await once(slow, 'response');
  const quick = await fetch(address);
  expect((await quick.arrayBuffer()).byteLength).toBe(bytes.length);
  expect(copies).toBe(1);
  slow.destroy();
});
