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
import type { Documents } from './signed-files.js';
import type { StrictJson } from './strict-json.js';

const DATA_FILE = 'data.json';
const TOP_FILES = [MANIFEST_FILE, SIGNATURES_FILE, DATA_FILE, WASM_FILE];

/** The two files that a gateway runs. */
export interface Contents {
  readonly wasm: Buffer;
  readonly data: Buffer;
}

/**
 * Step 5: the bundle is of the layout that `opa build` writes, holds no test, and keeps to its roots.
 *
 * @throws BundleError `file_unexpected`, `wasm_missing`, `data_invalid`, `test_included`, `outside_roots`
 */
export function checkContents(files: BundleFiles, documents: Documents, { roots }: Manifest): Contents {
  for (const [name, bytes] of files) {
    if (name.endsWith('.rego')) checkModule(name, bytes.toString('utf8'), roots);
    else if (!TOP_FILES.includes(name)) throw unexpected(name);
  }
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
