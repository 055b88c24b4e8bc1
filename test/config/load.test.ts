import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, ConfigError, loadConfig, type Problem } from '../../src/config/index.js';
import type { IssuerOptions } from '../../src/identity/index.js';

/** `test/cases/config/regate.yaml` with some of its text replaced. */
interface Case {
  readonly name: string;
  readonly why: string;
  readonly replace?: Readonly<Record<string, string>>;
  /** Instead of the usual one, which has BACKOFFICE_TOKEN. */
  readonly environment?: Readonly<Record<string, string>>;
}
interface Good extends Case {
  /** Parts of the configuration by JSON Pointer. */
  readonly expected: Readonly<Record<string, unknown>>;
}
interface Bad extends Case {
  readonly code: string;
  readonly problems: readonly Problem[];
}

const read = (name: string) => readFileSync(new URL(`../cases/config/${name}`, import.meta.url), 'utf8');
const BASE = read('regate.yaml');
const good: Good[] = JSON.parse(read('good.json'));
const bad: Bad[] = JSON.parse(read('bad.json'));

let directory: string;
let publicKeyPem: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'regate-config-'));
  mkdirSync(join(directory, 'keys'));
  mkdirSync(join(directory, 'secrets'));
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString().trimEnd();
  writeFileSync(join(directory, 'keys/bundle.pub.pem'), publicKeyPem);
  writeFileSync(join(directory, 'keys/bundle.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(join(directory, 'secrets/reports.key'), 'reports-secret\n');
  writeFileSync(join(directory, 'secrets/bundle.secret'), '0123456789abcdef0123456789abcdef\n');
});

afterAll(() => rmSync(directory, { recursive: true }));

function load({
  replace = {},
  environment = { BACKOFFICE_TOKEN: 't0ken' },
}: Partial<Case> = {}): Promise<Config> {
  let text = BASE;
  for (const [from, to] of Object.entries(replace)) {
    if (text.split(from).length !== 2) throw new Error(`the base must hold this exactly once: ${from}`);
    text = text.replace(from, () => to);
  }
  const file = join(directory, 'regate.yaml');
  writeFileSync(file, text);
  return loadConfig(file, environment);
}

const placed = (json: unknown): unknown =>
  JSON.parse(JSON.stringify(json).replaceAll('DIRECTORY', directory));

test('the example becomes a whole configuration', async () => {
  const keys = [{ id: 'release', algorithm: 'ES256', publicKeyPem }];
  expect(await load()).toEqual({
    stateDirectory: '/var/lib/regate',
    log: { level: 'info', format: 'json' },
    identity: {
      issuers: [
        {
          preset: 'oidc',
          issuer: 'https://login.example.com/tenant',
          audiences: ['https://mcp.example.com/mcp'],
          algorithms: ['RS256', 'ES256', 'EdDSA'],
          tokenType: 'any',
          maxTokenLifeSeconds: 3600,
          clockToleranceSeconds: 5,
          requiredClaims: [],
          allowPullRequests: false,
          claims: { groups: 'groups', roles: 'realm_access.roles' },
          keysMaxAgeSeconds: 1800,
        },
      ],
      dpop: { algorithms: ['ES256', 'EdDSA', 'RS256', 'PS256'], maxAgeSeconds: 60, nonceRequired: false },
    },
    gateway: {
      listen: { host: '0.0.0.0', port: 8700 },
      publicUrl: 'https://mcp.example.com',
      allowedOrigins: [],
      allowedHosts: ['mcp.example.com', '0.0.0.0:8700'],
      trustedProxies: [],
      revokerGroups: [],
      drainSeconds: 30,
      limits: { messageBytes: 4194304, depth: 1000, requestMilliseconds: 60_000 },
      upstreams: [
        {
          name: 'backoffice',
          transport: 'streamable_http',
          url: 'http://backoffice.internal:8704/mcp',
          labels: { data: 'customers' },
          requireBinding: 'none',
          scopes: [],
          timeoutMilliseconds: 30_000,
          headers: { Authorization: 'Bearer t0ken' },
        },
        {
          name: 'reports',
          transport: 'streamable_http',
          url: 'https://reports.internal/mcp',
          labels: {},
          requireBinding: 'none',
          scopes: [],
          timeoutMilliseconds: 60_000,
          headers: { 'X-Api-Key': 'reports-secret' },
        },
      ],
      bundle: {
        name: 'starter',
        url: 'http://127.0.0.1:8701/bundles/starter',
        entrypoint: 'regate/main/decision',
        poll: { minDelayMilliseconds: 500, maxDelayMilliseconds: 1000, longPollingSeconds: 30 },
        requireSerial: false,
        onExpiry: 'warn',
        data: [],
        fallBack: { enabled: true, watchMilliseconds: 300_000, failures: 10, percent: 5 },
        keys,
      },
      approvals: {
        pendingPerPrincipal: 20,
        tasks: false,
        pending: 1000,
        held: { perPrincipal: 50, all: 1000 },
        keepMilliseconds: 90 * 86_400_000,
        keyFile: '/var/lib/regate/approvals.key',
        webhooks: [],
      },
      policy: { deadlineMilliseconds: 250, workers: 2, memoryMebibytes: 256 },
    },
    audit: { decisionInputs: 'omitted' },
    bundleServer: {
      listen: { host: '127.0.0.1', port: 8701 },
      directory: '/var/lib/regate/bundle-server',
      store: 'directory',
      publishers: [
        {
          groups: ['policy-publishers'],
          actions: ['publish', 'promote'],
          bundles: ['*'],
          channels: ['*'],
        },
      ],
      reporterGroups: [],
      shadowDecisions: 0,
      decisionLogBytes: 1024 ** 3,
      audiences: ['https://mcp.example.com/mcp'],
      keys,
    },
  });
});

test.each(good)('takes: $name', async (wanted) => {
  const config = await load(wanted);
  for (const [pointer, expected] of Object.entries(wanted.expected)) {
    const found = pointer
      .split('/')
      .slice(1)
      .reduce((value: unknown, name) => Reflect.get(value as object, name), config);
    expect(found).toEqual(placed(expected));
  }
});

test.each(bad)('refuses: $name', async (wrong) => {
  const error = await load(wrong).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConfigError);
  const { code, problems } = error as ConfigError;
  const expected = wrong.problems.map(({ line, ...problem }) =>
    line === null ? problem : { line, ...problem },
  );
  expect({ code, problems }).toEqual({ code: wrong.code, problems: placed(expected) });
});

test('no problem shows what a variable, a file or the text itself holds', async () => {
  for (const wrong of bad) {
    const error = await load({ ...wrong, environment: { PORT: 't0p-secret', ...wrong.environment } }).catch(
      (thrown: unknown) => thrown,
    );
    const shown = JSON.stringify({ ...(error as ConfigError), message: (error as ConfigError).message });
    expect(shown).not.toMatch(/t0p-secret|t0ken|reports-secret|PRIVATE|X-Admin|user:word/);
  }
});

test.each([
  ['an unclosed quote', '"s3cret\n'],
  ['text behind a value', 'a: "x" s3cret\n'],
  ['an escape sequence that does not exist', 'a: "\\qs3cret"\n'],
  ['a block that is indented less', 'a: |2\n s3cret\n'],
  ['an unexpected sign', 'a: [s3cret\n  s3cret: }\n'],
])('%s is reported without repeating it', async (_what, text) => {
  const file = join(directory, 'broken.yaml');
  writeFileSync(file, text);
  const error = await loadConfig(file, {}).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'not_yaml' });
  expect(JSON.stringify((error as ConfigError).problems)).not.toContain('s3cret');
});

test.each(['', '# nothing but a comment\n', 'just words\n', '- a\n- list\n'])(
  '%j is no configuration',
  async (text) => {
    const file = join(directory, 'other.yaml');
    writeFileSync(file, text);
    await expect(loadConfig(file, {})).rejects.toMatchObject({
      code: 'invalid',
      problems: [{ path: '' }],
    });
  },
);

test('a configuration of nothing is valid: there is nothing to run', async () => {
  const file = join(directory, 'least.yaml');
  writeFileSync(file, '{}');
  expect(await loadConfig(file, {})).toEqual({
    stateDirectory: join(directory, '.regate'),
    log: { level: 'info', format: 'text' },
    identity: { issuers: [] },
    audit: { decisionInputs: 'omitted' },
  });
});

test('a file that is not there is named', async () => {
  await expect(loadConfig(join(directory, 'none.yaml'), {})).rejects.toMatchObject({
    code: 'not_found',
    problems: [{ message: expect.stringContaining('none.yaml') }],
  });
});

test("the configuration's issuers are what identity takes", async () => {
  const issuers: readonly IssuerOptions[] = (await load()).identity.issuers;
  expect(issuers).toHaveLength(1);
});
