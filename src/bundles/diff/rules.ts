import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { BundleFiles } from '../archive.js';
import { dataPath } from '../data-path.js';
import { BundleError } from '../error.js';
import { WASM_FILE } from '../manifest.js';
import { type Module, parseModules, type Rule } from '../modules.js';
import { packagePath } from '../rego-text.js';
import { sameFile } from './files.js';

/** A rule that is not as it was, all its definitions together. */
export interface RuleChange {
  /** From `data` on, such as `policies.refunds.deny`; `policies.refunds (imports)` for what a package imports. */
  readonly rule: string;
  /** `unknown` of a rule that is an entrypoint, while the WebAssembly differs: `opa build` leaves it out of the modules. */
  readonly change: 'added' | 'removed' | 'changed' | 'unknown';
}

/** Which rules differ, or why that cannot be said. */
export type RulesDifference =
  | { readonly compared: true; readonly changes: readonly RuleChange[] }
  | { readonly compared: false; readonly why: string };

/** Definitions by the name of their rule, each as its syntax tree. */
type Definitions = ReadonlyMap<string, readonly string[]>;

/**
 * Compares the rules of the modules that two bundles hold, by their syntax: where they stand, their comments and their
 * layout make no difference. What runs is the WebAssembly, which `regate build` compiled of these modules.
 *
 * @param entrypoints of either bundle, such as `regate/main/decision`
 * @throws BundleError `opa_failed`
 */
export async function diffRules(
  before: BundleFiles,
  after: BundleFiles,
  { opa, entrypoints }: { readonly opa: string; readonly entrypoints: readonly string[] },
): Promise<RulesDifference> {
  const [old, young] = [modulesIn(before), modulesIn(after)];
  const compiledAlike = sameFile(before.get(WASM_FILE), after.get(WASM_FILE));
  if (old.size === 0 || young.size === 0) {
    if (compiledAlike) return { compared: true, changes: [] };
    const which = old.size === young.size ? 'neither bundle holds' : 'one of the bundles does not hold';
    return { compared: false, why: `${which} the modules that its WebAssembly was compiled of` };
  }
  const unknown = compiledAlike ? [] : entrypoints.map(unknownRule);
  const changed = new Set([...differing(old, young), ...differing(young, old)].map(packageOf));
  const ofChanged = (files: BundleFiles) =>
    new Map([...files].filter((file) => changed.has(packageOf(file))));
  try {
    const definitions = await definitionsIn(ofChanged(old), opa);
    const changes = compare(definitions, await definitionsIn(ofChanged(young), opa));
    return { compared: true, changes: [...changes, ...unknown] };
  } catch (thrown) {
    if (!(thrown instanceof BundleError) || thrown.code !== 'policy_invalid') throw thrown;
    return { compared: false, why: thrown.message };
  }
}

function modulesIn(files: BundleFiles): BundleFiles {
  return new Map([...files].filter(([name]) => name.endsWith('.rego')));
}

function differing(files: BundleFiles, others: BundleFiles): [name: string, bytes: Buffer][] {
  return [...files].filter(([name, bytes]) => !sameFile(bytes, others.get(name)));
}

function unknownRule(entrypoint: string): RuleChange {
  return { rule: dataPath(entrypoint).join('.'), change: 'unknown' };
}

/** Packages of which no file changed are not worth parsing. */
function packageOf([, bytes]: readonly [name: string, bytes: Buffer]): string {
  return packagePath(bytes.toString('utf8'))?.join('.') ?? '';
}

async function definitionsIn(files: BundleFiles, opa: string): Promise<Definitions> {
  const directory = await mkdtemp(join(tmpdir(), 'regate-diff-'));
  try {
    for (const [name, bytes] of files) {
      await mkdir(dirname(join(directory, name)), { recursive: true });
      await writeFile(join(directory, name), bytes);
    }
    return byRule(await parseModules(opa, directory, ['.']));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function byRule(modules: readonly Module[]): Definitions {
  const definitions = new Map<string, string[]>();
  const add = (name: string, definition: unknown) =>
    definitions.set(name, [...(definitions.get(name) ?? []), syntaxOf(definition)]);
  for (const { package: path, imports, rules } of modules) {
    for (const one of imports) add(`${path.join('.')} (imports)`, one);
    for (const rule of rules) add([...path, nameOf(rule)].join('.'), rule);
  }
  return definitions;
}

/** Metadata is a comment. */
function syntaxOf(definition: unknown): string {
  return JSON.stringify(definition, (name, part: unknown) => (name === 'annotations' ? undefined : part));
}

/** The part of a rule's head that is the same for all its values: `deny` of `deny[x]`, `a.b` of `a.b[x]`. */
function nameOf({ head }: Rule): string {
  const values = head.ref.map(({ value }) => value);
  const end = head.ref.findIndex((term, index) => index > 0 && !isConstant(term));
  return values.slice(0, end === -1 ? undefined : end).join('.');
}

function isConstant(term: object): boolean {
  return 'type' in term && term.type === 'string';
}

function compare(before: Definitions, after: Definitions): RuleChange[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((rule): RuleChange[] => {
    const old = before.get(rule);
    const young = after.get(rule);
    if (old === undefined) return [{ rule, change: 'added' }];
    if (young === undefined) return [{ rule, change: 'removed' }];
    const same = JSON.stringify(old.toSorted()) === JSON.stringify(young.toSorted());
    return same ? [] : [{ rule, change: 'changed' }];
  });
}
