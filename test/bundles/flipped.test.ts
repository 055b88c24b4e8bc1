import { gunzipSync, gzipSync } from 'node:zlib';
import { type Trust, verifyBundle, verifyDataBundle } from '../../src/bundles/index.js';
import { describeThrown, type VerifiedDataBundle } from '../../src/domain/index.js';
import { forge, unpack } from './forge.js';
import { dataManifestOf, manifestOf } from './gateway.js';
import { buildTiny, removeScratch, TRUST } from './project.js';

afterAll(removeScratch);

type Verify = (archive: Buffer, trust: Trust & { readonly bundle: string }) => Promise<VerifiedDataBundle>;

/** Flips a bit of every byte; answers how many of these archives are still a bundle, which must be the same one. */
async function passing(tar: Buffer, verify: Verify): Promise<number> {
  const whole = await verify(gzipSync(tar), TRUST);
  const { digest: _, ...revision } = whole.revision;
  let passed = 0;
  for (const at of tar.keys()) {
    const flipped = Buffer.from(tar);
    flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << (at % 8)), at);
    const verified = await verify(gzipSync(flipped, { level: 0 }), TRUST).catch(describeThrown);
    if (typeof verified === 'string') continue;
    expect(verified).toMatchObject({ ...whole, revision });
    passed += 1;
  }
  return passed;
}

test('every byte of the tar archive, flipped: refused, or the same', async () => {
  const files = await unpack((await buildTiny()).archive);
  files.set('policy.wasm', Buffer.from('wasm'));
  files.set('.manifest', Buffer.from(manifestOf({ revision: 'newer', serial: 11 })));
  const tar = gunzipSync(await forge(files, {}));
  // White space for a zero in front of a number, in the two that are written so.
  expect(await passing(tar, verifyBundle)).toBeLessThan(0.01 * tar.length);
}, 120_000);

test('the same of a bundle of nothing but data', async () => {
  const files = new Map([
    ['.manifest', Buffer.from(dataManifestOf({ revision: 'newer', serial: 11 }))],
    ['data.json', Buffer.from('{"roles":{"admins":["alice"]}}')],
  ]);
  const tar = gunzipSync(await forge(files, {}));
  expect(await passing(tar, verifyDataBundle)).toBeLessThan(0.01 * tar.length);
}, 120_000);
