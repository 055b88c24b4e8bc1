import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { readJson } from './cases.js';
import { opa } from './compiled.js';

/** The fenced blocks of the page, by the word behind their language. */
async function readBlocks(): Promise<Map<string, string>> {
  const page = await readFile('docs/policy-contract.md', 'utf8');
  const blocks = page.matchAll(/^```(?:json|rego) (\S+)\n([^`]*)^```$/gm);
  return new Map([...blocks].map(([, name = '', text = '']) => [name, text]));
}

describe('the policy contract', () => {
  it.each(['input', 'decision'])('shows %s as its schema has it', async (name) => {
    const fits = new Ajv().compile(readJson<object>(`schemas/${name}.schema.json`));
    const example: unknown = JSON.parse((await readBlocks()).get(name) ?? '');
    expect([fits(example), fits.errors]).toEqual([true, null]);
  });

  it('names every field of both schemas', async () => {
    const page = await readFile('docs/policy-contract.md', 'utf8');
    for (const name of ['input', 'decision']) {
      const { properties } = readJson<{ properties: object }>(`schemas/${name}.schema.json`);
      expect(Object.keys(properties).filter((field) => !page.includes(`| \`${field}\` |`))).toEqual([]);
    }
  });

  it('has an example that is formatted, checks and passes its tests', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'regate-contract-'));
    try {
      const blocks = await readBlocks();
      for (const name of ['exports.rego', 'exports_test.rego']) {
        await writeFile(join(folder, name), blocks.get(name) ?? '');
      }
      await opa('fmt', '--fail', folder);
      await opa('check', '--strict', '--schema=schemas', 'rego', folder);
      const printed = await opa('test', '--format=json', '--run=policies_test.exports', 'rego', folder);
      expect((JSON.parse(printed) as unknown[]).length).toBe(2);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
