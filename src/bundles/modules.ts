import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { shapeCheck } from '../domain/index.js';
import { BundleError } from './error.js';
import { runOpa } from './opa.js';
import { isTestFile } from './rego-text.js';

/** A Rego file as OPA parses it, in so far as it matters here. */
export interface Module {
  /** Where it stands, from the folder in which OPA ran. */
  readonly file: string;
  /** Path of its package, without `data`. */
  readonly package: readonly string[];
  readonly imports: readonly unknown[];
  readonly rules: readonly Rule[];
}

/** One rule; below it stands its whole syntax tree. */
export interface Rule {
  readonly head: { readonly ref: readonly { readonly value: unknown }[] };
}

interface ParsedModule {
  readonly package: { readonly path: readonly { readonly value: string }[] };
  readonly imports?: readonly unknown[];
  readonly rules?: readonly Rule[];
}

const TERMS = { type: 'array', minItems: 1, items: { type: 'object', required: ['value'] } } as const;
const isParsedModule = shapeCheck<ParsedModule>({
  type: 'object',
  required: ['package'],
  properties: {
    package: {
      type: 'object',
      required: ['path'],
      properties: {
        path: { ...TERMS, items: { ...TERMS.items, properties: { value: { type: 'string' } } } },
      },
    },
    imports: { type: 'array' },
    rules: {
      type: 'array',
      items: {
        type: 'object',
        required: ['head'],
        properties: { head: { type: 'object', required: ['ref'], properties: { ref: TERMS } } },
      },
    },
  },
});

/**
 * Parses each Rego file below some folders, or named itself, that is no test, in the order of their names.
 *
 * @param cwd where they are
 * @throws BundleError `policy_invalid` where a file cannot be parsed
 */
export async function parseModules(
  opa: string,
  cwd: string,
  sources: readonly string[],
): Promise<readonly Module[]> {
  const files = (await Promise.all(sources.map((source) => regoFiles(cwd, source)))).flat();
  const modules: Module[] = [];
  for (const file of [...new Set(files)].sort()) modules.push(await parse(opa, cwd, file));
  return modules;
}

async function parse(opa: string, cwd: string, file: string): Promise<Module> {
  const { status, stdout, stderr } = await runOpa(opa, ['parse', '--format=json', file], { cwd });
  const parsed: unknown = status === 0 ? JSON.parse(stdout) : undefined;
  if (isParsedModule(parsed)) {
    // The first term of a package's path is `data`.
    const [, ...path] = parsed.package.path.map(({ value }) => value);
    return { file, package: path, imports: parsed.imports ?? [], rules: parsed.rules ?? [] };
  }
  throw new BundleError(
    'policy_invalid',
    `${file} cannot be parsed: ${stderr.trim()}`,
    'Correct it at the line named.',
  );
}

/** @param source a folder, or a single file */
async function regoFiles(cwd: string, source: string): Promise<string[]> {
  if ((await stat(join(cwd, source))).isFile()) return isTestFile(source) ? [] : [source];
  const entries = await readdir(join(cwd, source), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.rego') && !isTestFile(entry.name))
    .map((entry) => relative(cwd, join(entry.parentPath, entry.name)));
}
