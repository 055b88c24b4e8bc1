import type { BundleFiles } from './archive.js';
import { isObject } from './canonical-json.js';
import { contains, type DataPath } from './data-path.js';
import { BundleError } from './error.js';
import {
  checkInside,
  MANIFEST_FILE,
  type Manifest,
  outsideRoots,
  testIncluded,
  WASM_FILE,
} from './manifest.js';
import { holdsTestRule, isTestFile, packagePath } from './rego-text.js';
import { SIGNATURES_FILE } from './signature.js';
import { DATA_FILE, type Documents } from './signed-files.js';
import type { StrictJson } from './strict-json.js';

const TOP_FILES = [MANIFEST_FILE, SIGNATURES_FILE, DATA_FILE, WASM_FILE];

/** What a bundle is for: to decide, or to be read by one that does. */
export type BundleKind = 'policy' | 'data';

/** The two files that a gateway runs. */
export interface Contents {
  readonly wasm: Buffer;
  readonly data: Buffer;
}

/** A bundle with anything in it that could decide is one of policy, whole or not. */
export function kindOf(files: BundleFiles, { entrypoints }: Manifest): BundleKind {
  const decides = (name: string) => name === WASM_FILE || name.endsWith('.rego');
  return entrypoints.length > 0 || [...files.keys()].some(decides) ? 'policy' : 'data';
}

/**
 * Step 5: the bundle is of the layout that `opa build` writes, holds no test, and keeps to its roots.
 *
 * @throws BundleError `file_unexpected`, `entrypoint_missing`, `wasm_missing`, `data_invalid`, `test_included`,
 * `outside_roots`
 */
export function checkContents(files: BundleFiles, documents: Documents, manifest: Manifest): Contents {
  const { roots, entrypoints } = manifest;
  if (entrypoints.length === 0) {
    throw new BundleError(
      'entrypoint_missing',
      'the bundle offers no WebAssembly entrypoint',
      'Build it with `-t wasm` and at least one entrypoint.',
    );
  }
  for (const [name, bytes] of files) {
    if (name.endsWith('.rego')) checkModule(name, bytes.toString('utf8'), roots);
    else if (!TOP_FILES.includes(name)) throw unexpected(name);
  }
  const data = checkedData(files, documents, manifest);
  const wasm = files.get(WASM_FILE);
  if (wasm === undefined) {
    throw new BundleError(
      'wasm_missing',
      `the bundle holds no ${WASM_FILE}`,
      'Build it with `-t wasm` and at least one entrypoint.',
    );
  }
  return { wasm, data };
}

/**
 * Step 5 for a bundle of nothing but data.
 *
 * @throws BundleError `file_unexpected`, `data_invalid`, `outside_roots`
 */
export function checkDataContents(files: BundleFiles, documents: Documents, manifest: Manifest): Buffer {
  const stray = [...files.keys()].find((name) => !TOP_FILES.includes(name));
  if (stray !== undefined) throw unexpected(stray);
  return checkedData(files, documents, manifest);
}

function checkedData(files: BundleFiles, documents: Documents, { roots }: Manifest): Buffer {
  const document = documents.get(DATA_FILE);
  const data = files.get(DATA_FILE);
  if (document === undefined || data === undefined || !isObject(document)) {
    throw new BundleError(
      'data_invalid',
      `the bundle's ${DATA_FILE} is ${document === undefined ? 'missing' : 'no JSON object'}`,
      'Build the bundle with `regate build` or `opa build`.',
    );
  }
  checkData(document, [], roots);
  return data;
}

/** What runs is the WebAssembly; a module beside it tells what went into that. */
function checkModule(name: string, text: string, roots: readonly DataPath[]): void {
  if (isTestFile(name) || holdsTestRule(text)) throw testIncluded(`the bundle holds a test, in ${name}`);
  const path = packagePath(text);
  if (path === undefined) throw outsideRoots(`${name}, whose package cannot be read,`);
  checkInside(roots, path, `the package of ${name}`);
}

/** A value is inside when it lies below a root; an object above a root may hold nothing but the way to roots. */
function checkData(value: StrictJson, path: DataPath, roots: readonly DataPath[]): void {
  if (roots.some((root) => contains(root, path))) return;
  if (!isObject(value) || !roots.some((root) => contains(path, root))) {
    throw outsideRoots(`the data at /${path.join('/')}`);
  }
  for (const [name, member] of value) checkData(member, [...path, name], roots);
}

function unexpected(name: string): BundleError {
  return new BundleError(
    'file_unexpected',
    `the bundle holds ${name}, which \`opa build\` does not write`,
    'Build it with `regate build` or `opa build`, which merge all data into one data.json.',
  );
}
