import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { locateOpa, runOpa, signRollback, verifyBundle } from '../../src/bundles/index.js';
import { forge, unpack } from './forge.js';
import { gatewayFor, manifestOf } from './gateway.js';
import { closeServers } from './http.js';
import { buildTiny, KEY, removeScratch, STRANGER, scratchPath, TRUST } from './project.js';

let older: Buffer;
let newer: Buffer;
let olderFiles: Map<string, Buffer>;

beforeAll(async () => {
  older = (await buildTiny({}, { revision: 'older', serial: 40 })).archive;
  newer = (await buildTiny({}, { revision: 'newer', serial: 41 })).archive;
  olderFiles = await unpack(older);
});
afterEach(closeServers);
afterAll(removeScratch);

async function rollback(changes: Partial<Parameters<typeof signRollback>[0]> = {}) {
  const outFile = join(await scratchPath(), 'rollback.tar.gz');
  const signed = await signRollback({ archive: older, bundle: 'tiny', signingKey: KEY, outFile, ...changes });
  return { signed, archive: await readFile(outFile) };
}

test('a rollback is the older bundle with a higher serial, and says so', async () => {
  const { signed, archive } = await rollback({ serial: 42, expires: new Date('2999-01-01T00:00:00Z') });
  const verified = await verifyBundle(archive, TRUST);
  expect(verified).toEqual({
    ...(await verifyBundle(older, TRUST)),
    revision: { bundle: 'tiny', revision: 'older', digest: signed.digest },
    serial: 42,
    expires: '2999-01-01T00:00:00Z',
    rollbackTo: 'older',
  });
  const files = await unpack(archive);
  for (const [name, bytes] of olderFiles) {
    if (name !== '.manifest' && name !== '.signatures.json') expect(files.get(name)).toEqual(bytes);
  }
  expect([...files.keys()].sort()).toEqual([...olderFiles.keys()].sort());
});

test('a gateway goes back by it, and not without it', async () => {
  const gateway = await gatewayFor({});
  for (const [archive, expected] of [
    [older, 'activated'],
    [newer, 'activated'],
    [older, 'serial_too_low'],
    [(await rollback({ serial: 42 })).archive, 'activated'],
    [newer, 'serial_too_low'],
  ] as const) {
    expect(await gateway.offer(archive)).toBe(expected);
  }
  gateway.close();
  expect(gateway.inForce).toEqual(['older', 'newer', 'older']);
});

test('without a serial it has the time, without an expiry it has none', async () => {
  const before = Math.floor(Date.now() / 1000);
  const expiring = await rollback({ serial: 42, expires: new Date('2999-01-01T00:00:00Z') });
  const { signed, archive } = await rollback({ archive: expiring.archive });
  expect(signed.serial).toBeGreaterThanOrEqual(before);
  expect((await verifyBundle(archive, TRUST)).expires).toBeUndefined();
});

test('real OPA takes it', async () => {
  const directory = await scratchPath();
  await mkdir(directory);
  await writeFile(join(directory, 'key.pub.pem'), KEY.publicKeyPem);
  await writeFile(join(directory, 'bundle.tar.gz'), (await rollback({ serial: 42 })).archive);
  const key = ['--verification-key=key.pub.pem', `--verification-key-id=${KEY.id}`, '--signing-alg=ES256'];
  const args = ['build', ...key, '--scope=tiny', '-b', 'bundle.tar.gz', '-o', 'out.tar.gz'];
  const { status, stderr } = await runOpa(await locateOpa(), args, { cwd: directory });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('a bundle of plain `opa build` gets a serial by it; nothing else in its manifest changes', async () => {
  const manifest = JSON.parse(manifestOf({ revision: 'plain' }));
  const text = JSON.stringify({ ...manifest, metadata: { team: 'BIG' } }).replace(
    '"BIG"',
    '12345678901234567890.10',
  );
  const { archive } = await rollback({
    archive: await forge(olderFiles, { signed: { '.manifest': text } }),
    serial: 1,
  });
  expect(String((await unpack(archive)).get('.manifest'))).toContain('"team":12345678901234567890.10');
  await expect(verifyBundle(archive, TRUST)).resolves.toMatchObject({ serial: 1, rollbackTo: 'plain' });
});

test.each([
  ['a serial no higher than the older one', { serial: 40 }, 'serial_too_low'],
  ['a key that did not sign the older one', { signingKey: STRANGER }, 'signature_invalid'],
  ['a bundle of another name', { bundle: 'other' }, 'scope_mismatch'],
  ['a bundle of another revision than was asked for', { revision: 'newer' }, 'revision_unknown'],
  ['what is no bundle', { archive: Buffer.from('hello') }, 'archive_invalid'],
])('%s is refused', async (_, changes, code) => {
  await expect(rollback(changes)).rejects.toMatchObject({ code });
});
