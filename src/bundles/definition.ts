import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describeThrown } from '../domain/index.js';
import { BUNDLE_NAME, checkBundleName } from './bundle-name.js';
import { BundleError } from './error.js';

/** What a bundle is made of: `bundles/<name>/bundle.json` of a policy project. */
export interface BundleDefinition {
  readonly name: string;
  /** Files and folders, from the project's root, all below `root`. */
  readonly sources: readonly string[];
  /** The folder at which `data` begins: with `rego`, `rego/settings/roles/data.json` is `data.settings.roles`. */
  readonly root: string;
  /** Rules that may be asked for, such as `regate/main/decision`. None makes a bundle of nothing but data. */
  readonly entrypoints: readonly string[];
  /** The parts of `data` that this bundle owns; nothing in it may lie outside of them. */
  readonly roots: readonly string[];
}

/** A relative path of plain names: no `..`, no hidden file, no backslash. */
const PLAIN_PATH = '^[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$';
const DATA_PATH = '^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$';

const paths = (pattern: string) => ({
  type: 'array',
  minItems: 1,
  uniqueItems: true,
  items: { type: 'string', pattern },
});

type DefinitionInFile = Omit<BundleDefinition, 'entrypoints'> & Partial<BundleDefinition>;

const validate = new Ajv({ allErrors: true }).compile<DefinitionInFile>({
  type: 'object',
  additionalProperties: false,
  required: ['name', 'sources', 'root', 'roots'],
  properties: {
    $schema: { type: 'string' },
    name: { type: 'string', pattern: BUNDLE_NAME },
    sources: paths(PLAIN_PATH),
    root: { type: 'string', pattern: PLAIN_PATH },
    entrypoints: paths(DATA_PATH),
    roots: paths(DATA_PATH),
  },
});

/**
 * Reads and validates the definition of one bundle.
 *
 * @param root the policy project's folder
 * @throws BundleError `definition_invalid`, `name_invalid`
 */
export async function readBundleDefinition(root: string, name: string): Promise<BundleDefinition> {
  const path = `bundles/${checkBundleName(name)}/bundle.json`;
  let definition: unknown;
  try {
    definition = JSON.parse(await readFile(join(root, path), 'utf8'));
  } catch (thrown) {
    throw invalid(path, describeThrown(thrown));
  }
  if (!validate(definition)) {
    throw invalid(
      path,
      (validate.errors ?? []).map((e) => `${e.instancePath || '/'} ${e.message}`).join('; '),
    );
  }
  if (definition.name !== name) throw invalid(path, `it names ${definition.name}, its folder ${name}`);
  const stray = definition.sources.find(
    (source) => source !== definition.root && !source.startsWith(`${definition.root}/`),
  );
  if (stray !== undefined)
    throw invalid(path, `the source ${stray} is not below the root ${definition.root}`);
  return { ...definition, entrypoints: definition.entrypoints ?? [] };
}

function invalid(path: string, why: string): BundleError {
  return new BundleError(
    'definition_invalid',
    `${path}: ${why}`,
    'Give name, sources, root, roots and, for a bundle that decides, entrypoints, with paths from the project root.',
  );
}
