import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { METHODS, type MethodRule } from '../../src/protocol/index.js';
import { readCases, readJson } from './cases.js';
import { compile, opa } from './compiled.js';

const ENTRYPOINT = 'regate/main/decision';

/** Runs a check with one more Rego file beside the library. */
async function withRego<Result>(text: string, run: (file: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'regate-rego-'));
  try {
    const file = join(folder, 'policy.rego');
    await writeFile(file, text);
    return await run(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe('a listing', () => {
  it('asks about each call what is known of it, and nothing else of the list', async () => {
    const ask = await compile(
      ['rego/regate', 'test/rego/fixtures/curious.rego'],
      [ENTRYPOINT],
      '--ignore=*_test.rego',
    );
    const listing = readCases().find(({ why }) => why.startsWith('findings in a list'));
    const tools = [
      { name: 'reads', annotations: { readOnlyHint: true } },
      { name: 'writes', annotations: { readOnlyHint: false } },
      { name: 'silent' },
      { name: 'odd', annotations: 'readOnlyHint' },
    ];
    const input = { ...listing?.input, message: { jsonrpc: '2.0', id: 1, result: { tools } } };
    expect(ask(input, ENTRYPOINT)).toEqual({
      effect: 'allow',
      reasons: [],
      mask: [1, 2, 3].map((index) => ({ path: `/result/tools/${index}`, with: 'remove' })),
      labels: [],
    });
  });
});

describe('the schemas', () => {
  const policy = (body: string) => `# METADATA
# title: Probe
# schemas:
#   - input: schema["input.schema"]
#   - data.settings.roles: schema.settings["roles.schema"]
package policies.probe

allow if ${body}
`;
  const check = (body: string) =>
    withRego(policy(body), (file) => opa('check', '--strict', '--schema=schemas', 'rego', file));

  it('let a policy through that names its fields right', async () => {
    await expect(check('input.principal.client_id == "x"')).resolves.toBe('');
    await expect(check('data.settings.roles.grants[_].tools[_] == "x"')).resolves.toBe('');
  });

  it('make a misspelt field an error', async () => {
    await expect(check('input.principal.clientid == "x"')).rejects.toThrow('undefined ref');
    await expect(check('data.settings.roles.grants[_].tool[_] == "x"')).rejects.toThrow('undefined ref');
  });

  it('fit the settings of every policy', async () => {
    const policies = [...(await readdir('rego/policies')), ...(await readdir('rego/optional'))];
    const named = [...policies, 'facts', 'reading'].toSorted();
    expect(await readdir('rego/settings')).toEqual(named);
    for (const name of named) {
      const fits = new Ajv().compile(readJson<object>(`schemas/settings/${name}.schema.json`));
      expect([name, fits(readJson(`rego/settings/${name}/data.json`)), fits.errors]).toEqual([
        name,
        true,
        null,
      ]);
    }
  });
});

describe('the notifications that need no allow', () => {
  it('are those of the table of methods', async () => {
    const printed = await opa('eval', '--format=values', '--data=rego', 'data.regate.notifications.methods');
    const known = Object.entries<MethodRule>(METHODS).filter(([, { kind }]) => kind === 'notification');
    expect((JSON.parse(printed) as [string[]])[0].sort()).toEqual(known.map(([method]) => method).sort());
  });
});

describe('the decision', () => {
  it('never depends on a whole message, so that a gateway may leave out what no rule reads', async () => {
    const printed = await opa('deps', '--format=json', '--data=rego', 'data.regate.main.decision');
    const { base } = JSON.parse(printed) as { base: { value: string }[][] };
    const paths = base.map((path) => path.map(({ value }) => value).join('.'));
    expect(paths).toContain('input.message.result.tools');
    const wholes = [
      'input',
      'input.message',
      'input.message.params',
      'input.message.result',
      'input.request',
    ];
    expect(paths.filter((path) => wholes.includes(path))).toEqual([]);
  });
});
