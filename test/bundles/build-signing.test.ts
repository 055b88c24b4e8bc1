import { createHmac, generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type BundleError,
  generateSigningKey,
  type SigningCommand,
  type SigningKey,
  verifyBundle,
} from '../../src/bundles/index.js';
import { packFiles, unpack } from './forge.js';
import { buildTiny, KEY, removeScratch, scratchPath, writeFiles } from './project.js';

afterAll(removeScratch);

const RS256 = generateSigningKey('RS256');
const ED = generateSigningKey('EdDSA');
const SECRET = { id: 'secret', algorithm: 'HS256' as const, secret: '0123456789abcdef0123456789abcdef' };

async function refusal(signingKey: SigningKey): Promise<BundleError> {
  return buildTiny({}, { signingKey }).then(
    () => {
      throw new Error('it was built');
    },
    (thrown: BundleError) => thrown,
  );
}

describe('keys', () => {
  test.each([RS256, KEY, ED, SECRET])('$algorithm signs, and its key verifies', async (key) => {
    const { archive } = await buildTiny({}, { signingKey: key });
    await expect(verifyBundle(archive, { keys: [key], bundle: 'tiny' })).resolves.toMatchObject({
      keyId: key.id,
    });
    const other =
      key.algorithm === 'HS256' ? { ...key, secret: 'y'.repeat(32) } : generateSigningKey(key.algorithm);
    const keys = [{ ...other, id: key.id }];
    await expect(verifyBundle(archive, { keys, bundle: 'tiny' })).rejects.toMatchObject({
      code: 'signature_invalid',
    });
  });

  test.each<[string, SigningKey]>([
    ['an RSA key for ES256', { ...RS256, algorithm: 'ES256' }],
    ['a P-256 key for RS256', { ...KEY, algorithm: 'RS256' }],
    ['an Ed25519 key for RS256', { ...ED, algorithm: 'RS256' }],
    ['a P-256 key for EdDSA', { ...KEY, algorithm: 'EdDSA' }],
    ['a P-384 key for ES256', { ...KEY, privateKeyPem: pem('P-384') }],
    ['a secret too short', { ...SECRET, secret: 'x'.repeat(31) }],
    ['a public key as a secret', { ...SECRET, secret: KEY.publicKeyPem }],
    ['a private key as a secret', { ...SECRET, secret: KEY.privateKeyPem }],
  ])('%s is refused without a word of it', async (_what, key) => {
    const error = await refusal(key);
    expect(error.code).toBe('key_invalid');
    const text = 'secret' in key ? key.secret : 'privateKeyPem' in key ? key.privateKeyPem : '';
    for (const line of text.split('\n').filter((line) => line.length > 20 && !line.startsWith('-----'))) {
      expect(`${error.message}${error.nextStep}`).not.toContain(line);
    }
  });

  function pem(namedCurve: string): string {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve });
    return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  }
});

describe('a secret and a public key never stand in for each other', () => {
  const trust = (key: object) => ({ keys: [key as typeof SECRET], bundle: 'tiny' });

  test('what was signed with a secret is refused where a public key of that id is configured', async () => {
    const { archive } = await buildTiny({}, { signingKey: SECRET });
    for (const key of [RS256, KEY, ED]) {
      await expect(verifyBundle(archive, trust({ ...key, id: SECRET.id }))).rejects.toMatchObject({
        code: 'algorithm_mismatch',
      });
    }
  });

  test.each([RS256, KEY, ED])(
    'HMAC with the text of the public key of $algorithm is refused',
    async (key) => {
      const { archive } = await buildTiny({}, { signingKey: key });
      const files = await unpack(archive);
      const [, payload] = JSON.parse(String(files.get('.signatures.json'))).signatures[0].split('.');
      for (const text of [key.publicKeyPem, key.publicKeyPem.trimEnd()]) {
        const header = Buffer.from(JSON.stringify({ alg: 'HS256', kid: key.id })).toString('base64url');
        const mac = createHmac('sha256', text).update(`${header}.${payload}`).digest('base64url');
        const signatures = JSON.stringify({ signatures: [`${header}.${payload}.${mac}`] });
        const forged = await packFiles(new Map(files).set('.signatures.json', Buffer.from(signatures)));
        const asked = (other: object) => verifyBundle(forged, trust(other));
        await expect(asked(key)).rejects.toMatchObject({ code: 'algorithm_mismatch' });
        // The same key by mistakes in a configuration that only casts can make.
        for (const mistake of [
          { ...key, algorithm: 'HS256' },
          { id: key.id, algorithm: 'HS256', secret: text },
        ]) {
          await expect(asked(mistake)).rejects.toMatchObject({ code: 'key_invalid' });
        }
      }
    },
  );

  test('what was signed with a private key is refused where a secret of that id is configured', async () => {
    const { archive } = await buildTiny({}, { signingKey: RS256 });
    await expect(verifyBundle(archive, trust({ ...SECRET, id: RS256.id }))).rejects.toMatchObject({
      code: 'algorithm_mismatch',
    });
  });
});

describe('a signing command', () => {
  /** Signs what it reads with key.pem, or misbehaves. */
  const SIGNER = `
import { readFileSync, writeFileSync, writeSync } from 'node:fs';
import { sign } from 'node:crypto';
const [how, digest, dsaEncoding, encoding] = process.argv.slice(2);
const file = (name) => new URL(name, import.meta.url);
if (how === 'deaf') process.exit(0);
const input = readFileSync(0);
writeFileSync(file('input'), input);
const key = readFileSync(file('key.pem'));
const signature = sign(digest === 'null' ? null : digest, input, { key, dsaEncoding });
if (how === 'hang') setTimeout(() => {}, 10_000);
else if (how === 'flood') for (;;) writeSync(1, 'A'.repeat(4096));
else if (how === 'other') console.log(sign('sha256', Buffer.from('other'), { key, dsaEncoding }).toString('base64'));
else if (how === 'noise') console.log('signed: -----BEGIN');
else if (how === 'raw') process.stdout.write(signature);
else console.log(signature.toString(encoding));
if (how === 'fail') process.exitCode = 4;
`;

  async function signer(
    key: typeof RS256,
    [how, digest = 'sha256', dsa = 'der', encoding = 'base64']: readonly string[],
  ): Promise<SigningCommand> {
    const directory = await scratchPath();
    await writeFiles(directory, { 'signer.mjs': SIGNER, 'key.pem': key.privateKeyPem });
    const args = [join(directory, 'signer.mjs'), how ?? '', digest, dsa, encoding];
    const { id, algorithm, publicKeyPem } = key;
    return { id, algorithm, publicKeyPem, command: [process.execPath, ...args] as const };
  }

  test.each([
    ['RS256', RS256, ['sign']],
    ['RS256 in base64url', RS256, ['sign', 'sha256', 'der', 'base64url']],
    ['ES256 in DER', KEY, ['sign']],
    ['ES256 as JWS has it', KEY, ['sign', 'sha256', 'ieee-p1363', 'base64url']],
    ['EdDSA', ED, ['sign', 'null']],
  ])('signs with %s', async (_what, key, how) => {
    const command = await signer(key, how);
    const { archive } = await buildTiny({}, { signingKey: command });
    await expect(verifyBundle(archive, { keys: [key], bundle: 'tiny' })).resolves.toBeDefined();
    const { signatures } = JSON.parse(String((await unpack(archive)).get('.signatures.json')));
    const input = await readFile(join(command.command[1] ?? '', '..', 'input'), 'utf8');
    expect(signatures[0].split('.').slice(0, 2).join('.')).toBe(input);
  });

  test.each([
    ['a signature of something else', RS256, 'other', 'signature_invalid', 'not made by the key'],
    ['noise', RS256, 'noise', 'signing_failed', 'no signature in base64'],
    ['bytes', RS256, 'raw', 'signing_failed', 'no signature in base64'],
    ['nothing', RS256, 'deaf', 'signing_failed', 'no signature in base64'],
    ['a good signature and a bad status', RS256, 'fail', 'signing_failed', 'status 4'],
    ['no end of output', RS256, 'flood', 'signing_failed', 'more than 65536 bytes'],
    [
      'an answer of another kind',
      { ...RS256, algorithm: 'ES256' as const },
      'sign',
      'signing_failed',
      'ES256',
    ],
  ])('that gives %s is refused', async (_what, key, how, code, message) => {
    const error = await refusal(await signer(key, [how]));
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(error.message).not.toContain('BEGIN');
  });

  test('of another key is refused', async () => {
    const command = await signer(RS256, ['sign']);
    const { publicKeyPem } = generateSigningKey('RS256');
    await expect(refusal({ ...command, publicKeyPem })).resolves.toMatchObject({ code: 'signature_invalid' });
  });

  test('that hangs is cut off, also where another process holds on to its output', async () => {
    const command = await signer(RS256, ['hang']);
    const shell = ['/bin/sh', '-c', '"$@"; exit', 'sh', ...command.command] as const;
    for (const words of [command.command, shell]) {
      const error = await refusal({ ...command, command: words, timeoutMilliseconds: 300 });
      expect(error).toMatchObject({ code: 'signing_failed', message: expect.stringContaining('300 ms') });
    }
  });

  test('that cannot be started is refused', async () => {
    const key = { ...(await signer(RS256, [])), command: ['/nowhere/signer'] as const };
    await expect(refusal(key)).resolves.toMatchObject({
      code: 'signing_failed',
      message: expect.stringContaining('ENOENT'),
    });
  });

  test('leaves the last bundle where it is when it fails', async () => {
    const { root, archive, built } = await buildTiny();
    const signingKey = await signer(RS256, ['noise']);
    const again = buildTiny({}, { signingKey, outFile: built.file });
    await expect(again).rejects.toMatchObject({ code: 'signing_failed' });
    expect((await readFile(join(root, 'out', 'tiny.tar.gz'))).equals(archive)).toBe(true);
  });
});
