import { readFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import {
  createBundleClient,
  createBundleServer,
  generateSigningKey,
  locateOpa,
  openDirectoryStore,
  runOpa,
} from '../../src/bundles/index.js';
import { digestOf } from '../../src/bundles/verification.js';
import { type Forgery, forge, unpack } from './forge.js';
import { closeServers, serve, until } from './http.js';
import { startOpa, stopOpas } from './opa-server.js';
import { buildTiny, KEY, removeScratch, scratchPath, TINY, writeFiles } from './project.js';
import { stateOf } from './published.js';

afterEach(async () => {
  await stopOpas();
  await closeServers();
});
afterAll(removeScratch);

/**
 * A bundle of ours, signed anew with the entrypoint as Rego in place of its WebAssembly, which not every build of OPA
 * can run.
 */
async function withoutWasm(revision: string, admin: string, forgery: Forgery = {}): Promise<Buffer> {
  const changes = {
    'rego/settings/roles/data.json': JSON.stringify({ admins: [admin] }),
    'rego/tiny/main_test.rego': null,
  };
  const files = await unpack((await buildTiny(changes, { revision })).archive);
  const { wasm: _, ...manifest } = JSON.parse(String(files.get('.manifest')));
  const main = [...files.keys()].find((name) => name.endsWith('tiny/main.rego')) ?? 'main.rego';
  const signed = {
    '.manifest': JSON.stringify(manifest),
    'policy.wasm': null,
    [main]: TINY['rego/tiny/main.rego'] ?? null,
  };
  return forge(files, { ...forgery, signed });
}

test('real OPA follows our server: it verifies, takes up an update within a second, and keeps the last good one', async () => {
  const directory = await scratchPath();
  const store = openDirectoryStore(directory);
  const publish = (revision: string, archive: Buffer) =>
    store.advance(() => stateOf({ revision, digest: digestOf(archive) }), archive);
  const [r1, r2, r3] = await Promise.all([
    withoutWasm('r1', 'alice'),
    withoutWasm('r2', 'bob'),
    withoutWasm('r3', 'carol'),
  ]);
  const app = createBundleServer({
    store,
    trust: { keys: [KEY] },
    publisher: async () => ({ principal: 'anyone' }),
    log: { info: () => undefined, error: () => undefined },
  });
  const waits: string[] = [];
  const { url } = await serve((request, response) => {
    waits.push(`${request.headers['prefer']} ${request.headers['if-none-match'] ?? ''}`.trim());
    app(request, response);
  });
  await publish('r1', r1);
  const opa = await startOpa({
    services: { regate: { url } },
    keys: { [KEY.id]: { algorithm: KEY.algorithm, key: KEY.publicKeyPem } },
    bundles: {
      tiny: {
        service: 'regate',
        resource: 'bundles/tiny',
        // So long between plain polls that only a long poll can bring what is new.
        polling: { min_delay_seconds: 600, max_delay_seconds: 600, long_polling_timeout_seconds: 30 },
        signing: { keyid: KEY.id, scope: 'tiny' },
      },
    },
  });
  const decide = (user: string) => opa.ask('tiny/main/decision', { user });
  await until(async () => (await decide('alice')).revision === 'r1');
  expect(await decide('alice')).toEqual({ result: 'allow', revision: 'r1' });
  await until(() => waits.includes(`modes=snapshot,delta;wait=30 "${digestOf(r1)}"`));

  await publish('r2', r2);
  const published = performance.now();
  await until(async () => (await decide('bob')).revision === 'r2');
  expect(performance.now() - published).toBeLessThan(1000);
  expect([(await decide('alice')).result, (await decide('bob')).result]).toEqual(['deny', 'allow']);

  const data = '{"settings":{"roles":{"admins":["mallory"]}}}';
  await publish('forged', await withoutWasm('forged', 'bob', { tampered: { 'data.json': data } }));
  await until(() => /digest mismatch/.test(opa.log()));
  expect([(await decide('mallory')).result, (await decide('bob')).result]).toEqual(['deny', 'allow']);
  await publish('r3', r3);
  await until(async () => (await decide('carol')).result === 'allow');
});

describe('our client follows a plain file server with what `opa build` made', () => {
  const key = generateSigningKey('RS256');

  async function plainBuild(revision: string): Promise<Buffer> {
    const directory = await scratchPath();
    await writeFiles(directory, {
      'key.pem': key.privateKeyPem,
      'claims.json': JSON.stringify({ keyid: key.id, scope: 'tiny' }),
      'rego/.manifest': '{"roots":["tiny","settings"]}',
      'rego/tiny/main.rego': TINY['rego/tiny/main.rego'] ?? null,
      'rego/settings/data.json': '{"roles": {"admins": ["alice"]}}',
    });
    const build = ['build', '-t', 'wasm', '-e', 'tiny/main/decision', '--revision', revision];
    const sign = ['--signing-key', 'key.pem', '--signing-alg', 'RS256', '--claims-file', 'claims.json'];
    const run = await runOpa(await locateOpa(), [...build, ...sign, '-o', 'out.tar.gz', '-b', 'rego'], {
      cwd: directory,
    });
    expect(run).toMatchObject({ status: 0, stderr: '' });
    return readFile(join(directory, 'out.tar.gz'));
  }

  test.each([
    ['with ETags', true],
    ['without', false],
  ])('%s', async (_, hasEtags) => {
    const [r1, r2] = await Promise.all([plainBuild('r1'), plainBuild('r2')]);
    let file = r1;
    let downloads = 0;
    let polls = 0;
    const answer: RequestListener = (request, response) => {
      polls += 1;
      const etag = `"${digestOf(file).slice(-8)}"`;
      if (hasEtags && request.headers['if-none-match'] === etag) return void response.writeHead(304).end();
      downloads += 1;
      const headers = { 'Content-Type': 'application/gzip', ...(hasEtags && { ETag: etag }) };
      response.writeHead(200, headers).end(file);
    };
    const inForce: string[] = [];
    const client = createBundleClient({
      url: (await serve(answer)).url,
      bundle: 'tiny',
      trust: { keys: [key] },
      requireSerial: false,
      directory: await scratchPath(),
      poll: { minDelayMilliseconds: 5, maxDelayMilliseconds: 10, longPollingSeconds: 30 },
      activate: async ({ revision }) => {
        inForce.push(revision.revision);
      },
      report: (event) => expect(event.type).toBe('activated'),
    });
    try {
      await client.start();
      await until(() => polls > 3);
      file = r2;
      await until(() => inForce.length === 2);
      expect(inForce).toEqual(['r1', 'r2']);
      if (hasEtags) expect(downloads).toBe(2);
    } finally {
      client.close();
    }
  });
});
