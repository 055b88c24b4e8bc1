import { once } from 'node:events';
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { regate } from '../end-to-end/process.js';

const folder = () => mkdtempSync(join(tmpdir(), 'regate-cli-'));

const COMMANDS = [
  'serve',
  'bundle-server',
  'build',
  'publish',
  'test',
  'eval',
  'approvals list',
  'approvals show',
  'approvals approve',
  'approvals deny',
  'audit tail',
  'config check',
  'keys generate',
];

test.each(COMMANDS)('regate %s --help shows an example', async (command) => {
  const { status, stdout } = await regate(...command.split(' '), '--help');
  expect(status).toBe(0);
  expect(stdout).toContain(`$ regate ${command}`);
});

test('a wrong command line ends with 2, and says how to call it', async () => {
  const { status, stderr } = await regate('build');
  expect([status, stderr]).toEqual([2, expect.stringContaining('--help')]);
});

test('keys are made once, and never overwritten', async () => {
  const out = join(folder(), 'keys', 'bundle');
  expect((await regate('keys', 'generate', '--out', out)).status).toBe(0);
  const made = readFileSync(`${out}.pem`, 'utf8');
  expect(statSync(`${out}.pem`).mode & 0o077).toBe(0);
  expect(JSON.parse(readFileSync(`${out}.json`, 'utf8'))).toMatchObject({ algorithm: 'RS256' });
  const again = await regate('keys', 'generate', '--out', out);
  expect([again.status, again.stderr]).toEqual([2, expect.stringContaining('never overwritten')]);
  expect(readFileSync(`${out}.pem`, 'utf8')).toBe(made);
});

test('a configuration with several mistakes shows each with its place, and a suggestion', async () => {
  const file = join(folder(), 'regate.yaml');
  writeFileSync(
    file,
    'state_directory: s\nidentity:\n  isuers: []\ngateway:\n  listen: { host: 127.0.0.1, port: high }\n',
  );
  const { status, stderr } = await regate('config', 'check', file);
  expect(status).toBe(2);
  expect(stderr).toContain('isuers');
  expect(stderr).toContain('issuers');
  expect(stderr).toContain('gateway.listen.port, line 5');
});

test('what cannot be reached ends with 3', async () => {
  const dead = createServer().listen(0, '127.0.0.1');
  await once(dead, 'listening');
  const { port } = dead.address() as AddressInfo;
  dead.close();
  const token = join(folder(), 'token');
  writeFileSync(token, 'a.b.c');
  const { status, stderr } = await regate(
    'approvals',
    'list',
    '--gateway',
    `http://127.0.0.1:${port}`,
    '--token-file',
    token,
  );
  expect([status, stderr]).toEqual([3, expect.stringContaining('could not be reached')]);
});

test("a policy that does not compile is not built; the compiler's message names file and line", async () => {
  const root = folder();
  const { cpSync } = await import('node:fs');
  for (const part of ['rego', 'bundles', 'schemas'])
    cpSync(new URL(`../../${part}`, import.meta.url), join(root, part), { recursive: true });
  writeFileSync(
    join(root, 'rego/policies/refunds/refunds.rego'),
    'package policies.refunds\n\ndeny contains x if {\n',
  );
  await regate('keys', 'generate', '--out', join(root, 'k'));
  const out = join(root, 'starter.tar.gz');
  const built = await regate(
    'build',
    'starter',
    '--root',
    root,
    '--key',
    join(root, 'k.pem'),
    '--key-id',
    'k',
    '--out',
    out,
  );
  expect(built.status).toBe(1);
  expect(built.stderr).toMatch(/rego\/policies\/refunds\/refunds\.rego:\d+/);
  expect(() => statSync(out)).toThrow('ENOENT');
});
