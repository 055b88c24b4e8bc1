import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { stringify } from 'yaml';
import { createAudit } from '../../src/audit/index.js';
import { generateSigningKey } from '../../src/bundles/index.js';
import type { AuditRecord, DecisionEvent } from '../../src/domain/index.js';
import { openStore } from '../../src/store/index.js';
import { buildTiny, KEY, removeScratch, scratchPath } from '../bundles/project.js';
import { type Ended, regateIn } from '../command.js';
import { localServer } from '../identity/issuer.js';
import { decision } from '../policy/recorded.js';

// Each command is a process of its own.
jest.setTimeout(120_000);

/** A policy that denies calls of some tools, and labels those of one user. */
const policy = (...denied: string[]) => `package tiny.main

decision := {"effect": effect, "reasons": reasons, "mask": [], "labels": []}

effect := "deny" if count(reasons) > 0

effect := "allow" if count(reasons) == 0

reasons := [reason |
	some tool in ${JSON.stringify(denied)}
	tool == input.message.params.name
	reason := {"policy": "tiny", "code": "closed", "message": "not now"}
]
`;
const TESTS = { 'rego/tiny/main_test.rego': null, 'schemas/input.schema.json': '{"type": "object"}' };
const TRUST = [
  '--name',
  'tiny',
  '--key-id',
  KEY.id,
  '--algorithm',
  'ES256',
  '--entrypoint',
  'tiny/main/decision',
];

let folder: string;
let trust: string[];
let old: string;
let young: string;

beforeAll(async () => {
  folder = await scratchPath();
  mkdirSync(folder, { recursive: true });
  const key = join(folder, 'bundle.pub.pem');
  writeFileSync(key, KEY.publicKeyPem);
  trust = [...TRUST, '--key', key];
  const built = (...denied: string[]) => buildTiny({ ...TESTS, 'rego/tiny/main.rego': policy(...denied) });
  const [first, second] = [await built('drop'), await built('drop', 'refund')];
  old = join(folder, 'old.tar.gz');
  young = join(folder, 'young.tar.gz');
  writeFileSync(old, first.archive);
  writeFileSync(young, second.archive);
});
afterAll(removeScratch);

function recorded(number: number, tool: string, event: Partial<DecisionEvent> = {}): AuditRecord {
  const time = { now_ns: number, rfc3339: '2026-11-01T00:00:00.000000001Z' };
  const message = { jsonrpc: '2.0', id: number, method: 'tools/call', params: { name: tool, arguments: {} } };
  const principal = { id: 'p', claims: { iat: number } };
  const json = JSON.stringify({ principal, time, message });
  const denied = {
    effect: 'deny',
    reasons: [{ policy: 'tiny', code: 'closed', message: 'not now' }],
  } as const;
  return decision(number, {
    tool,
    input: { state: 'whole', json },
    ...(tool === 'drop' && denied),
    ...event,
  });
}

const AUDIT = [
  recorded(1, 'list'),
  recorded(2, 'refund'),
  recorded(3, 'drop'),
  recorded(4, 'refund'),
  { sequence: 5, time: '2026-11-01T00:00:05.000Z', event: { type: 'lifecycle', action: 'stopped' } },
] satisfies AuditRecord[];

function exported(records: readonly AuditRecord[] = AUDIT): string {
  const file = join(folder, `audit-${Math.random()}.jsonl`);
  writeFileSync(file, lines(records));
  return file;
}

const lines = (records: readonly AuditRecord[]) =>
  `${records.map((one) => JSON.stringify(one)).join('\n')}\n`;

/** Runs `regate …` to its end. */
function regate(args: readonly string[], input = ''): Promise<Ended> {
  return regateIn({ directory: folder, input })(...args);
}

const replay = (bundle: string, ...args: string[]) =>
  regate(['replay', '--bundle', bundle, ...trust, ...args]);

describe('regate replay', () => {
  test('ends with 0 where nothing would change, of an export and of one on standard input', async () => {
    const shown = expect.stringMatching(
      /^4 decisions replayed by tiny r1, of 2026-.*: nothing would change\.\n/,
    );
    expect(await replay(old, '--from', exported())).toMatchObject({ status: 0, stdout: shown });
    const piped = await regate(['replay', '--bundle', old, ...trust, '--from', '-'], lines(AUDIT));
    expect(piped).toMatchObject({ status: 0, stdout: shown });
  });

  test('ends with 1 where something would, and says what', async () => {
    const { status, stdout } = await replay(young, '--from', exported());
    expect(status).toBe(1);
    expect(stdout).toMatch(/^allow → deny {2}refund {2}backoffice {2}\+tiny\/closed {2}2 {10}2 {11}d2$/m);
    expect(stdout).toContain('2 would change.');
    const json = await replay(young, '--from', exported(), '--base', old, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      revision: { bundle: 'tiny' },
      base: { bundle: 'tiny' },
      compared_with: 'policy',
      replayed: 4,
      changed: 2,
      groups: [{ before: 'allow', after: 'deny', tool: 'refund', decisions: 2 }],
    });
  });

  test('expected changes are no failure, those that do not happen are with --strict', async () => {
    const file = join(folder, 'expected.yaml');
    writeFileSync(
      file,
      '- { effect: { before: allow, after: deny }, tool: refund, reason: tiny/closed }\n- tool: gone\n',
    );
    const lax = await replay(young, '--from', exported(), '--expect', file);
    expect([lax.status, lax.stdout]).toEqual([
      0,
      expect.stringContaining('No change fits the expectation {"tool":"gone"}'),
    ]);
    expect((await replay(young, '--from', exported(), '--expect', file, '--strict')).status).toBe(1);
    writeFileSync(file, '- { tols: refund }\n');
    expect((await replay(young, '--from', exported(), '--expect', file)).status).toBe(2);
  });

  test('a gate on nothing is no gate', async () => {
    const none = await replay(old, '--from', exported(), '--tool', 'none');
    expect([none.status, none.stderr]).toEqual([1, expect.stringContaining('Too few decisions')]);
    const few = await replay(old, '--from', exported(), '--minimum', '5');
    expect([few.status, few.stderr]).toEqual([1, expect.stringContaining('--minimum asks for 5')]);
  });

  test('the audit of a gateway is read as its configuration says, in the time that is meant', async () => {
    const state = join(folder, 'state');
    mkdirSync(state);
    const store = await openStore(join(state, 'regate.db'));
    const audit = createAudit({ store: store.audit, now: () => new Date('2026-11-03T00:00:00Z') });
    for (const { event } of AUDIT) await audit.append(event);
    await audit.close();
    await store.close();
    const config = join(folder, 'regate.yaml');
    writeFileSync(config, stringify({ state_directory: 'state' }));
    const counted = async (...args: string[]) => {
      const { stdout } = await replay(old, '--config', config, '--json', ...args);
      return JSON.parse(stdout).replayed;
    };
    expect(await counted()).toBe(4);
    expect(await counted('--until', '2026-11-03T00:00:00Z')).toBe(0);
    expect(await counted('--since', '2026-11-03T00:00:00Z', '--limit', '3')).toBe(3);
  });

  test.each([
    ['no audit', []],
    ['an audit that is not there', ['--from', 'nowhere.jsonl']],
    ['two audits', ['--from', '-', '--config', 'regate.yaml']],
    ['a time that is none', ['--from', '-', '--since', 'yesterday']],
    ['a number that is none', ['--from', '-', '--limit', '0']],
  ])('%s ends with 2', async (_what, args) => {
    expect(await replay(old, ...args)).toMatchObject({ status: 2, stdout: '' });
  });

  test.each([
    ['is no JSON', '{'],
    ['is no record', '{"sequence":1}'],
    ['is no record', JSON.stringify({ ...AUDIT[0], more: 1 })],
  ])('an export of which a line %s ends with 2, and names the line', async (why, line) => {
    const file = exported();
    writeFileSync(file, `${readFileSync(file, 'utf8')}\n${line}\n`);
    const { status, stderr } = await replay(old, '--from', file);
    expect([status, stderr]).toEqual([2, expect.stringContaining(`line 7 of the export ${why}`)]);
  });

  test('a bundle that is not trusted decides nothing', async () => {
    const key = join(folder, 'other.pub.pem');
    writeFileSync(key, generateSigningKey('ES256').publicKeyPem);
    const { status, stderr } = await replay(old, '--from', exported(), '--key', key);
    expect([status, stderr]).toEqual([1, expect.stringContaining('signature_invalid')]);
  });
});

describe('regate diff', () => {
  const diff = (...args: string[]) => regate(['diff', ...args, ...trust]);

  test('a bundle is the same as itself, by whichever way it comes', async () => {
    const server = await localServer();
    server.handler = (_request, response) =>
      void response.writeHead(200, { 'Content-Type': 'application/gzip' }).end(readFileSync(old));
    const same = await diff(old, `${server.url}/bundles/tiny/channels/canary`);
    await server.close();
    expect(same).toMatchObject({ status: 0, stdout: 'The bundles hold the same.\n', stderr: '' });
  });

  test('it shows what differs, and what each would have decided', async () => {
    const { status, stdout } = await diff(old, young, '--from', exported());
    expect(status).toBe(1);
    expect(stdout).toMatch(/^Manifest\n {2}~ serial: 1 → 2$/m);
    expect(stdout).toMatch(/^ {2}~ policy\.wasm \(\d+ → \d+ bytes\)$/m);
    expect(stdout).toMatch(
      /^Rules\n {2}~ tiny\.main\.reasons\n {2}\? tiny\.main\.decision \(an entrypoint, .*\)\n\n/m,
    );
    expect(stdout).toMatch(/^allow → deny {2}refund /m);
    const json = JSON.parse((await diff(old, young, '--json')).stdout);
    expect(json).toMatchObject({ same: false, rules: { compared: true }, data: [] });
    expect(json).not.toHaveProperty('decisions');
  });

  test('what cannot be fetched ends with 3, a wrong command line with 2', async () => {
    expect((await diff(old, 'http://127.0.0.1:9/bundles/tiny')).status).toBe(3);
    expect((await diff(old)).status).toBe(2);
    expect((await diff(old, 'nowhere.tar.gz')).status).toBe(2);
  });
});

describe('regate record', () => {
  const record = (...args: string[]) => regate(['record', '--entrypoint', 'tiny/main/decision', ...args]);

  test('writes one test for each decision that is unlike the others, and overwrites nothing', async () => {
    const out = join(folder, 'recorded', 'tiny_test.rego');
    const first = await record('--from', exported(), '--out', out);
    expect(first).toMatchObject({ status: 0, stdout: `wrote 3 tests → ${out}\nleft out: 1 like another\n` });
    const text = readFileSync(out, 'utf8');
    expect(text).toContain('# Decision d2 of 2026-11-01T00:00:02.000Z, by test 1.');
    const again = await record('--from', exported(), '--out', out);
    expect([again.status, again.stderr]).toEqual([2, expect.stringContaining('--force')]);
    expect((await record('--from', exported(), '--out', out, '--force')).status).toBe(0);
    expect(readFileSync(out, 'utf8')).toBe(text);
  });

  test.each([
    ['a file that would become part of a bundle', ['--out', 'recorded.rego']],
    ['a package that decides', ['--out', 'x_test.rego', '--package', 'policies.recorded']],
    ['a package that is none', ['--out', 'x_test.rego', '--package', 'a b']],
    ['decisions of which there are none', ['--out', 'x_test.rego', '--tool', 'none']],
  ])('%s ends with 2', async (_what, args) => {
    expect(await record('--from', exported(), ...args)).toMatchObject({ status: 2, stdout: '' });
  });
});
