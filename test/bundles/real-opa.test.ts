import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  generateSigningKey,
  locateOpa,
  type PrivateKey,
  type PublicKey,
  runOpa,
  type VerificationKey,
  verifyBundle,
} from '../../src/bundles/index.js';
import { packFiles, unpack } from './forge.js';
import { buildTiny, KEY, removeScratch, scratchPath, TINY, writeFiles } from './project.js';

let opa: string;
beforeAll(async () => {
  opa = await locateOpa();
});
afterAll(removeScratch);

/** Whether real OPA takes a signed bundle as the source of another build, which it verifies first. */
async function opaSays(archive: Buffer, key: VerificationKey, scope: string) {
  const keyFile = 'secret' in key ? key.secret : key.publicKeyPem;
  const directory = await scratchPath();
  await mkdir(directory);
  await writeFiles(directory, { 'key.pub.pem': keyFile });
  await writeFile(join(directory, 'bundle.tar.gz'), archive);
  const args = ['build', '--verification-key=key.pub.pem', `--verification-key-id=${key.id}`];
  const { status, stdout, stderr } = await runOpa(
    opa,
    [
      ...args,
      `--signing-alg=${key.algorithm}`,
      `--scope=${scope}`,
      '-b',
      'bundle.tar.gz',
      '-o',
      'out.tar.gz',
    ],
    { cwd: directory },
  );
  return { accepted: status === 0, why: stdout + stderr };
}

test('real OPA accepts what we build, and refuses it tampered with', async () => {
  const { archive } = await buildTiny();
  await expect(opaSays(archive, KEY, 'tiny')).resolves.toEqual({ accepted: true, why: '' });
  await expect(opaSays(archive, KEY, 'other')).resolves.toMatchObject({
    accepted: false,
    why: expect.stringContaining('scope mismatch'),
  });
  const files = await unpack(archive);
  files.set('data.json', Buffer.from('{"settings":{"roles":{"admins":["mallory"]}}}'));
  await expect(opaSays(await packFiles(files), KEY, 'tiny')).resolves.toMatchObject({
    accepted: false,
    why: expect.stringContaining('digest mismatch'),
  });
});

test.each([
  generateSigningKey('RS256'),
  generateSigningKey('EdDSA'),
  { id: 'secret', algorithm: 'HS256' as const, secret: '0123456789abcdef0123456789abcdef' },
])('real OPA accepts what we sign with $algorithm', async (signingKey) => {
  const { archive } = await buildTiny({}, { signingKey });
  await expect(opaSays(archive, signingKey, 'tiny')).resolves.toEqual({ accepted: true, why: '' });
  const other = await buildTiny({}, { signingKey: KEY });
  const { keyId: id } = other.built;
  await expect(opaSays(other.archive, { ...signingKey, id }, 'tiny')).resolves.toMatchObject({
    accepted: false,
    why: expect.stringContaining('failed to verify JWT signature'),
  });
});

interface PlainBuild {
  readonly key: PrivateKey & PublicKey;
  readonly claims?: object;
}

/** A bundle as `opa build` makes it by itself, without any of our code. */
async function plainBuild({ key, claims }: PlainBuild): Promise<Buffer> {
  const directory = await scratchPath();
  await writeFiles(directory, {
    'key.pem': key.privateKeyPem,
    'claims.json': JSON.stringify(claims ?? {}),
    'rego/.manifest': '{"roots":["tiny","settings"]}',
    'rego/tiny/main.rego': TINY['rego/tiny/main.rego'] ?? null,
    'rego/settings/data.json':
      '{"é<&>\\u2028": 1.50, "big": 12345678901234567890123, "roles": {"admins": []}}',
  });
  const args = ['build', '-t', 'wasm', '-e', 'tiny/main/decision', '--revision', 'plain'];
  const signing = ['--signing-key', 'key.pem', '--signing-alg', key.algorithm];
  const claimed = claims === undefined ? [] : ['--claims-file', 'claims.json'];
  const run = await runOpa(opa, [...args, ...signing, ...claimed, '-o', 'out.tar.gz', '-b', 'rego'], {
    cwd: directory,
  });
  expect(run).toMatchObject({ status: 0, stderr: '' });
  return readFile(join(directory, 'out.tar.gz'));
}

test.each(['RS256', 'ES256', 'EdDSA'] as const)(
  'we accept what plain `opa build` signs with %s',
  async (algorithm) => {
    const key = generateSigningKey(algorithm);
    const claimed = await plainBuild({ key, claims: { keyid: key.id, scope: 'tiny' } });
    await expect(verifyBundle(claimed, { keys: [key], bundle: 'tiny' })).resolves.toMatchObject({
      revision: { revision: 'plain' },
      entrypoints: ['tiny/main/decision'],
      reads: new Map(),
      keyId: key.id,
    });
    // Without claims there is neither key nor scope in it: both must then be configured.
    const plain = await plainBuild({ key });
    const trust = { keys: [key], bundle: 'tiny' };
    await expect(verifyBundle(plain, { ...trust, keyId: key.id, scope: '' })).resolves.toBeDefined();
    await expect(verifyBundle(plain, { ...trust, scope: '' })).rejects.toMatchObject({ code: 'key_unknown' });
    await expect(verifyBundle(plain, { ...trust, keyId: key.id })).rejects.toMatchObject({
      code: 'scope_mismatch',
    });
  },
);
