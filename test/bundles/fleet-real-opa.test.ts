import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import {
  createBundleServer,
  createReportsRouter,
  type FleetView,
  fetchFleet,
  openDecisionLog,
  openDirectoryStore,
  openFleetDirectory,
} from '../../src/bundles/index.js';
import { digestOf } from '../../src/bundles/verification.js';
import { type Forgery, forge } from './forge.js';
import { closeServers, Refused, serve, until } from './http.js';
import { startOpa, stopOpas } from './opa-server.js';
import { KEY, removeScratch, scratchPath, TINY } from './project.js';

afterEach(async () => {
  await stopOpas();
  await closeServers();
});
afterAll(removeScratch);

/** Without WebAssembly, which not every build of OPA can run. */
function bundleOf(revision: string, admin: string, forgery: Forgery = {}): Promise<Buffer> {
  const files = {
    '.manifest': JSON.stringify({ revision, roots: ['tiny', 'settings'] }),
    'data.json': JSON.stringify({ settings: { roles: { admins: [admin] } } }),
    'tiny/main.rego': TINY['rego/tiny/main.rego'] ?? '',
  };
  return forge(new Map(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)])), forgery);
}

/** A whole bundle server, for which `Bearer NAME` is the principal NAME. */
async function wholeServer() {
  const decisions = await scratchPath();
  const store = openDirectoryStore(await scratchPath());
  const log = { info: () => undefined, error: () => undefined };
  const authorize = async (authorization: string | undefined) => {
    const name = authorization?.replace(/^Bearer /, '');
    if (!name) throw new Refused(401);
    return { principal: `issuer|${name}` };
  };
  const reports = createReportsRouter({
    fleet: openFleetDirectory(await scratchPath()),
    authorizeReporter: authorize,
    authorizeReader: authorize,
    decisionLogs: openDecisionLog({ directory: decisions, mostBytes: 1024 * 1024 }),
    log,
  });
  const app = createBundleServer({ store, publisher: authorize, trust: { keys: [KEY] }, log, reports });
  const publish = (revision: string, archive: Buffer) => {
    const published = { bundle: 'tiny', revision, digest: digestOf(archive), roots: ['tiny', 'settings'] };
    const at = new Date().toISOString();
    const state = {
      ...published,
      published_at: at,
      published_by: 'p',
      channel: 'stable',
      since: at,
      by: 'p',
    };
    // Not by a publication, which would refuse what is forged.
    return store.advance(() => state, archive);
  };
  return { ...(await serve(app)), decisions, publish };
}

/** What the page on the fleet shows, with this server's address, a key and short delays. */
async function configurationFor(url: string): Promise<object> {
  const page = await readFile(new URL('../../docs/fleet.md', import.meta.url), 'utf8');
  const shown = /```yaml\n(labels:.*?)```/s.exec(page)?.[1] ?? '';
  const { services, bundles, decision_logs, ...rest } = parse(shown);
  const { bundle: signing } = rest.keys;
  return {
    ...rest,
    services: { regate: { ...services.regate, url, credentials: { bearer: { token: 'opa' } } } },
    keys: { [KEY.id]: { ...signing, algorithm: KEY.algorithm, key: KEY.publicKeyPem } },
    bundles: {
      tiny: {
        ...bundles.starter,
        resource: bundles.starter.resource.replace('starter', 'tiny'),
        polling: { ...bundles.starter.polling, min_delay_seconds: 1, max_delay_seconds: 1 },
        signing: { keyid: KEY.id, scope: 'tiny' },
      },
    },
    decision_logs: { ...decision_logs, reporting: { min_delay_seconds: 1, max_delay_seconds: 1 } },
  };
}

test('real OPA is in the fleet: what is in force, what failed, and its decisions', async () => {
  const { url, decisions, publish } = await wholeServer();
  await publish('r1', await bundleOf('r1', 'alice'));
  const opa = await startOpa(await configurationFor(url));
  let fleet: FleetView = await fetchFleet(url, 'reader');
  const seen = (holds: (bundle: FleetView['instances'][number]['bundles'][number]) => boolean) =>
    until(async () => {
      fleet = await fetchFleet(url, 'reader');
      return fleet.instances[0]?.bundles.some(holds) === true;
    });

  await seen(({ revision }) => revision === 'r1');
  expect(fleet.instances).toEqual([
    {
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      principal: 'issuer|opa',
      version: '1.22.2',
      labels: { region: 'us' },
      heard_at: expect.any(String),
      stale: false,
      bundles: [{ name: 'tiny', revision: 'r1', since: expect.any(String), shadows: [] }],
      problems: [],
    },
  ]);

  expect((await opa.ask('tiny/main/decision', { user: 'alice' })).result).toBe('allow');
  const events = async () => {
    const names = (await readdir(decisions).catch(() => [])).filter((name) => name.endsWith('.jsonl'));
    const texts = await Promise.all(names.map((name) => readFile(join(decisions, name), 'utf8')));
    const lines = texts
      .join('')
      .split('\n')
      .filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line)).filter(({ path }) => path === 'tiny/main/decision');
  };
  await until(async () => (await events()).length > 0);
  expect(await events()).toEqual([
    expect.objectContaining({
      labels: expect.objectContaining({ id: fleet.instances[0]?.id }),
      decision_id: expect.any(String),
      bundles: { tiny: { revision: 'r1' } },
      input: { user: 'alice' },
      result: 'allow',
      regate: { principal: 'issuer|opa', received_at: expect.any(String) },
    }),
  ]);

  const data = '{"settings":{"roles":{"admins":["mallory"]}}}';
  await publish('forged', await bundleOf('forged', 'bob', { tampered: { 'data.json': data } }));
  await seen(({ code }) => code !== undefined);
  expect(fleet.instances[0]?.bundles).toMatchObject([
    { revision: 'r1', code: 'bundle_error', message: expect.stringMatching(/digest mismatch/) },
  ]);
  expect(fleet.bundles).toMatchObject([{ name: 'tiny', instances: 1, errors: 1, stale: 0 }]);

  await publish('r2', await bundleOf('r2', 'carol'));
  await seen(({ revision }) => revision === 'r2');
  expect(fleet.bundles).toEqual([
    { name: 'tiny', instances: 1, revisions: [{ revision: 'r2', instances: 1 }], errors: 0, stale: 0 },
  ]);
});
