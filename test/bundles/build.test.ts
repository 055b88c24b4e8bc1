import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type BuildRequest,
  type BundleError,
  buildBundle,
  type EvaluateRules,
  OPA_VERSION,
  readBundleDefinition,
  verifyBundle,
} from '../../src/bundles/index.js';
import { inGatewayEngine } from '../../src/cli/gateway-engine.js';
import { unpack } from './forge.js';
import {
  buildTiny,
  type Files,
  KEY,
  removeScratch,
  scratchPath,
  TINY,
  TRUST,
  writeFiles,
} from './project.js';

interface DefinitionCase {
  readonly name: string;
  readonly why: string;
  readonly text?: string;
  readonly change?: Readonly<Record<string, unknown>>;
}

const DEFINITION = 'bundles/tiny/bundle.json';
const definitions: DefinitionCase[] = JSON.parse(
  readFileSync(new URL('../cases/bundles/definitions.json', import.meta.url), 'utf8'),
);

afterAll(removeScratch);

async function refusal(changes: Files, request: Partial<BuildRequest> = {}): Promise<BundleError> {
  return buildTiny(changes, request).then(
    () => {
      throw new Error('it was built');
    },
    (thrown: BundleError) => thrown,
  );
}

test('a bundle is built of its sources', async () => {
  const { built, archive } = await buildTiny({
    'rego/other/left_out.rego': 'package other.left_out\n\ny := 1\n',
    'rego/tiny/README.md': 'for people',
  });
  const files = await unpack(archive);
  expect([...files.keys()].sort()).toEqual([
    '.manifest',
    '.signatures.json',
    'data.json',
    'policy.wasm',
    'rego/tiny/helper.rego',
    'rego/tiny/main.rego',
  ]);
  expect(JSON.parse(String(files.get('data.json')))).toEqual({ settings: { roles: { admins: ['alice'] } } });
  const { revision, entrypoints, keyId } = await verifyBundle(archive, TRUST);
  expect(built).toMatchObject({ ...revision, entrypoints, keyId, file: built.file });
  expect(revision.revision).toBe('r1');
  const { metadata, wasm } = JSON.parse(String(files.get('.manifest')));
  expect(metadata.regate).toEqual({
    reads: { 'tiny/main/decision': [['user']] },
    serial: built.serial,
    built: { opa: OPA_VERSION },
  });
  expect(wasm).toMatchObject([{ entrypoint: 'tiny/main/decision' }]);
});

test('a scope other than the name can be chosen', async () => {
  const { archive } = await buildTiny({}, { scope: 'production' });
  await expect(verifyBundle(archive, { ...TRUST, scope: 'production' })).resolves.toBeDefined();
  await expect(verifyBundle(archive, TRUST)).rejects.toMatchObject({ code: 'scope_mismatch' });
});

test("the compiler's message is the author's: file and line from the project's root", async () => {
  const error = await refusal({ 'rego/tiny/helper.rego': 'package tiny.helper\n\nanswer := missing\n' });
  expect(error.code).toBe('policy_invalid');
  expect(error.message).toBe(
    '1 error occurred: rego/tiny/helper.rego:3: rego_unsafe_var_error: var missing is unsafe',
  );
});

test('a misspelt field of input is found', async () => {
  const main = TINY['rego/tiny/main.rego']?.replace('input.user', 'input.usr') ?? null;
  const error = await refusal({ 'rego/tiny/main.rego': main });
  expect(error).toMatchObject({ code: 'policy_invalid' });
  expect(error.message).toContain('rego/tiny/main.rego:9: rego_type_error: undefined ref: input.usr');
});

test.each([
  [
    'a misspelt rule',
    'package policies.limits\n\ndenny contains "no" if true\n',
    'denny is none of allow, deny',
  ],
  ['a package too deep', 'package policies.limits.more\n\ndeny contains "no" if true\n', 'is never heard'],
])('%s below policies is refused: the gateway would never hear it', async (_what, rego, complaint) => {
  const error = await refusal({ 'rego/tiny/limits.rego': rego });
  expect(error.code).toBe('policy_invalid');
  expect(error.message).toContain(`rego/tiny/limits.rego: `);
  expect(error.message).toContain(complaint);
});

test('a failing test stops the build and leaves the last bundle where it is', async () => {
  const root = await scratchPath();
  await mkdir(root);
  const outFile = join(root, 'tiny.tar.gz');
  await writeFile(outFile, 'the last one');
  const changes = { 'rego/settings/roles/data.json': '{"admins": []}' };
  await expect(buildTiny(changes, { outFile })).rejects.toMatchObject({
    code: 'tests_failed',
    message: expect.stringContaining('rego/tiny/main_test.rego:5'),
  });
  await expect(readFile(outFile, 'utf8')).resolves.toBe('the last one');
});

describe('every test passes in both engines, or nothing is built', () => {
  const testFile = (rule: string) => ({
    'rego/tiny/more_test.rego': `package elsewhere.more_test\n\n${rule} if true\n\ntest_b if true\n`,
  });
  const noAnswer: EvaluateRules = async () => new Map();

  test('each that does not is named', async () => {
    const error = await refusal(testFile('test_a'), { evaluate: noAnswer });
    expect(error.code).toBe('tests_failed');
    expect(error.message.split('\n')).toEqual(
      [
        'main_test.rego:5: elsewhere.main_test.test_admins_may',
        'more_test.rego:3: elsewhere.more_test.test_a',
      ]
        .concat('more_test.rego:5: elsewhere.more_test.test_b')
        .map(
          (test) =>
            `rego/tiny/${test} ended as passed in OPA, and as it was not run in the engine of gateways`,
        ),
    );
  });

  test('one that is put off counts', async () => {
    await expect(refusal(testFile('todo_test_a'))).resolves.toMatchObject({
      code: 'tests_failed',
      message: 'rego/tiny/more_test.rego:3: elsewhere.more_test.todo_test_a is skipped, and must be a test_',
    });
  });

  test('what the engine throws ends the build', async () => {
    const evaluate: EvaluateRules = async () => {
      throw new Error('out of memory');
    };
    await expect(buildTiny({}, { evaluate })).rejects.toThrow('out of memory');
  });
});

test.each([
  ['http.send({"method": "get", "url": "https://example.com"})', /http\.send may not run .*data/],
  ['net.lookup_ip_addr("example.com")', /net\.lookup_ip_addr may not run .*data/],
  ['opa.runtime()', /opa\.runtime may not run .*data/],
])('%s is refused with what to do instead', async (call, advice) => {
  const error = await refusal({ 'rego/tiny/helper.rego': `package tiny.helper\n\nanswer := ${call}\n` });
  expect(error.code).toBe('policy_invalid');
  expect(error.message).toContain('rego/tiny/helper.rego:3: rego_type_error: undefined function');
  expect(error.nextStep).toMatch(advice);
});

test.each(['rand.intn("x", 2)', 'uuid.rfc4122("x")', 'time.now_ns()'])(
  '%s is built: the engine has it',
  async (call) => {
    const helper = `package tiny.helper\n\nanswer := ${call}\n`;
    await expect(buildTiny({ 'rego/tiny/helper.rego': helper })).resolves.toBeDefined();
  },
);

test.each<[string, Files, string]>([
  [
    'a test outside of a test file',
    { 'rego/tiny/helper.rego': 'package tiny.helper\n\ntest_x if true\n' },
    'test_included',
  ],
  [
    'a package outside of the roots',
    { 'rego/tiny/helper.rego': 'package other\n\nanswer := 1\n' },
    'policy_invalid',
  ],
  ['data that OPA would leave out', { 'rego/settings/limits.json': '{}' }, 'definition_invalid'],
  ['a project without schemas', { 'schemas/input.schema.json': null }, 'definition_invalid'],
  [
    'a source that is not there',
    { 'rego/settings/roles/data.json': null, 'rego/tiny/main_test.rego': null },
    'definition_invalid',
  ],
])('%s is refused', async (_, changes, code) => {
  await expect(refusal(changes)).resolves.toMatchObject({ code });
});

test('a link among the sources is refused', async () => {
  const { root } = await buildTiny();
  await symlink('/etc/hostname', join(root, 'rego', 'tiny', 'link.rego'));
  const definition = await readBundleDefinition(root, 'tiny');
  const outFile = join(root, 'again.tar.gz');
  await expect(
    buildBundle({ definition, root, signingKey: KEY, evaluate: inGatewayEngine, outFile }),
  ).rejects.toMatchObject({ code: 'definition_invalid', message: expect.stringMatching(/link\.rego/) });
});

test('a key that cannot be read is refused without a word of it', async () => {
  const privateKeyPem = KEY.privateKeyPem.slice(0, 80);
  const error = await buildTiny({}, { signingKey: { ...KEY, privateKeyPem } }).catch((thrown) => thrown);
  expect(error).toMatchObject({ code: 'key_invalid' });
  expect(error.message).not.toContain(privateKeyPem.slice(30, 70));
});

test('nothing is left in the build folder', async () => {
  const buildDirectory = await scratchPath();
  await mkdir(buildDirectory);
  await buildTiny({}, { buildDirectory });
  const error = await refusal({ 'rego/tiny/main.rego': 'nonsense' }, { buildDirectory });
  expect(error.code).toBe('policy_invalid');
  await expect(readdir(buildDirectory)).resolves.toEqual([]);
});

test('the shell around the build cannot leave tests out', async () => {
  process.env['OPA_TEST_RUN'] = 'none_of_that_name';
  try {
    const error = await refusal({ 'rego/settings/roles/data.json': '{"admins": []}' });
    expect(error.code).toBe('tests_failed');
  } finally {
    delete process.env['OPA_TEST_RUN'];
  }
});

test.each(definitions)('a definition with $name is refused', async ({ text, change }) => {
  const root = await scratchPath();
  const definition = { ...JSON.parse(TINY[DEFINITION] ?? ''), ...change };
  const kept = Object.fromEntries(Object.entries(definition).filter(([, value]) => value !== null));
  await writeFiles(root, { [DEFINITION]: text ?? JSON.stringify(kept) });
  await expect(readBundleDefinition(root, 'tiny')).rejects.toMatchObject({
    code: 'definition_invalid',
    message: expect.stringContaining(DEFINITION),
  });
});

test.each(['../tiny', 'Tiny', '', 'a/b', '.'])('the name %j is refused', async (name) => {
  await expect(readBundleDefinition('.', name)).rejects.toMatchObject({ code: 'name_invalid' });
});
