import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { locateOpa, runOpa } from '../../src/bundles/index.js';
import { loadConfig } from '../../src/config/index.js';
import { IdentityError, type IdentityErrorCode, PRESETS } from '../../src/identity/index.js';

const project = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(join(project, 'docs/identity.md'), 'utf8');
const { properties } = JSON.parse(readFileSync(join(project, 'schemas/input.schema.json'), 'utf8'));
const workloads: { title: string; properties: object }[] = properties.principal.properties.workload.anyOf;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'regate-identity-'));
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(join(directory, 'release.pub.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** The code blocks of a language. */
function blocks(language: string, text = page): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(
    ([, code = '']) => code,
  );
}

/** A preset's part of the page. */
function section(preset: string): string {
  return page.split(/^### /m).find((part) => part.startsWith(`\`${preset}\``)) ?? '';
}

test.each(blocks('yaml'))('this configuration is valid:\n%s', async (yaml) => {
  const file = join(directory, 'regate.yaml');
  writeFileSync(file, yaml);
  const { identity } = await loadConfig(file, {});
  expect(identity.issuers).toHaveLength(1);
});

test.each(
  [...page.matchAll(/`((?:proof|binding)_(?!unsupported)[a-z_]+)`/g)].map(
    ([, code]) => code as IdentityErrorCode,
  ),
)('%s is what a credential is refused as', (code) => {
  expect(new IdentityError(code, 'x')).toMatchObject({ code, nextStep: expect.stringMatching(/./) });
});

test.each(Object.keys(PRESETS).filter((preset) => preset !== 'oidc'))(
  '%s is configured, described and refuses',
  async (preset) => {
    const text = section(preset);
    const [yaml = ''] = blocks('yaml', text);
    const file = join(directory, 'regate.yaml');
    writeFileSync(file, yaml);
    const { identity } = await loadConfig(file, {});
    expect(identity.issuers[0]?.preset).toBe(preset);
    expect(text).toContain('| refused | because |');
    const members = workloads.find(({ title }) => title.startsWith(`${preset}:`))?.properties ?? {};
    expect(Object.keys(members).filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  },
);

async function check(rego: string) {
  const file = join(directory, 'policy.rego');
  const annotation = '# METADATA\n# scope: package\n# schemas:\n#   - input: schema["input.schema"]\n';
  writeFileSync(file, annotation + rego);
  return runOpa(await locateOpa(), ['check', '--strict', '--schema', join(project, 'schemas'), file], {
    cwd: directory,
  });
}

test.each(blocks('rego'))('OPA accepts the policy on the page:\n%s', async (rego) => {
  expect(await check(rego)).toMatchObject({ status: 0 });
});

test.each([
  ['a misspelt member', 'input.principal.workload.repositry == "a"', 'undefined ref'],
  ['a member of a member', 'input.principal.workload.repository.name == "a"', 'undefined ref'],
  ['text where there is yes or no', 'input.principal.workload.ref_protected == "true"', 'match error'],
  ['a misspelt part', 'input.principal.wrkload.repository == "a"', 'undefined ref'],
])('OPA refuses %s', async (_what, expression, why) => {
  const { status, stderr, stdout } = await check(`package policies.x\n\nr if ${expression}\n`);
  expect(status).not.toBe(0);
  expect(stderr + stdout).toContain(why);
});
