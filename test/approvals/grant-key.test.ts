import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openGrantKey } from '../../src/approvals/index.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'regate-grant-key-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a key is made where there is none, for its owner only, and is then the one', async () => {
  const path = join(folder, 'state', 'approvals.key');
  const keys = await Promise.all(Array.from({ length: 8 }, () => openGrantKey(path)));
  keys.push(await openGrantKey(path));
  const [first] = keys;
  expect(keys.map((key) => first?.equals(key))).toEqual(keys.map(() => true));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(folder, 'state'))).toEqual(['approvals.key']);
});

test.each([
  ['nothing', ''],
  ['no PEM', 'secret-of-mine'],
  ['a public key', generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' })],
  [
    'a key of another kind',
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
  ],
])('a file that holds %s is refused, left as it is and not repeated', async (_what, pem) => {
  const path = join(folder, 'approvals.key');
  writeFileSync(path, pem);
  const refusal = await openGrantKey(path).catch((thrown: unknown) => thrown);
  expect(refusal).toMatchObject({ code: 'key_unusable', message: expect.stringContaining(path) });
  expect(String(refusal)).not.toContain('secret-of-mine');
  expect(readFileSync(path, 'utf8')).toBe(pem);
});

test('a path that cannot be read is named', async () => {
  await expect(openGrantKey(folder)).rejects.toMatchObject({
    code: 'key_unusable',
    message: expect.stringContaining(folder),
  });
});
