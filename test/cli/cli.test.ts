import { once } from 'node:events';
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { stringify } from 'yaml';
import { regate } from '../command.js';

// Each command is a process of its own.
jest.setTimeout(120_000);

const folder = () => mkdtempSync(join(tmpdir(), 'regate-cli-'));

const COMMANDS = [
  'serve',
  'bundle-server',
  'build',
  'publish',
  'promote',
  'revisions',
  'rollback',
  'fleet',
  'test',
  'eval',
  'replay',
  'record',
  'diff',
  'approvals list',
  'approvals show',
  'approvals approve',
  'approvals deny',
  'approvals watch',
  'approvals deliveries',
  'audit tail',
  'shadow report',
  'pins list',
  'pins diff',
  'pins write',
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

test('a port in use ends with 3 and one clear sentence; nothing stays running', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const root = folder();
  await regate('keys', 'generate', '--out', join(root, 'k'));
  const { id, algorithm } = JSON.parse(readFileSync(join(root, 'k.json'), 'utf8'));
  const keys = [{ id, algorithm, public_key: 'file:k.pub.pem' }];
  const listen = { host: '127.0.0.1', port };
  const shared = {
    state_directory: 'state',
    identity: { issuers: [{ issuer: 'http://127.0.0.1:9', audiences: ['a'] }] },
  };
  const bundle = { name: 'starter', url: 'http://127.0.0.1:9/bundles/starter', keys };
  const configurations = {
    serve: {
      ...shared,
      gateway: { listen, upstreams: [{ name: 'u', url: 'http://127.0.0.1:9/mcp' }], bundle },
    },
    'bundle-server': { ...shared, bundle_server: { listen, publishers: [{ groups: ['p'] }], keys } },
  };
  for (const [command, configuration] of Object.entries(configurations)) {
    writeFileSync(join(root, 'regate.yaml'), stringify(configuration));
    const { status, stderr } = await regate(command, '--config', join(root, 'regate.yaml'));
    expect([status, stderr]).toEqual([3, expect.stringContaining(`port ${port} on 127.0.0.1 is in use`)]);
  }
  taken.close();
});

test('regate eval says what a signed bundle decides, in the engine of the gateway', async () => {
  const root = folder();
  await regate('keys', 'generate', '--out', join(root, 'k'));
  const { id } = JSON.parse(readFileSync(join(root, 'k.json'), 'utf8'));
  const bundle = join(root, 'starter.tar.gz');
  const built = await regate(
    'build',
    'starter',
    '--key',
    join(root, 'k.pem'),
    '--key-id',
    id,
    '--out',
    bundle,
    '--json',
  );
  expect(JSON.parse(built.stdout)).toMatchObject({
    bundle: 'starter',
    entrypoints: ['regate/main/decision'],
    keyId: id,
  });
  const input = join(root, 'input.json');
  writeFileSync(input, JSON.stringify(CALL));
  const verify = ['--bundle', bundle, '--key', join(root, 'k.pub.pem'), '--key-id', id];
  const told = await regate('eval', ...verify, '--input', input);
  expect([told.status, told.stdout]).toEqual([
    0,
    expect.stringMatching(/^deny .*\n {2}commands: run_command may not run rm \[blocked_program\]/),
  ]);
  const json = await regate('eval', ...verify, '--input', input, '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({
    decision: { effect: 'deny' },
    revision: { bundle: 'starter' },
  });
  const stranger = await regate(
    'eval',
    '--bundle',
    bundle,
    '--key',
    join(root, 'k.pub.pem'),
    '--key-id',
    'other',
    '--input',
    input,
  );
  expect([stranger.status, stranger.stderr]).toEqual([1, expect.stringContaining('key_unknown')]);

  const signing = ['--bundle', bundle, '--key', join(root, 'k.pem'), '--key-id', id];
  const rollback = (...more: string[]) =>
    regate('rollback', ...signing, '--out', join(root, 'rollback.tar.gz'), ...more);
  const { revision } = JSON.parse(built.stdout);
  const back = await rollback('--serial', '9000000000', '--expires', '2999-01-01T00:00:00Z', '--json');
  expect(JSON.parse(back.stdout)).toMatchObject({
    bundle: 'starter',
    revision,
    serial: 9_000_000_000,
    expires: '2999-01-01T00:00:00Z',
  });
  const low = await rollback('--serial', '1');
  expect([low.status, low.stderr]).toEqual([1, expect.stringContaining('serial_too_low')]);
});

test('regate test passes on the starter policies', async () => {
  expect((await regate('test', 'rego')).status).toBe(0);
});

const CALL = {
  direction: 'to_server',
  kind: 'request',
  upstream: { name: 'backoffice', labels: {} },
  principal: {
    id: 'https://issuer.example|job',
    issuer: 'https://issuer.example',
    subject: 'job',
    client_id: 'job',
    kind: 'oidc',
    groups: ['support-agents'],
    roles: [],
    scopes: [],
    claims: {},
    binding: 'none',
  },
  session: { protocol_version: '2025-11-25', client: { name: 'c', version: '1' } },
  message: {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'run_command', arguments: { command: 'rm -rf /' } },
  },
  findings: [],
  time: { now_ns: 1, rfc3339: '1970-01-01T00:00:00.000000001Z' },
};
