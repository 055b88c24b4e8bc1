/**
 * What of `input` an entrypoint can read, told from the syntax of everything that it can reach.
 *
 * A rule has no way to `input` but to name it, so the constant beginnings of all references to it are a superset of
 * what is read, whatever the rules do with the values. (`opa deps` follows variables as well, and misses some: for
 * `m := input.message` and `x := f with input.other as m` beside a use of `input.message.method`, it names the method
 * only.) Reading too much costs time; missing one member would let a `deny` stay silent.
 */
import type { InputPath } from '../domain/index.js';
import { contains, type DataPath, dataPath } from './data-path.js';
import type { Module } from './modules.js';

/** Where a module looks: the constant beginnings of its references. */
interface Looks {
  readonly input: InputPath[];
  readonly data: DataPath[];
}

/**
 * The paths below `input` that an entrypoint reads, each with everything under it; none lies under another. `[[]]`
 * is all of `input`.
 */
export function inputReads(modules: readonly Module[], entrypoint: string): InputPath[] {
  const unreached = new Map(modules.map((module) => [module, looksOf(module)]));
  const pending: DataPath[] = [dataPath(entrypoint)];
  const reads: InputPath[] = [];
  for (const path of pending) {
    for (const [module, looks] of unreached) {
      if (!contains(module.package, path) && !contains(path, module.package)) continue;
      unreached.delete(module);
      // A rule names those of its own package without saying where they are.
      pending.push(module.package, ...looks.data);
      reads.push(...looks.input);
    }
  }
  return outermost(reads);
}

function looksOf({ imports, rules }: Module): Looks {
  const looks: Looks = { input: [], data: [] };
  look([...imports, ...rules], looks);
  return looks;
}

function look(node: unknown, looks: Looks): void {
  if (Array.isArray(node)) for (const child of node) look(child, looks);
  else if (isObject(node)) lookAtNode(node, looks);
}

function lookAtNode(node: Readonly<Record<string, unknown>>, looks: Looks): void {
  const { type, value } = node;
  if (type === 'ref' && Array.isArray(value) && isDocument(value[0])) {
    const [{ value: root }, ...rest] = value;
    looks[root].push(constantBeginning(rest));
    look(rest, looks);
    return;
  }
  if (isDocument(node)) {
    looks[node.value].push([]);
    return;
  }
  for (const [key, child] of Object.entries(node)) {
    if (key === 'with' && Array.isArray(child)) for (const override of child) lookAtOverride(override, looks);
    // Annotations may name input, and read nothing of it.
    else if (key !== 'annotations') look(child, looks);
  }
}

/** `with input.x as y` reads y. What it puts in the place of `input.x` is read where `input.x` is named. */
function lookAtOverride(override: unknown, looks: Looks): void {
  if (!isObject(override)) return;
  const target = isObject(override['target']) ? override['target'] : {};
  const terms = Array.isArray(target['value']) ? target['value'] : [target];
  look(isDocument(terms[0]) && terms[0].value === 'input' ? terms.slice(1) : target, looks);
  look(override['value'], looks);
}

/** One of the two documents that all references begin at. */
function isDocument(node: unknown): node is { readonly type: 'var'; readonly value: 'input' | 'data' } {
  return isObject(node) && node['type'] === 'var' && (node['value'] === 'input' || node['value'] === 'data');
}

/** The names up to where a reference becomes dynamic, or goes into an array. */
function constantBeginning(terms: readonly unknown[]): string[] {
  const names: string[] = [];
  for (const term of terms) {
    if (!isObject(term) || term['type'] !== 'string' || typeof term['value'] !== 'string') break;
    names.push(term['value']);
  }
  return names;
}

/** Without what lies under another, in an order that does not depend on that of the files. */
function outermost(paths: readonly InputPath[]): InputPath[] {
  const unique = [...new Map(paths.map((path) => [JSON.stringify(path), path])).values()];
  return unique
    .filter((path) => !unique.some((other) => other !== path && contains(other, path)))
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

function isObject(node: unknown): node is Readonly<Record<string, unknown>> {
  return typeof node === 'object' && node !== null && !Array.isArray(node);
}
