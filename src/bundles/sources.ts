import { cp, lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describeThrown, systemErrorCode } from '../domain/index.js';
import type { BundleDefinition } from './definition.js';
import { BundleError } from './error.js';
import { holdsTestRule, isTestFile } from './rego-text.js';

const DATA_FILES = ['data.json', 'data.yaml', 'data.yml'];

/**
 * Copies a bundle's sources, and the project's schemas where it has them, into an empty folder at the paths they have in the
 * project. What is checked, tested and compiled is then one and the same, and the compiler's messages name the
 * author's own files.
 *
 * @returns the files that were copied, schemas left out
 * @throws BundleError `definition_invalid` for a source that cannot be read or that OPA would leave out without a
 * word, and for policy in a bundle that cannot be asked; `test_included` for a test outside of a `_test.rego` file
 */
export async function copySources(
  definition: BundleDefinition,
  root: string,
  into: string,
): Promise<string[]> {
  const copied: string[] = [];
  for (const source of definition.sources) {
    for (const file of await filesBelow(root, source)) {
      if (definition.entrypoints.length === 0 && file.endsWith('.rego')) throw policyInData(file);
      if (await copySource(file, root, into)) copied.push(file);
    }
  }
  await cp(join(root, 'schemas'), join(into, 'schemas'), { recursive: true }).catch((thrown: unknown) => {
    // Data needs none.
    const isNeeded = definition.entrypoints.length > 0 || systemErrorCode(thrown) !== 'ENOENT';
    if (isNeeded) throw unreadable('schemas', thrown);
  });
  return copied;
}

function policyInData(file: string): BundleError {
  return new BundleError(
    'definition_invalid',
    `${file} is policy, and a bundle without entrypoints holds nothing but data`,
    'Name its `entrypoints` in the bundle definition, or take the file out of the `sources`.',
  );
}

/** Files as paths from the project's root, hidden ones left out; links are not followed. */
async function filesBelow(root: string, source: string): Promise<string[]> {
  try {
    const kind = await lstat(join(root, source));
    if (kind.isFile()) return [source];
    if (!kind.isDirectory()) throw new Error('it is neither a file nor a folder');
    const found: string[] = [];
    for (const name of await readdir(join(root, source))) {
      if (name.startsWith('.')) continue;
      found.push(...(await filesBelow(root, `${source}/${name}`)));
    }
    return found;
  } catch (thrown) {
    throw thrown instanceof BundleError ? thrown : unreadable(source, thrown);
  }
}

/** Whether it belongs into a bundle; any other file that nobody could take for policy or data is left where it is. */
async function copySource(file: string, root: string, into: string): Promise<boolean> {
  const name = basename(file);
  const isRego = name.endsWith('.rego');
  if (!isRego && !DATA_FILES.includes(name)) {
    if (!/\.(?:json|ya?ml)$/.test(name)) return false;
    throw new BundleError(
      'definition_invalid',
      `${file} would not reach the bundle: OPA loads data from files named data.json or data.yaml only`,
      'Rename it to data.json in a folder named for its place below data, or move it out of the sources.',
    );
  }
  const text = await readFile(join(root, file), 'utf8');
  if (isRego && !isTestFile(name) && holdsTestRule(text)) {
    throw new BundleError(
      'test_included',
      `${file} holds a test, and would take it into the bundle`,
      `Move the test to ${file.replace(/\.rego$/, '_test.rego')}.`,
    );
  }
  await mkdir(dirname(join(into, file)), { recursive: true });
  await writeFile(join(into, file), text);
  return true;
}

function unreadable(source: string, thrown: unknown): BundleError {
  return new BundleError(
    'definition_invalid',
    `the source ${source} cannot be read: ${describeThrown(thrown)}`,
    'Correct `sources` in the bundle definition, or add what it names.',
    thrown,
  );
}
