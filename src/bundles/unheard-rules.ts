import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Ajv } from 'ajv';
import { BundleError } from './error.js';
import { runOpa } from './opa.js';

/** What the composer in `rego/regate` reads of each policy; a policy's other rules are helpers. */
const WORDS: readonly string[] = ['allow', 'deny', 'require_approval', 'mask', 'label'];

/** A Rego file as OPA parses it, in so far as it matters here. */
interface Module {
  readonly package: { readonly path: readonly { readonly value: string }[] };
  readonly rules?: readonly { readonly head: { readonly ref: readonly { readonly value: string }[] } }[];
}

const TERMS = {
  type: 'array',
  minItems: 1,
  items: { type: 'object', required: ['value'], properties: { value: { type: 'string' } } },
} as const;
const isModule = new Ajv().compile<Module>({
  type: 'object',
  required: ['package'],
  properties: {
    package: { type: 'object', required: ['path'], properties: { path: TERMS } },
    rules: {
      type: 'array',
      items: {
        type: 'object',
        required: ['head'],
        properties: {
          head: { type: 'object', required: ['ref'], properties: { ref: { type: 'array', minItems: 1 } } },
        },
      },
    },
  },
});

/**
 * What policies say where the composer does not listen: a package below `policies` that is not `policies.<name>`, or a
 * public rule with another name than the five words. A misspelt `deny` would otherwise let everything through.
 *
 * @param cwd where the folders are; complaints name files from there
 * @returns a sentence for each
 * @throws BundleError `policy_invalid` where a file cannot be parsed
 */
export async function findUnheardRules(
  opa: string,
  cwd: string,
  folders: readonly string[],
): Promise<string[]> {
  const files = (await Promise.all(folders.map((folder) => regoFiles(cwd, folder)))).flat();
  const complaints: string[] = [];
  for (const file of [...new Set(files)].sort())
    complaints.push(...unheard(file, await parse(opa, cwd, file)));
  return complaints;
}

function unheard(file: string, { package: { path }, rules = [] }: Module): string[] {
  const [, root, ...name] = path.map(({ value }) => value);
  if (root !== 'policies') return [];
  if (name.length !== 1) {
    return [
      `${file}: a policy's package is \`policies.<name>\`; ${[root, ...name].join('.')} is never heard`,
    ];
  }
  const names = new Set(rules.map(({ head }) => head.ref[0]?.value ?? ''));
  return [...names]
    .filter((rule) => !rule.startsWith('_') && !WORDS.includes(rule))
    .map((rule) => `${file}: ${rule} is none of ${WORDS.join(', ')}; a helper's name begins with _`);
}

async function parse(opa: string, cwd: string, file: string): Promise<Module> {
  const { status, stdout, stderr } = await runOpa(opa, ['parse', '--format=json', file], { cwd });
  const module: unknown = status === 0 ? JSON.parse(stdout) : undefined;
  if (isModule(module)) return module;
  throw new BundleError(
    'policy_invalid',
    `${file} cannot be parsed: ${stderr.trim()}`,
    'Correct it at the line named.',
  );
}

async function regoFiles(cwd: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(cwd, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.rego') && !entry.name.endsWith('_test.rego'))
    .map((entry) => relative(cwd, join(entry.parentPath, entry.name)));
}
