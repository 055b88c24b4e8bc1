import { type InputPath, shapeCheck } from '../domain/index.js';
import type { BundleFiles } from './archive.js';
import { contains, type DataPath, dataPath } from './data-path.js';
import { BundleError } from './error.js';
import type { Release } from './release.js';

export const MANIFEST_FILE = '.manifest';
export const WASM_FILE = 'policy.wasm';

/** What a bundle says of itself. */
export interface Manifest {
  readonly revision: string;
  /** The parts of `data` the bundle owns; none overlaps another. */
  readonly roots: readonly DataPath[];
  /** What its WebAssembly can be asked for; none in a bundle of nothing but data. */
  readonly entrypoints: readonly string[];
  /** What of `input` an entrypoint reads at most; one that is not in it may read everything. */
  readonly reads: ReadonlyMap<string, readonly InputPath[]>;
  /** Rises from build to build; a bundle that `regate build` did not make has none. */
  readonly serial?: number;
  /** From when on it is not to be used; RFC 3339, UTC. */
  readonly expires?: string;
  /** Of an older bundle that was signed anew: its revision. */
  readonly rollbackTo?: string;
}

interface ManifestFile {
  readonly revision: string;
  readonly roots?: readonly string[];
  readonly wasm?: readonly { readonly entrypoint: string; readonly module: string }[];
  readonly metadata?: { readonly regate?: Findings };
}

/** What `regate build` says of the bundle; OPA leaves `metadata` as it is. */
interface Findings extends Partial<Omit<Release, 'revision'>> {
  readonly reads: Readonly<Record<string, readonly InputPath[]>>;
  /** Of an older bundle that was signed anew: the revision that it goes back to. */
  readonly rollback?: { readonly to: string };
}

const isManifest = shapeCheck<ManifestFile>({
  type: 'object',
  required: ['revision'],
  properties: {
    revision: { type: 'string', minLength: 1, maxLength: 256 },
    roots: { type: 'array', items: { type: 'string' } },
    wasm: {
      type: 'array',
      items: {
        type: 'object',
        required: ['entrypoint', 'module'],
        properties: { entrypoint: { type: 'string', minLength: 1 }, module: { type: 'string' } },
      },
    },
    metadata: {
      type: 'object',
      properties: {
        regate: {
          type: 'object',
          additionalProperties: false,
          required: ['reads'],
          properties: {
            reads: {
              type: 'object',
              additionalProperties: {
                type: 'array',
                items: { type: 'array', items: { type: 'string' } },
              },
            },
            serial: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
            expires: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z$' },
            built: {
              type: 'object',
              additionalProperties: false,
              required: ['opa'],
              properties: {
                opa: { type: 'string', minLength: 1 },
                commit: { type: 'string', pattern: '^[0-9a-f]{40,64}$' },
                dirty: { const: true },
              },
            },
            rollback: {
              type: 'object',
              additionalProperties: false,
              required: ['to'],
              properties: { to: { type: 'string' } },
            },
          },
        },
      },
    },
  },
});

/** The manifest that `opa build` starts from, and adds the rest to. */
export function draftManifest(
  roots: readonly string[],
  reads: ReadonlyMap<string, readonly InputPath[]>,
  { revision, ...release }: Release,
): string {
  const regate: Findings = { reads: Object.fromEntries(reads), ...release };
  return JSON.stringify({ revision, roots, metadata: { regate } });
}

/**
 * Step 4: reads `.manifest`, whose digest was verified as strict JSON.
 *
 * @throws BundleError `manifest_invalid`, `test_included`, `outside_roots`
 */
export function readManifest(files: BundleFiles): Manifest {
  const bytes = files.get(MANIFEST_FILE);
  if (bytes === undefined) throw invalid('there is none');
  const manifest: unknown = JSON.parse(bytes.toString('utf8'));
  if (!isManifest(manifest)) {
    throw invalid(
      'it needs a revision, lists of roots and of wasm entrypoints, and, where it has `metadata.regate`, lists of `reads`, and no other `serial`, `expires`, `built` and `rollback` than `regate build` writes',
    );
  }
  // Without roots a bundle owns all of data, as in OPA.
  const roots = (manifest.roots ?? ['']).map(dataPath);
  checkOverlap(roots);
  const entrypoints = entrypointsOf(manifest, roots);
  return {
    revision: manifest.revision,
    roots,
    entrypoints,
    reads: readsOf(manifest, entrypoints),
    ...issueOf(manifest),
  };
}

function issueOf({ revision, metadata }: ManifestFile): Pick<Manifest, 'serial' | 'expires' | 'rollbackTo'> {
  const { serial, expires, rollback } = metadata?.regate ?? {};
  if (expires !== undefined && !isTime(expires)) throw invalid(`${expires}, when it expires, is no time`);
  if (rollback !== undefined && (serial === undefined || rollback.to !== revision)) {
    throw invalid('a rollback needs a serial, and is to the revision that it holds');
  }
  return {
    ...(serial !== undefined && { serial }),
    ...(expires !== undefined && { expires }),
    ...(rollback !== undefined && { rollbackTo: rollback.to }),
  };
}

/** `Date` takes the 30th of February for the 2nd of March. */
function isTime(text: string): boolean {
  const milliseconds = Date.parse(text);
  return !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString() === text.replace('Z', '.000Z');
}

function readsOf({ metadata }: ManifestFile, entrypoints: readonly string[]): Manifest['reads'] {
  const reads = new Map(Object.entries(metadata?.regate?.reads ?? {}));
  const stray = [...reads.keys()].find((entrypoint) => !entrypoints.includes(entrypoint));
  if (stray === undefined) return reads;
  throw invalid(`it says what ${JSON.stringify(stray)} reads, which is no entrypoint of it`);
}

function checkOverlap(roots: readonly DataPath[]): void {
  for (const [index, root] of roots.entries()) {
    if (roots.some((other, otherIndex) => index !== otherIndex && contains(root, other))) {
      throw invalid(`the root ${JSON.stringify(root.join('/'))} overlaps another`);
    }
  }
}

function entrypointsOf({ wasm = [] }: ManifestFile, roots: readonly DataPath[]): string[] {
  const entrypoints = new Set<string>();
  for (const { entrypoint, module } of wasm) {
    if (module !== `/${WASM_FILE}`) throw invalid(`${entrypoint} is in ${module}, not in /${WASM_FILE}`);
    if (entrypoints.has(entrypoint)) throw invalid(`the entrypoint ${entrypoint} stands in it twice`);
    const path = dataPath(entrypoint);
    checkInside(roots, path, `the entrypoint ${entrypoint}`);
    if (path.at(-1)?.startsWith('test_')) throw testIncluded(`the entrypoint ${entrypoint} is a test`);
    entrypoints.add(entrypoint);
  }
  return [...entrypoints];
}

/** @throws BundleError `outside_roots` */
export function checkInside(roots: readonly DataPath[], path: DataPath, what: string): void {
  if (!roots.some((root) => contains(root, path))) throw outsideRoots(what);
}

export function outsideRoots(what: string): BundleError {
  return new BundleError(
    'outside_roots',
    `${what} lies outside of the bundle's roots`,
    'Add its place to `roots` in the bundle definition, or move it.',
  );
}

export function testIncluded(what: string): BundleError {
  return new BundleError(
    'test_included',
    `${what}, and a test can grant what policy does not`,
    "Build with `regate build`, or with `--ignore '*_test.rego'`.",
  );
}

function invalid(why: string): BundleError {
  return new BundleError(
    'manifest_invalid',
    `the bundle's ${MANIFEST_FILE} cannot be used: ${why}`,
    'Build the bundle with `regate build`, or with `opa build -t wasm --revision …`.',
  );
}
