import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { calculateJwkThumbprint, exportJWK, importSPKI } from 'jose';
import { BundleError, verifyBundle } from '../../src/bundles/index.js';
import { type Forgery, forge, packFiles, unpack } from './forge.js';
import { buildTiny, KEY, removeScratch, STRANGER, TRUST } from './project.js';

interface Case extends Forgery {
  readonly name: string;
  readonly why: string;
}

function cases<Expected>(file: string): (Case & { expected: Expected })[] {
  const text = readFileSync(new URL(`../cases/bundles/${file}`, import.meta.url), 'utf8');
  return JSON.parse(text.replaceAll('TRUSTED', KEY.id));
}

let archive: Buffer;
let good: Map<string, Buffer>;

beforeAll(async () => {
  ({ archive } = await buildTiny());
  good = await unpack(archive);
});
afterAll(removeScratch);

/** The code a bundle is refused with; "accepted" when it is not. Anything but a BundleError fails the test. */
async function outcome(bytes: Buffer, trust = TRUST): Promise<string> {
  try {
    await verifyBundle(bytes, trust);
    return 'accepted';
  } catch (thrown) {
    if (!(thrown instanceof BundleError)) throw thrown;
    expect(thrown.nextStep).not.toBe('');
    return thrown.code;
  }
}

test('what was built is verified as what it is', async () => {
  const bundle = await verifyBundle(archive, TRUST);
  expect(bundle).toEqual({
    revision: { bundle: 'tiny', revision: 'r1', digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) },
    wasm: good.get('policy.wasm'),
    data: good.get('data.json'),
    roots: [['tiny'], ['settings']],
    entrypoints: ['tiny/main/decision'],
    reads: new Map([['tiny/main/decision', [['user']]]]),
    serial: expect.any(Number),
    keyId: KEY.id,
  });
});

test.each(cases('accepted.json'))('accepted: $name', async (forgery) => {
  await expect(outcome(await forge(good, forgery))).resolves.toBe('accepted');
});

test.each(cases<string>('refused.json'))('refused: $name', async (forgery) => {
  await expect(outcome(await forge(good, forgery))).resolves.toBe(forgery.expected);
});

describe('the algorithm is the configured one', () => {
  test('a key that does not fit its algorithm is refused', async () => {
    const misfit = { ...TRUST, keys: [{ ...KEY, algorithm: 'RS256' as const }] };
    await expect(outcome(archive, misfit)).resolves.toBe('key_invalid');
  });
});

describe('trust', () => {
  test('a configured key id goes before what the signature names', async () => {
    const keys = [KEY, { ...STRANGER, id: 'other' }];
    await expect(outcome(archive, { ...TRUST, keys, keyId: KEY.id })).resolves.toBe('accepted');
    await expect(outcome(archive, { ...TRUST, keys, keyId: 'other' })).resolves.toBe('signature_invalid');
    await expect(outcome(archive, { ...TRUST, keys, keyId: 'gone' })).resolves.toBe('key_unknown');
  });

  test('the scope is the bundle, unless one is configured', async () => {
    await expect(outcome(archive, { ...TRUST, bundle: 'other' })).resolves.toBe('scope_mismatch');
    await expect(outcome(archive, { ...TRUST, bundle: 'other', scope: 'tiny' })).resolves.toBe('accepted');
    await expect(outcome(archive, { ...TRUST, scope: '' })).resolves.toBe('scope_mismatch');
  });

  test('the signature of another bundle is refused', async () => {
    const other = await unpack(await forge(good, { signed: { 'data.json': '{}' } }));
    const swapped = new Map(good).set('.signatures.json', other.get('.signatures.json') as Buffer);
    await expect(outcome(await packFiles(swapped))).resolves.toBe('file_changed');
  });
});

describe('bounds', () => {
  test('a bomb is refused without being unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(129 * 1024 * 1024), { level: 1 });
    await expect(outcome(bomb)).resolves.toBe('archive_too_big');
  });

  test('an archive over the limit is refused unread', async () => {
    await expect(outcome(Buffer.alloc(32 * 1024 * 1024 + 1))).resolves.toBe('archive_too_big');
  });

  test('too many files are refused', async () => {
    const entries = Array.from({ length: 4097 }, (_, index) => ({ name: `f${index}` }));
    await expect(outcome(await packFiles(good, { entries }))).resolves.toBe('archive_too_big');
  });

  test.each([
    ['nothing', () => Buffer.alloc(0)],
    ['no gzip', () => Buffer.from('hello')],
    ['no tar', () => gzipSync('hello')],
    ['half an archive', () => archive.subarray(0, archive.length / 2)],
    ['half a tar', () => gzipSync(Buffer.alloc(700, 1))],
  ])('%s is refused', async (_, bytes) => {
    await expect(outcome(bytes())).resolves.toBe('archive_invalid');
  });
});

test('no flipped bit changes what a bundle says', async () => {
  const expected = await verifyBundle(archive, TRUST);
  const step = Math.ceil(archive.length / 250);
  const positions = Array.from({ length: archive.length }, (_, at) => at).filter(
    (at) => at < 32 || at >= archive.length - 16 || at % step === 0,
  );
  let passed = 0;
  for (const at of positions) {
    const flipped = Buffer.from(archive);
    flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << (at % 8)), at);
    if ((await outcome(flipped)) !== 'accepted') continue;
    const { wasm, data, entrypoints } = await verifyBundle(flipped, TRUST);
    expect({ wasm, data, entrypoints }).toEqual({
      wasm: expected.wasm,
      data: expected.data,
      entrypoints: expected.entrypoints,
    });
    passed += 1;
  }
  // Bits that say nothing: gzip's time, level and system, and what fills up deflate's last bytes.
  expect(passed).toBeLessThan(16);
});

test('the id of a key is the thumbprint of its JWK', async () => {
  const jwk = await exportJWK(await importSPKI(KEY.publicKeyPem, 'ES256', { extractable: true }));
  expect(KEY.id).toBe(await calculateJwkThumbprint(jwk));
});
