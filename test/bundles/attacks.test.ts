import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { verifyBundle } from '../../src/bundles/index.js';
import { describeThrown } from '../../src/domain/index.js';
import { type Contents, type Forgery, forge, packFiles, unpack } from './forge.js';
import { type Gateway, gatewayFor, manifestOf } from './gateway.js';
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

test('every byte of the tar archive, flipped: refused, or the same', async () => {
  const tar = gunzipSync(await forge(newer, {}));
  const whole = await verifyBundle(gzipSync(tar), TRUST);
  const passed: number[] = [];
  for (const at of tar.keys()) {
    const flipped = Buffer.from(tar);
    flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << (at % 8)), at);
    const bytes = gzipSync(flipped, { level: 0 });
    const verified = await verifyBundle(bytes, TRUST).catch(describeThrown);
    if (typeof verified === 'string') continue;
    passed.push(at);
    const { digest: _, ...revision } = whole.revision;
    expect(verified).toMatchObject({ ...whole, revision });
  }
  // White space for a zero in front of a number, in the two that are written so.
  expect(passed.length).toBeLessThan(0.01 * tar.length);
}, 120_000);

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
