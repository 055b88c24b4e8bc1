import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type BuildRequest,
  type BundleError,
  buildBundle,
  generateSigningKey,
  locateOpa,
  OPA_VERSION,
  readBundleDefinition,
  runOpa,
  verifyBundle,
  verifyDataBundle,
  verifyPublished,
} from '../../src/bundles/index.js';
import { inGatewayEngine } from '../../src/cli/gateway-engine.js';
import { forge, unpack } from './forge.js';
import { dataManifestOf } from './gateway.js';
import { closeServers, serve, until } from './http.js';
import { startOpa, stopOpas } from './opa-server.js';
import {
  buildTiny,
  type Files,
  KEY,
  removeScratch,
  scratchPath,
  TINY,
  TRUST,
  writeFiles,
} from './project.js';

afterEach(async () => {
  await stopOpas();
  await closeServers();
});
afterAll(removeScratch);

/** The smallest project of a bundle of nothing but data; it has no schemas. */
const ROLES: Files = {
  'bundles/roles/bundle.json': JSON.stringify({
    name: 'roles',
    sources: ['rego/roles', 'rego/limits'],
    root: 'rego',
    roots: ['roles', 'limits/refunds'],
  }),
  'rego/roles/data.json': '{"admins": ["alice"], "big": 12345678901234567890123, "half": 1.50}',
  'rego/limits/refunds/data.yaml': 'daily: 100\n',
  'rego/roles/README.md': 'for people',
};

async function buildRoles(changes: Files = {}, request: Partial<BuildRequest> = {}) {
  const root = await scratchPath();
  await writeFiles(root, { ...ROLES, ...changes });
  const built = await buildBundle({
    definition: await readBundleDefinition(root, 'roles'),
    root,
    revision: 'r1',
    serial: 1,
    signingKey: KEY,
    evaluate: inGatewayEngine,
    opa: await locateOpa(),
    outFile: join(root, 'out', 'roles.tar.gz'),
    ...request,
  });
  return { built, archive: await readFile(built.file) };
}
const refusal = (changes: Files) => buildRoles(changes).catch((thrown: BundleError) => thrown);
const trust = { keys: [KEY], bundle: 'roles' };

test('a bundle is built of data alone', async () => {
  const { built, archive } = await buildRoles({}, { expires: new Date('2099-01-01T00:00:00Z') });
  const files = await unpack(archive);
  expect([...files.keys()].sort()).toEqual(['.manifest', '.signatures.json', 'data.json']);
  expect(String(files.get('data.json'))).toBe(
    '{"limits":{"refunds":{"daily":100}},"roles":{"admins":["alice"],"big":12345678901234567890123,"half":1.50}}\n',
  );
  expect(JSON.parse(String(files.get('.manifest')))).toMatchObject({
    roots: ['roles', 'limits/refunds'],
    metadata: { regate: { serial: 1, expires: '2099-01-01T00:00:00Z', built: { opa: OPA_VERSION } } },
  });
  expect(built).toMatchObject({ revision: 'r1', entrypoints: [], serial: 1, keyId: KEY.id });
  await expect(verifyDataBundle(archive, trust)).resolves.toEqual({
    revision: { bundle: 'roles', revision: 'r1', digest: built.digest },
    data: files.get('data.json'),
    roots: [['roles'], ['limits', 'refunds']],
    serial: 1,
    expires: '2099-01-01T00:00:00Z',
    keyId: KEY.id,
  });
});

test('the same sources are the same bytes', async () => {
  const signingKey = generateSigningKey('EdDSA');
  const [one, two] = [await buildRoles({}, { signingKey }), await buildRoles({}, { signingKey })];
  expect(one.archive.equals(two.archive)).toBe(true);
  expect(one.built.irreproducible).toBeUndefined();
});

test.each([
  [
    'a rule',
    'rego/roles/main.rego',
    'package roles.main\n\nx := 1\n',
    'definition_invalid',
    'main.rego is policy',
  ],
  ['a test', 'rego/roles/main_test.rego', 'package x\n\ntest_x := true\n', 'definition_invalid', 'is policy'],
  ['data outside of the roots', 'rego/limits/data.json', '{"x": 1}', 'policy_invalid', 'roots'],
  ['data that would be left out', 'rego/roles/more.json', '{}', 'definition_invalid', 'data.json'],
  ['what is no JSON', 'rego/roles/data.json', '{"a": 1', 'policy_invalid', 'data.json'],
])('%s is refused', async (_, path, text, code, message) => {
  await expect(refusal({ [path]: text })).resolves.toMatchObject({
    code,
    message: expect.stringContaining(message),
  });
});

describe('a schema of the project', () => {
  const schema = JSON.stringify({
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    required: ['admins'],
    properties: { admins: { type: 'array', items: { type: 'string' } } },
  });

  test('that the data fits', async () => {
    const { built } = await buildRoles({
      'schemas/roles.schema.json': schema,
      'schemas/input.schema.json': '{"type":"object"}',
      // The bundle has only a part of that.
      'schemas/limits.schema.json': '{"required":["payments"]}',
    });
    expect(built.revision).toBe('r1');
  });

  test.each([
    ['does not fit', schema, '{"admins": [7]}', 'data_invalid', '/roles/admins/0 must be string'],
    ['has no schema to fit', '{"type": 7}', '{}', 'definition_invalid', 'schemas/roles.schema.json'],
  ])('that the data %s', async (_, text, roles, code, message) => {
    await expect(
      refusal({ 'schemas/roles.schema.json': text, 'rego/roles/data.json': roles }),
    ).resolves.toMatchObject({ code, message: expect.stringContaining(message) });
  });
});

describe('which kind is expected', () => {
  test('data where policy is', async () => {
    const { archive } = await buildRoles();
    await expect(verifyBundle(archive, trust)).rejects.toMatchObject({
      code: 'kind_mismatch',
      nextStep: expect.stringContaining('gateway.bundle.data'),
    });
    await expect(verifyPublished(archive, trust)).resolves.not.toHaveProperty('wasm');
  });

  test('policy where data is', async () => {
    const { archive } = await buildTiny();
    await expect(verifyDataBundle(archive, TRUST)).rejects.toMatchObject({
      code: 'kind_mismatch',
      nextStep: expect.stringContaining('without `entrypoints`'),
    });
    await expect(verifyPublished(archive, TRUST)).resolves.toEqual(await verifyBundle(archive, TRUST));
  });

  test.each([
    ['WebAssembly without an entrypoint', { 'policy.wasm': 'wasm' }, 'entrypoint_missing'],
    ['a rule', { 'roles/x.rego': 'package roles.x\n' }, 'entrypoint_missing'],
    ['another file', { 'README.md': 'hello' }, 'file_unexpected'],
    ['data of its own in a folder', { 'roles/data.json': '{}' }, 'file_unexpected'],
  ])('data with %s is neither', async (_, added, expected) => {
    const files = { '.manifest': dataManifestOf({}), 'data.json': '{"roles":{}}', ...added };
    const archive = await forge(new Map(), { signed: files });
    await expect(verifyPublished(archive, TRUST)).rejects.toMatchObject({ code: expected });
    await expect(verifyDataBundle(archive, TRUST)).rejects.toMatchObject({ code: expected });
  });
});

test('large data is verified on another thread, with the same outcome', async () => {
  const users = Array.from({ length: 200_000 }, (_, index) => `user-${index}@example.com has a role of 1.50`);
  const large = JSON.stringify({ roles: { users } });
  expect(large.length).toBeGreaterThan(8_000_000);
  const files = { '.manifest': dataManifestOf({ serial: 3 }), 'data.json': large };
  const archive = await forge(new Map(), { signed: files });
  let longest = 0;
  let last = performance.now();
  const watch = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 1);
  const bundle = await verifyDataBundle(archive, TRUST);
  clearInterval(watch);
  expect(bundle).toMatchObject({ revision: { revision: 'r' }, serial: 3, roots: [['roles']] });
  expect(bundle.data.equals(Buffer.from(large))).toBe(true);
  // On this thread it would be about a second.
  expect(longest).toBeLessThan(400);

  const tampered = await forge(new Map(), {
    signed: files,
    tampered: { 'data.json': large.replace('1.50', '1.51') },
  });
  await expect(verifyDataBundle(tampered, TRUST)).rejects.toMatchObject({
    name: 'BundleError',
    code: 'file_changed',
    nextStep: expect.stringContaining('find out who changed it'),
  });
});

test('real OPA accepts it as the source of another build, for its scope alone', async () => {
  const { archive } = await buildRoles();
  const directory = await scratchPath();
  await writeFiles(directory, { 'key.pub.pem': KEY.publicKeyPem });
  await writeFile(join(directory, 'roles.tar.gz'), archive);
  const build = async (scope: string) => {
    const keys = ['--verification-key=key.pub.pem', `--verification-key-id=${KEY.id}`, '--signing-alg=ES256'];
    return runOpa(await locateOpa(), ['build', ...keys, `--scope=${scope}`, '-b', 'roles.tar.gz'], {
      cwd: directory,
    });
  };
  await expect(build('roles')).resolves.toMatchObject({ status: 0 });
  await expect(build('tiny')).resolves.toMatchObject({ status: 1 });
});

test('real OPA takes it beside a policy bundle that reads it', async () => {
  const { archive } = await buildRoles();
  const main = TINY['rego/tiny/main.rego']?.replace('data.settings.roles.admins', 'data.roles.admins') ?? '';
  const changes = {
    'rego/tiny/main.rego': main,
    'rego/tiny/main_test.rego': null,
    'rego/settings/roles/data.json': '{}',
  };
  const built = await unpack((await buildTiny(changes)).archive);
  const { wasm: _, ...manifest } = JSON.parse(String(built.get('.manifest')));
  const module = [...built.keys()].find((name) => name.endsWith('tiny/main.rego')) ?? '';
  const tiny = await forge(built, {
    signed: { '.manifest': JSON.stringify(manifest), 'policy.wasm': null, [module]: main },
  });
  const { url } = await serve((request, response) => {
    response.writeHead(200).end(request.url === '/roles' ? archive : tiny);
  });
  const signing = { keyid: KEY.id };
  const opa = await startOpa({
    services: { regate: { url } },
    keys: { [KEY.id]: { algorithm: KEY.algorithm, key: KEY.publicKeyPem } },
    bundles: {
      tiny: { service: 'regate', resource: 'tiny', signing: { ...signing, scope: 'tiny' } },
      roles: { service: 'regate', resource: 'roles', signing: { ...signing, scope: 'roles' } },
    },
  });
  await until(async () => (await opa.ask('tiny/main/decision', { user: 'alice' })).result === 'allow');
});
