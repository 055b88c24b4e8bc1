import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createDataBundleClient, verifyBundle } from '../../src/bundles/index.js';
import { describeThrown } from '../../src/domain/index.js';
import { type Contents, type Forgery, forge, packFiles, unpack } from './forge.js';
import { dataManifestOf, type Gateway, gatewayFor, manifestOf } from './gateway.js';
import { closeServers } from './http.js';
import { buildTiny, KEY, removeScratch, TRUST } from './project.js';

/** Each attack, offered to a gateway by its bundle server: it goes on with the last good bundle as if nothing were. */

interface Case extends Forgery {
  readonly name: string;
  readonly expected: string;
}

const attacks: Case[] = JSON.parse(
  readFileSync(new URL('../cases/bundles/refused.json', import.meta.url), 'utf8').replaceAll(
    'TRUSTED',
    KEY.id,
  ),
);

/** Newer than what is in force: nothing but what is wrong with it stands in its way. */
let newer: Contents;
let good: Buffer;
let gateway: Gateway;

beforeAll(async () => {
  const files = await unpack((await buildTiny()).archive);
  files.set('policy.wasm', Buffer.from('wasm'));
  newer = new Map(files).set('.manifest', Buffer.from(manifestOf({ revision: 'newer', serial: 11 })));
  good = await forge(files, { signed: { '.manifest': manifestOf({ revision: 'good', serial: 10 }) } });
  gateway = await gatewayFor({});
  expect(await gateway.offer(good)).toBe('activated');
});
afterAll(async () => {
  gateway.close();
  await closeServers();
  await removeScratch();
});

async function expectTheGoodOne(): Promise<void> {
  expect(gateway.inForce).toEqual(['good']);
  expect(gateway.client.status().revision?.revision).toBe('good');
  expect((await readFile(join(gateway.directory, 'tiny.tar.gz'))).equals(good)).toBe(true);
  expect(JSON.parse(await readFile(join(gateway.directory, 'tiny.serial.json'), 'utf8'))).toMatchObject({
    serial: 10,
  });
}

test.each(attacks)('$name', async (attack) => {
  expect(await gateway.offer(await forge(newer, attack))).toBe(attack.expected);
  await expectTheGoodOne();
});

test('the signature of another bundle', async () => {
  const other = await unpack(await forge(newer, { signed: { 'data.json': '{}' } }));
  const signature = other.get('.signatures.json') ?? Buffer.of();
  const swapped = new Map(newer).set('.signatures.json', signature);
  expect(await gateway.offer(await packFiles(swapped))).toBe('file_changed');
  await expectTheGoodOne();
});

test('a bomb', async () => {
  const bomb = gzipSync(Buffer.alloc(129 * 1024 * 1024), { level: 1 });
  expect(await gateway.offer(bomb)).toBe('archive_too_big');
  await expectTheGoodOne();
});

test('bytes of the archive, flipped on their way to a gateway', async () => {
  const archive = await forge(newer, {});
  const { wasm, data, entrypoints } = await verifyBundle(archive, TRUST);
  const step = Math.ceil(archive.length / 150);
  const same: number[] = [];
  for (const at of archive.keys()) {
    if (at > 16 && at < archive.length - 16 && at % step !== 0) continue;
    const flipped = Buffer.from(archive);
    flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << (at % 8)), at);
    const verified = await verifyBundle(flipped, TRUST).catch(describeThrown);
    if (typeof verified === 'string') {
      expect(await gateway.offer(flipped)).not.toBe('activated');
    } else {
      expect(verified).toMatchObject({ wasm, data, entrypoints });
      same.push(at);
    }
  }
  await expectTheGoodOne();
  // Gzip's time, level and system say nothing; and deflate can say the same in several ways.
  expect(same.length).toBeLessThan(25);
}, 120_000);

test('a gateway that was attacked takes the next good one', async () => {
  await writeFile(join(gateway.directory, 'tiny.tar.gz.1.partial'), 'left over');
  expect(await gateway.offer(await forge(newer, {}))).toBe('activated');
  expect(gateway.inForce).toEqual(['good', 'newer']);
});

describe('a bundle of nothing but data', () => {
  const DATA = '{"roles":{"admins":["alice"]}}';
  const manifest = (said: object) => ({
    '.manifest': dataManifestOf({ revision: 'newer', serial: 11, ...said }),
  });
  const files: Contents = new Map([
    ['.manifest', Buffer.from(dataManifestOf({ revision: 'newer', serial: 11 }))],
    ['data.json', Buffer.from(DATA)],
  ]);
  let follower: Gateway;
  let last: Buffer;

  beforeAll(async () => {
    last = await forge(files, { signed: { '.manifest': dataManifestOf({ revision: 'good', serial: 10 }) } });
    follower = await gatewayFor({}, createDataBundleClient);
    expect(await follower.offer(last)).toBe('activated');
  });
  afterAll(() => follower.close());

  const expectTheLastOne = async () => {
    expect(follower.inForce).toEqual(['good']);
    expect((await readFile(join(follower.directory, 'tiny.tar.gz'))).equals(last)).toBe(true);
  };
  /** Those on the archive and the signature, whatever is in the bundle. */
  const general = attacks.filter((attack) => !/wasm|rego|data\.json|\.manifest/.test(JSON.stringify(attack)));

  test('knows most attacks on archives and signatures', () => expect(general.length).toBeGreaterThan(30));

  test.each(general)('$name', async (attack) => {
    expect(await follower.offer(await forge(files, attack))).toBe(attack.expected);
    await expectTheLastOne();
  });

  test.each<[string, Forgery, string]>([
    ['data changed', { tampered: { 'data.json': DATA.replace('alice', 'mallory') } }, 'file_changed'],
    ['data removed', { tampered: { 'data.json': null } }, 'file_missing'],
    ['no data', { signed: { 'data.json': null } }, 'data_invalid'],
    ['data that is no object', { signed: { 'data.json': '[]' } }, 'data_invalid'],
    ['data with a member twice', { signed: { 'data.json': '{"roles":1,"roles":2}' } }, 'data_invalid'],
    ['data outside of the roots', { signed: { 'data.json': '{"settings":{}}' } }, 'outside_roots'],
    ['WebAssembly, signed', { signed: { 'policy.wasm': 'wasm' } }, 'entrypoint_missing'],
    ['a rule, signed', { signed: { 'roles/x.rego': 'package roles.x' } }, 'entrypoint_missing'],
    [
      'a whole policy bundle',
      { signed: { '.manifest': manifestOf({ serial: 12 }), 'policy.wasm': 'wasm', 'data.json': '{}' } },
      'kind_mismatch',
    ],
    ['WebAssembly, added', { tampered: { 'policy.wasm': 'wasm' } }, 'file_unlisted'],
    ['another scope', { payload: { scope: 'roles' } }, 'scope_mismatch'],
    ['an older serial', { signed: manifest({ serial: 9 }) }, 'serial_too_low'],
    ['a serial twice', { signed: manifest({ serial: 10 }) }, 'serial_reused'],
    ['an expired one', { signed: manifest({ expires: '2020-01-01T00:00:00Z' }) }, 'expired'],
    [
      'roots that overlap',
      { signed: { '.manifest': '{"revision":"r","roots":["roles","roles/x"]}' } },
      'manifest_invalid',
    ],
  ])('%s', async (_, attack, expected) => {
    expect(await follower.offer(await forge(files, attack))).toBe(expected);
    await expectTheLastOne();
  });

  test('a gateway that was attacked takes the next good one', async () => {
    expect(await follower.offer(await forge(files, {}))).toBe('activated');
    expect(follower.inForce).toEqual(['good', 'newer']);
  });
});
