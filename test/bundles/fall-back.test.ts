import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateSigningKey } from '../../src/bundles/index.js';
import { digestOf } from '../../src/bundles/verification.js';
import type { Revision } from '../../src/domain/index.js';
import { type FallingBack, fallingBack } from './falling-back.js';
import { forge, unpack } from './forge.js';
import { archivesOf, dataManifestOf } from './gateway.js';
import { closeServers, until } from './http.js';
import { buildTiny, KEY, removeScratch } from './project.js';

let files: Map<string, Buffer>;
let gateway: FallingBack;

beforeAll(async () => {
  files = await unpack((await buildTiny()).archive);
});
afterEach(async () => {
  gateway.close();
  await closeServers();
});
afterAll(removeScratch);

const archiveOf = archivesOf(() => files);
const good = () => archiveOf({ revision: 'good', serial: 5 });
const bad = () => archiveOf({ revision: 'bad', serial: 6 });
const next = () => archiveOf({ revision: 'next', serial: 7 });
const data = (revision: string, serial: number) =>
  forge(new Map(), {
    signed: {
      '.manifest': dataManifestOf({ revision, serial }),
      'data.json': JSON.stringify({ roles: { revision } }),
    },
  });

const inForce = () => gateway.inForce()?.revision;
const told = () => gateway.events.map(({ type }) => type);
async function bring(archive: Buffer, revision: string): Promise<void> {
  gateway.serve('tiny', archive);
  await until(() => inForce() === revision);
  // The watch begins when the client has heard of it.
  await until(() => gateway.bundles.status().revision?.revision === revision);
}
async function failUntilItFallsBack(): Promise<void> {
  gateway.decide(4, true);
  await until(() => told().includes('fell_back'));
}
async function restart(offered: Buffer, options: Parameters<typeof fallingBack>[1] = {}): Promise<void> {
  gateway.close();
  gateway = await fallingBack({ tiny: offered }, { directory: gateway.directory, ...options });
}

describe('a bundle by which decisions fail', () => {
  beforeEach(async () => {
    gateway = await fallingBack({ tiny: await good() });
    gateway.decide(100, false);
    await bring(await bad(), 'bad');
    await failUntilItFallsBack();
  });

  test('is not in force any more; the one before it is, on disk too', async () => {
    expect(inForce()).toBe('good');
    const revisionOf = async (archive: Buffer, revision: string) => ({
      bundle: 'tiny',
      revision,
      digest: digestOf(archive),
    });
    const from = await revisionOf(await bad(), 'bad');
    expect(gateway.events.at(-1)).toEqual({
      type: 'fell_back',
      bundle: 'tiny',
      from,
      to: await revisionOf(await good(), 'good'),
      failures: 4,
      decisions: 4,
    });
    expect(gateway.bundles.status()).toMatchObject({
      revision: { revision: 'good' },
      serial: 5,
      fellBackFrom: from,
      errorCode: 'fell_back',
      lastError: expect.stringContaining('revision bad'),
    });
    expect(await readdir(gateway.directory)).toEqual(['tiny.serial.json', 'tiny.tar.gz']);
    await expect(readFile(join(gateway.directory, 'tiny.tar.gz'))).resolves.toEqual(await good());
    expect(JSON.parse(await readFile(join(gateway.directory, 'tiny.serial.json'), 'utf8'))).toEqual({
      serial: 6,
      digest: from.digest,
      fell_back: { revision: 'bad', digest: from.digest, to: digestOf(await good()) },
    });
  });

  test('is not taken again, whoever offers it', async () => {
    const { lastRequest } = gateway.bundles.status();
    gateway.serve('tiny', await bad());
    await until(() => gateway.bundles.status().lastRequest !== lastRequest);
    gateway.serve('tiny', await archiveOf({ revision: 'older', serial: 4 }));
    await until(() => told().at(-1) === 'refused');
    expect(gateway.events.at(-1)).toMatchObject({ code: 'serial_too_low' });
    gateway.serve('tiny', await bad());
    await until(() => gateway.bundles.status().errorCode === 'fell_back');
    expect(inForce()).toBe('good');
  });

  test('is not in force after a restart either, with the server and without', async () => {
    await restart(await bad());
    expect(inForce()).toBe('good');
    await until(() => told().length > 1);
    expect(gateway.events).toMatchObject([
      { type: 'activated', source: 'disk' },
      { type: 'refused', code: 'fell_back' },
    ]);
    expect(gateway.bundles.status()).toMatchObject({ fellBackFrom: { revision: 'bad' } });
    await rm(join(gateway.directory, 'tiny.tar.gz'));
    await restart(await bad());
    expect(inForce()).toBeUndefined();
    // The one that was fallen back to is, and nothing else that is as old.
    gateway.serve('tiny', await archiveOf({ revision: 'twin', serial: 5 }));
    await until(() => gateway.events.at(-1)?.type === 'refused' && told().length > 1);
    expect(gateway.events.at(-1)).toMatchObject({ code: 'serial_too_low' });
    gateway.serve('tiny', await good());
    await until(() => inForce() === 'good');
  });

  test('is over with the next one', async () => {
    await bring(await next(), 'next');
    expect(gateway.bundles.status().fellBackFrom).toBeUndefined();
    expect(gateway.bundles.status().lastError).toBeUndefined();
    await restart(await good());
    expect(inForce()).toBe('next');
    await until(() => told().length > 1);
    expect(gateway.events.at(-1)).toMatchObject({ type: 'refused', code: 'serial_too_low' });
  });

  test('does not lead to a still older one', async () => {
    gateway.decide(100, true);
    await bring(await next(), 'next');
    gateway.decide(100, false);
    expect(told().filter((type) => type === 'fell_back')).toHaveLength(1);
    expect(inForce()).toBe('next');
  });

  test('may be followed by another one', async () => {
    gateway.decide(100, false);
    await bring(await next(), 'next');
    gateway.decide(4, true);
    await until(() => inForce() === 'good');
    await restart(await next());
    expect(inForce()).toBe('good');
  });

  test.each([
    ['when the mark says so, and the kept one is not replaced yet', 'bad'],
    ['when the kept one is gone', undefined],
  ])('may be followed by a crash: %s', async (_, kept) => {
    gateway.close();
    const path = join(gateway.directory, 'tiny.tar.gz');
    await writeFile(join(gateway.directory, 'tiny.fallback.tar.gz'), await good());
    if (kept === undefined) await rm(path);
    else await writeFile(path, await bad());
    await restart(await bad());
    expect(inForce()).toBe('good');
  });
});

test('a crash before the mark says so leaves the one that was in force, and what lies beside it is no way back', async () => {
  gateway = await fallingBack({ tiny: await good() });
  await bring(await bad(), 'bad');
  await writeFile(join(gateway.directory, 'tiny.fallback.tar.gz'), await good());
  await restart(await good());
  expect(inForce()).toBe('bad');
  await until(() => told().length > 1);
  expect(gateway.events.at(-1)).toMatchObject({ type: 'refused', code: 'serial_too_low' });
});

test('bundles without a serial are fallen back from too', async () => {
  gateway = await fallingBack({ tiny: await archiveOf({ revision: 'plain' }) });
  const worse = await archiveOf({ revision: 'worse' });
  await bring(worse, 'worse');
  await failUntilItFallsBack();
  await restart(worse);
  expect(inForce()).toBe('plain');
  await until(() => gateway.bundles.status().errorCode === 'fell_back');
});

test('an expired one is not gone back to', async () => {
  const expires = new Date(Math.ceil(Date.now() / 1000 + 1) * 1000).toISOString().replace('.000', '');
  gateway = await fallingBack({ tiny: await archiveOf({ revision: 'old', serial: 5, expires }) });
  await bring(await bad(), 'bad');
  await until(() => Date.now() > Date.parse(expires));
  gateway.decide(4, true);
  await until(() => told().includes('not_fallen_back'));
  gateway.decide(100, true);
  expect(gateway.events.at(-1)).toMatchObject({ type: 'not_fallen_back', code: 'expired' });
  expect(inForce()).toBe('bad');
});

test('where it is not enabled there is no way back', async () => {
  const fallBack = { enabled: false, watchMilliseconds: 60_000, failures: 1, percent: 1 };
  gateway = await fallingBack({ tiny: await good() }, { fallBack });
  await bring(await bad(), 'bad');
  gateway.decide(100, true);
  await bring(await next(), 'next');
  expect(told()).toEqual(['activated', 'activated', 'activated']);
});

test('where the one before cannot be put in force it is tried again', async () => {
  let fails = false;
  let whole: Revision | undefined;
  gateway = await fallingBack(
    { tiny: await good() },
    {
      activate: async (bundle, beforeLive) => {
        if (fails) throw new Error('no memory');
        await beforeLive();
        whole = bundle.revision;
      },
    },
  );
  gateway.serve('tiny', await bad());
  await until(() => gateway.bundles.status().revision?.revision === 'bad');
  const fail = () => {
    for (const principal of ['alice', 'bob', 'alice', 'bob']) {
      if (whole !== undefined) gateway.bundles.decided({ revision: whole, principal, failed: true });
    }
  };
  fails = true;
  fail();
  await until(() => told().includes('not_fallen_back'));
  expect(gateway.events.at(-1)).toMatchObject({ code: 'activation_failed' });
  expect(whole).toMatchObject({ revision: 'bad' });
  fails = false;
  await until(() => {
    fail();
    return told().includes('fell_back');
  });
  expect(whole).toMatchObject({ revision: 'good' });
});

test('data by which decisions fail is fallen back from, and the policy stays', async () => {
  const [one, two] = [await data('one', 1), await data('two', 2)];
  gateway = await fallingBack({ tiny: await good(), roles: one });
  await until(() => gateway.inForce() !== undefined);
  gateway.decide(10, false);
  gateway.serve('roles', two);
  await until(() => gateway.bundles.statuses().get('roles')?.revision?.revision === 'two');
  await failUntilItFallsBack();
  expect(gateway.events.at(-1)).toMatchObject({
    bundle: 'roles',
    from: { revision: 'two' },
    to: { revision: 'one' },
  });
  expect(gateway.inForce()).toMatchObject({ revision: 'good', data: [{ bundle: 'roles', revision: 'one' }] });
  expect(gateway.bundles.status()).toMatchObject({
    revision: { revision: 'good' },
    errorCode: 'fell_back',
    lastError: expect.stringMatching(/^the data bundle roles: .*revision two/),
  });
});

test('two keys are trusted while one takes the place of the other, and the kept one is verified anew', async () => {
  const newer = generateSigningKey('ES256');
  const request = { serial: 1_000_000, revision: 'rotated', signingKey: newer };
  const { archive: rotated } = await buildTiny({}, request);
  gateway = await fallingBack({ tiny: await good() });
  gateway.serve('tiny', rotated);
  await until(() => gateway.bundles.status().errorCode === 'key_unknown');
  // Trusted from the next start on, beside the old one.
  await restart(rotated, { keys: [KEY, newer] });
  expect(told()[0]).toBe('activated');
  await until(() => gateway.bundles.status().revision?.revision === 'rotated');
  // The old one is not trusted any more.
  await restart(rotated, { keys: [newer] });
  expect(gateway.events).toMatchObject([{ type: 'activated', source: 'disk' }]);
  // Nor is what a key signed that is not trusted, though it was the last good one.
  await restart(rotated, { keys: [KEY] });
  expect(inForce()).toBeUndefined();
  expect(gateway.events).toMatchObject([
    { type: 'refused', code: 'key_unknown', message: expect.stringContaining('kept on disk') },
  ]);
});
