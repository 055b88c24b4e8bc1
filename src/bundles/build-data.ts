import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describeThrown, systemErrorCode } from '../domain/index.js';
import type { BundleFiles } from './archive.js';
import { contains, type DataPath, dataPath } from './data-path.js';
import type { BundleDefinition } from './definition.js';
import { BundleError } from './error.js';
import { draftManifest, MANIFEST_FILE } from './manifest.js';
import { opaBuild } from './opa-build.js';
import type { Release } from './release.js';
import { DATA_FILE } from './signed-files.js';

const SCHEMA = '.schema.json';

/** Where a bundle of nothing but data is made of copied sources. */
export interface DataWorkshop {
  readonly opa: string;
  readonly directory: string;
  readonly definition: BundleDefinition;
  /** The folder of the project's schemas in there, if it has any. */
  readonly schemas: string;
}

/**
 * Makes the files of a bundle of nothing but data, not signed yet. `schemas/settings/roles.schema.json` is what
 * `data.settings.roles` must fit, where all of that is the bundle's own.
 *
 * @throws BundleError `policy_invalid` with OPA's own words, `data_invalid`, `definition_invalid` for a bad schema
 */
export async function dataFiles(workshop: DataWorkshop, release: Release): Promise<BundleFiles> {
  const { opa, directory, definition, schemas } = workshop;
  const { root, roots } = definition;
  await writeFile(join(directory, root, MANIFEST_FILE), draftManifest(roots, new Map(), release));
  const files = await opaBuild({ opa, directory, root, revision: release.revision, options: [] });
  const data: unknown = JSON.parse(String(files.get(DATA_FILE)));
  for (const file of await schemaFiles(join(directory, schemas))) {
    const path = dataPath(file.slice(0, -SCHEMA.length));
    const value = valueAt(data, path);
    const isOwn = roots.some((other) => contains(dataPath(other), path));
    if (isOwn && value !== undefined) await mustFit(value, path, join(directory, schemas, file));
  }
  return files;
}

/** As paths from the folder, with slashes. */
async function schemaFiles(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder, { recursive: true });
    return names
      .filter((name) => name.endsWith(SCHEMA))
      .map((name) => name.replaceAll('\\', '/'))
      .sort();
  } catch (thrown) {
    if (systemErrorCode(thrown) === 'ENOENT') return [];
    throw thrown;
  }
}

function valueAt(data: unknown, path: DataPath): unknown {
  return path.reduce((value, name) => (has(value, name) ? value[name] : undefined), data);
}

function has(value: unknown, name: string): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name);
}

async function mustFit(value: unknown, path: DataPath, file: string): Promise<void> {
  const place = path.join('/');
  // As lenient with what is no JSON Schema as OPA is.
  const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false });
  let fits: ReturnType<Ajv['compile']>;
  try {
    fits = ajv.compile(JSON.parse(await readFile(file, 'utf8')));
  } catch (thrown) {
    throw new BundleError(
      'definition_invalid',
      `schemas/${place}${SCHEMA} cannot be used: ${describeThrown(thrown)}`,
      'Correct the schema; it must be of draft 7 and stand by itself.',
      thrown,
    );
  }
  if (fits(value)) return;
  const problems = (fits.errors ?? []).map((error) => `/${place}${error.instancePath} ${error.message}`);
  throw new BundleError(
    'data_invalid',
    `the data does not fit schemas/${place}${SCHEMA}: ${problems.join('; ')}`,
    'Correct the data, or the schema.',
  );
}
