import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Revision } from '../domain/index.js';
import type { BundleDefinition } from './definition.js';
import { writeFileDurably } from './durable-file.js';
import { BundleError, type BundleErrorCode } from './error.js';
import { adviceFor, withoutForbidden } from './forbidden-builtins.js';
import { inputReads } from './input-reads.js';
import { type SigningKey, verificationKeyOf } from './keys.js';
import { draftManifest, MANIFEST_FILE } from './manifest.js';
import { type Module, parseModules } from './modules.js';
import { locateOpa, type OpaRun, runOpa } from './opa.js';
import { copySources } from './sources.js';
import { unheardRules } from './unheard-rules.js';
import { verifyBundle } from './verify.js';

/** What to build, from where, and who signs it. */
export interface BuildRequest {
  readonly definition: BundleDefinition;
  /** The policy project's folder, with `schemas/` in it. */
  readonly root: string;
  /** Free text that tells this build from others, such as a commit. */
  readonly revision: string;
  readonly signingKey: SigningKey;
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
export interface BuiltBundle extends Revision {
  readonly file: string;
  readonly entrypoints: readonly string[];
  readonly keyId: string;
}

/** Names inside the intermediate folder. The signing key stands there only while OPA signs. */
const CAPABILITIES = 'capabilities.json';
const SIGNING_KEY = 'signing-key.pem';
const CLAIMS = 'claims.json';
const ARCHIVE = 'bundle.tar.gz';

type Opa = (...args: readonly string[]) => Promise<OpaRun>;

/**
 * Checks, tests, compiles and signs a bundle. What comes out was verified as a gateway will verify it.
 *
 * @throws BundleError `policy_invalid` with the compiler's own words, `tests_failed`, `definition_invalid`,
 * `key_invalid`, `opa_*`, or whatever {@link verifyBundle} finds
 */
export async function buildBundle(request: BuildRequest): Promise<BuiltBundle> {
  const binary = request.opa ?? (await locateOpa());
  const trusted = verificationKeyOf(request.signingKey);
  const { name } = request.definition;
  const scope = request.scope ?? name;
  const directory = await mkdtemp(join(request.buildDirectory ?? tmpdir(), 'regate-build-'));
  const opa: Opa = (...args) => runOpa(binary, args, { cwd: directory });
  try {
    await copySources(request.definition, request.root, directory);
    await restrictCapabilities(opa, directory);
    await check(opa, request.definition);
    const modules = await parseModules(binary, directory, [request.definition.root]);
    mustBeHeard(modules);
    await test(opa, request.definition);
    await writeManifest(modules, request.definition, directory);
    const archive = await compileAndSign(opa, request, scope, directory);
    const verified = await verifyBundle(archive, { keys: [trusted], scope, bundle: name });
    await writeFileDurably(request.outFile, archive);
    const { revision, entrypoints, keyId } = verified;
    return { ...revision, file: request.outFile, entrypoints, keyId };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function restrictCapabilities(opa: Opa, directory: string): Promise<void> {
  const { stdout, stderr, status } = await opa('capabilities', '--current');
  if (status !== 0) {
    throw new BundleError('opa_failed', `\`opa capabilities\` failed: ${stderr.trim()}`, 'Run it by hand.');
  }
  await writeFile(join(directory, CAPABILITIES), withoutForbidden(stdout));
}

async function check(opa: Opa, { root }: BundleDefinition): Promise<void> {
  const run = await opa(
    'check',
    '--strict',
    '--schema=schemas',
    `--capabilities=${CAPABILITIES}`,
    '-b',
    root,
  );
  succeed(run, 'policy_invalid', 'Correct the policy at the lines named.');
}

function mustBeHeard(modules: readonly Module[]): void {
  const complaints = unheardRules(modules);
  if (complaints.length === 0) return;
  throw new BundleError('policy_invalid', complaints.join('\n'), 'Rename what is meant to be heard.');
}

async function test(opa: Opa, { root }: BundleDefinition): Promise<void> {
  const run = await opa('test', '--schema=schemas', `--capabilities=${CAPABILITIES}`, '-b', root);
  succeed(run, 'tests_failed', 'Correct the policy or the test; nothing is built while one fails.');
}

async function writeManifest(
  modules: readonly Module[],
  { root, roots, entrypoints }: BundleDefinition,
  directory: string,
): Promise<void> {
  const reads = new Map(entrypoints.map((entrypoint) => [entrypoint, inputReads(modules, entrypoint)]));
  // Written only now: tests may stand in packages outside of the roots.
  await writeFile(join(directory, root, MANIFEST_FILE), draftManifest(roots, reads));
}

async function compileAndSign(
  opa: Opa,
  { definition, revision, signingKey }: BuildRequest,
  scope: string,
  directory: string,
): Promise<Buffer> {
  const { root, entrypoints } = definition;
  await writeFile(join(directory, CLAIMS), JSON.stringify({ keyid: signingKey.id, scope }));
  await writeFile(join(directory, SIGNING_KEY), signingKey.privateKeyPem, { mode: 0o600 });
  const run = await opa(
    'build',
    '--target=wasm',
    // Higher levels drop rules that read data when that is not baked in, which makes masks vanish.
    '--optimize=0',
    ...entrypoints.map((entrypoint) => `--entrypoint=${entrypoint}`),
    '--ignore=*_test.rego',
    `--capabilities=${CAPABILITIES}`,
    `--revision=${revision}`,
    `--signing-key=${SIGNING_KEY}`,
    `--signing-alg=${signingKey.algorithm}`,
    `--claims-file=${CLAIMS}`,
    `--output=${ARCHIVE}`,
    '-b',
    root,
  );
  succeed(
    run,
    'policy_invalid',
    'Correct the policy, or the entrypoints and roots of the bundle definition.',
  );
  return readFile(join(directory, ARCHIVE));
}

function succeed({ status, stdout, stderr }: OpaRun, code: BundleErrorCode, nextStep: string): void {
  if (status === 0) return;
  const message = [stderr, stdout]
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .join('\n');
  throw new BundleError(code, message, adviceFor(message) ?? nextStep);
}
