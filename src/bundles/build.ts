import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Revision } from '../domain/index.js';
import type { BundleFiles } from './archive.js';
import { dataFiles } from './build-data.js';
import type { BundleDefinition } from './definition.js';
import { writeFileDurably } from './durable-file.js';
import { commitOf } from './git.js';
import { inputReads } from './input-reads.js';
import { draftManifest, MANIFEST_FILE } from './manifest.js';
import { type Module, parseModules } from './modules.js';
import { locateOpa } from './opa.js';
import { opaBuild } from './opa-build.js';
import { type Release, type ReleaseRequest, readsClock, releaseOf } from './release.js';
import { type SigningKey, signFiles, verificationKeyOf } from './sign.js';
import { copySources } from './sources.js';
import { checkTypes, refuseUnheard, writeCapabilities } from './testing/check.js';
import { mustPass } from './testing/must-pass.js';
import type { TestProject } from './testing/project.js';
import { runCheckedTests } from './testing/run-tests.js';
import type { EvaluateRules } from './testing/wasm-run.js';
import { unheardRules } from './unheard-rules.js';
import { verifyBundle, verifyDataBundle } from './verify.js';

/** What to build, from where, and who signs it. */
export interface BuildRequest extends ReleaseRequest {
  readonly definition: BundleDefinition;
  /** The policy project's folder, with `schemas/` in it. */
  readonly root: string;
  readonly signingKey: SigningKey;
  /** Runs the tests in the gateways' engine, after OPA has. */
  readonly evaluate: EvaluateRules;
  /** The signature's scope; without it the bundle's name, so that no bundle can be passed off as another. */
  readonly scope?: string;
  /** Path of the OPA to use; without it the pinned one is looked for. */
  readonly opa?: string;
  /** Where the bundle is written; replaced whole or not at all. */
  readonly outFile: string;
  /** Folder for intermediate files; the system's own without it. */
  readonly buildDirectory?: string;
}

/** A bundle on disk that this build's own key verifies. */
export interface BuiltBundle extends Revision, Omit<Release, 'revision'> {
  readonly file: string;
  /** None in a bundle of nothing but data. */
  readonly entrypoints: readonly string[];
  readonly keyId: string;
  /** Why another build of the same sources is another bundle; undefined where it is the same. */
  readonly irreproducible?: string;
}

/** Names inside the intermediate folder. */
const CAPABILITIES = 'capabilities.json';
const SCHEMAS = 'schemas';

/** The copy of the sources in which a policy bundle is made. */
interface Workshop {
  readonly definition: BundleDefinition;
  readonly project: TestProject;
  /** What a policy may call. */
  readonly capabilities: string;
}

/**
 * Checks, tests, compiles and signs a policy bundle, or checks and signs one of nothing but data. What comes out was
 * verified as a gateway will verify it. The same sources make the same bytes, whoever builds them, when and where;
 * {@link BuiltBundle.irreproducible} says when they do not.
 *
 * @throws BundleError `policy_invalid` with the compiler's own words, `tests_failed`, `definition_invalid`,
 * `data_invalid`, `key_invalid`, `signing_failed`, `opa_*`, or whatever {@link verifyBundle} finds; whatever `evaluate`
 * throws
 */
export async function buildBundle(request: BuildRequest): Promise<BuiltBundle> {
  const { definition, root, signingKey, scope = definition.name } = request;
  const opa = request.opa ?? (await locateOpa());
  const trusted = verificationKeyOf(signingKey);
  const directory = await mkdtemp(join(request.buildDirectory ?? tmpdir(), 'regate-build-'));
  try {
    const sources = await copySources(definition, root, directory);
    const commit = await commitOf(root, placesOf(definition), sources);
    const release = releaseOf(request, typeof commit === 'string' ? undefined : commit);
    const isData = definition.entrypoints.length === 0;
    const files = isData
      ? await dataFiles({ opa, directory, definition, schemas: SCHEMAS }, release)
      : await policyFiles(await openWorkshop(opa, definition, directory), release, request.evaluate);
    const archive = await signFiles(files, signingKey, scope);
    const trust = { keys: [trusted], scope, bundle: definition.name };
    const verified = await (isData ? verifyDataBundle : verifyBundle)(archive, trust);
    await writeFileDurably(request.outFile, archive);
    return {
      ...release,
      ...verified.revision,
      file: request.outFile,
      entrypoints: definition.entrypoints,
      keyId: verified.keyId,
      ...irreproducible(request, commit),
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** All that decides on what is built. */
function placesOf({ name, sources }: BundleDefinition): string[] {
  return [...sources, SCHEMAS, `bundles/${name}`];
}

async function openWorkshop(opa: string, definition: BundleDefinition, directory: string): Promise<Workshop> {
  const capabilities = join(directory, CAPABILITIES);
  await writeCapabilities(opa, capabilities);
  const project = { opa, directory, sources: [definition.root], schemas: SCHEMAS, asBundle: true };
  return { definition, project, capabilities };
}

/** The files of a policy bundle, not signed yet. */
async function policyFiles(
  workshop: Workshop,
  release: Release,
  evaluate: EvaluateRules,
): Promise<BundleFiles> {
  const { definition, project, capabilities } = workshop;
  const modules = await check(workshop);
  mustPass(await runCheckedTests(project, evaluate));
  await writeManifest(workshop, modules, release);
  return opaBuild({
    opa: project.opa,
    directory: project.directory,
    root: definition.root,
    revision: release.revision,
    options: [
      '--target=wasm',
      // Higher levels drop rules that read data when that is not baked in, which makes masks vanish.
      '--optimize=0',
      ...definition.entrypoints.map((entrypoint) => `--entrypoint=${entrypoint}`),
      '--ignore=*_test.rego',
      `--capabilities=${capabilities}`,
    ],
  });
}

async function check({ definition, project, capabilities }: Workshop): Promise<readonly Module[]> {
  await checkTypes(project, capabilities);
  const modules = await parseModules(project.opa, project.directory, [definition.root]);
  refuseUnheard(unheardRules(modules));
  return modules;
}

async function writeManifest(
  { definition: { root, roots, entrypoints }, project }: Workshop,
  modules: readonly Module[],
  release: Release,
): Promise<void> {
  const reads = new Map(entrypoints.map((entrypoint) => [entrypoint, inputReads(modules, entrypoint)]));
  // Written only now: tests may stand in packages outside of the roots.
  await writeFile(join(project.directory, root, MANIFEST_FILE), draftManifest(roots, reads, release));
}

function irreproducible(
  request: BuildRequest,
  commit: Awaited<ReturnType<typeof commitOf>>,
): Pick<BuiltBundle, 'irreproducible'> {
  const found = typeof commit === 'string' ? undefined : commit;
  if (readsClock(request, found)) {
    const why = typeof commit === 'string' ? commit : `the sources differ from the commit ${commit.id}`;
    return { irreproducible: `${why}, so the time of this machine is in it` };
  }
  if (request.signingKey.algorithm !== 'ES256') return {};
  return { irreproducible: 'a signature with ES256 is random' };
}
