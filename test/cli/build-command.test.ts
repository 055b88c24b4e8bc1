import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { generateSigningKey, verifyBundle } from '../../src/bundles/index.js';
import { COMMITTED, committedProject } from '../bundles/git-project.js';
import { removeScratch, scratchPath, TINY, writeFiles } from '../bundles/project.js';
import { type Ended, regateIn, type Surroundings } from '../command.js';
import { secret } from '../output/secret.js';

// Each command is a process of its own.
jest.setTimeout(120_000);

afterAll(removeScratch);

const KEY = generateSigningKey('RS256');
const HELD = { REGATE_TEST_KEY: KEY.privateKeyPem };
const SHARED = secret('shared key', randomBytes(16).toString('hex'));
const SIGN = ['--key-env', 'REGATE_TEST_KEY', '--key-id', KEY.id];

/** Runs `regate …` in a folder to its end. */
function regate(
  directory: string,
  args: readonly string[],
  { environment = HELD, umask = '022', ...more }: Surroundings = {},
): Promise<Ended> {
  return regateIn({ directory, environment, umask, ...more })(...args);
}

async function build(directory: string, surroundings: Surroundings = {}): Promise<Buffer> {
  const run = await regate(directory, ['build', 'tiny', ...SIGN, '--out', 'ignored.tar.gz'], surroundings);
  expect(run).toMatchObject({ status: 0, stderr: '' });
  return readFileSync(join(directory, 'ignored.tar.gz'));
}

describe('the same sources are the same bytes', () => {
  let usual: Buffer;
  beforeAll(async () => {
    usual = await build(await committedProject());
  });

  const reversed = Object.fromEntries(Object.entries(TINY).reverse());
  const inTenYears = `const now = Date.now; Date.now = () => now() + 315576e6;
    globalThis.Date = class extends Date { constructor(...a) { super(...(a.length > 0 ? a : [Date.now()])); } };`;

  test.each<[string, Surroundings]>([
    ['another umask', { umask: '077' }],
    [
      'another time zone and language',
      { environment: { ...HELD, TZ: 'Pacific/Auckland', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' } },
    ],
    [
      "another time by the machine's clock",
      { node: ['--import', `data:text/javascript,${encodeURIComponent(inTenYears)}`] },
    ],
    ['other folders for what is temporary', { environment: { ...HELD, TMPDIR: '/var/tmp' } }],
  ])('with %s', async (_what, surroundings) => {
    const archive = await build(await committedProject(reversed), surroundings);
    expect(archive.equals(usual)).toBe(true);
  });

  test('and a gateway takes them', async () => {
    await expect(verifyBundle(usual, { keys: [KEY], bundle: 'tiny' })).resolves.toMatchObject({
      serial: COMMITTED,
    });
  });
});

test('it says the serial, the expiry, and why another build would differ', async () => {
  const root = await scratchPath();
  await writeFiles(root, TINY);
  const never = await regate(root, ['build', 'tiny', ...SIGN, '--serial', '7']);
  expect(never.stdout).toMatch(/^built tiny .* → tiny\.tar\.gz\nserial 7; it never expires/);
  expect(never.stderr).toContain('in no git repository');
  const said = ['--serial', '8', '--revision', 'r8', '--expires', '2999-12-31T00:00:00Z', '--json'];
  const { stdout, stderr } = await regate(root, ['build', 'tiny', ...SIGN, ...said]);
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toMatchObject({ revision: 'r8', serial: 8, expires: '2999-12-31T00:00:00Z' });
});

test('a failing test is named, and the exit code is 1', async () => {
  const root = await scratchPath();
  await writeFiles(root, { ...TINY, 'rego/settings/roles/data.json': '{"admins": []}' });
  const { status, stderr } = await regate(root, ['build', 'tiny', ...SIGN]);
  expect(status).toBe(1);
  expect(stderr).toContain('rego/tiny/main_test.rego:5: elsewhere.main_test.test_admins_may failed');
});

test('a signing command signs; with HS256 a file holds the secret', async () => {
  const root = await scratchPath();
  await writeFiles(root, {
    ...TINY,
    'sign.mjs': `import { sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
console.log(sign('sha256', readFileSync(0), readFileSync(process.argv[2])).toString('base64'));`,
    'key.pem': KEY.privateKeyPem,
    'key.pub.pem': KEY.publicKeyPem,
    secret: `${SHARED}\n`,
  });
  const command = ['--sign-command', `${process.execPath} sign.mjs key.pem`, '--public-key', 'key.pub.pem'];
  const signed = await regate(root, ['build', 'tiny', ...command, '--key-id', 'kms']);
  expect(signed).toMatchObject({ status: 0 });
  const trust = { keys: [{ ...KEY, id: 'kms' }], bundle: 'tiny' };
  await expect(verifyBundle(readFileSync(join(root, 'tiny.tar.gz')), trust)).resolves.toBeDefined();

  const shared = ['--key', 'secret', '--key-id', 's', '--algorithm', 'HS256'];
  expect(await regate(root, ['build', 'tiny', ...shared])).toMatchObject({ status: 0 });
  const keys = [{ id: 's', algorithm: 'HS256' as const, secret: SHARED }];
  await expect(
    verifyBundle(readFileSync(join(root, 'tiny.tar.gz')), { keys, bundle: 'tiny' }),
  ).resolves.toBeDefined();
});

const NAMED = ['--key-id', 'k'];

test.each([
  ['no key', NAMED, 'not clear what to sign with'],
  ['two keys', [...NAMED, '--key', 'a', '--key-env', 'B'], 'not clear what to sign with'],
  ['a variable that is not set', [...NAMED, '--key-env', 'REGATE_NOT_SET'], 'REGATE_NOT_SET is not set'],
  ['a command whose answers nothing verifies', [...NAMED, '--sign-command', 'true'], '--public-key'],
  ['a command in quotes', [...NAMED, '--sign-command', "sh -c 'true'"], 'split at spaces'],
  ['a serial that is no number', [...SIGN, '--serial', '1e3'], 'no whole number'],
  ['a time that is none', [...SIGN, '--expires', '2999-02-30T00:00:00Z'], 'no time in UTC'],
  ['a duration that is none', [...SIGN, '--expires-in', '1y'], 'no duration'],
  [
    'two expiries',
    [...SIGN, '--expires-in', '1d', '--expires', '2999-01-01T00:00:00Z'],
    'cannot be used with',
  ],
  ['an algorithm that does not sign', [...SIGN, '--algorithm', 'none'], 'Allowed choices'],
])('%s is a wrong command line', async (_what, args, message) => {
  const root = await scratchPath();
  await writeFiles(root, TINY);
  const { status, stderr } = await regate(root, ['build', 'tiny', ...args]);
  expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test('keys are written with the modes that are said, whatever the umask', async () => {
  const root = await scratchPath();
  await writeFiles(root, { 'README.md': '' });
  const args = ['keys', 'generate', '--algorithm', 'EdDSA', '--out', 'k'];
  const { stdout } = await regate(root, args, { umask: '077' });
  expect(stdout).toMatch(/k\.pem: .*0600.*\nk\.pub\.pem: .*0644.*\nk\.json: .*0644/);
  const modes = ['k.pem', 'k.pub.pem', 'k.json'].map((file) => statSync(join(root, file)).mode & 0o777);
  expect(modes).toEqual([0o600, 0o644, 0o644]);
  expect(JSON.parse(readFileSync(join(root, 'k.json'), 'utf8'))).toMatchObject({ algorithm: 'EdDSA' });
});
