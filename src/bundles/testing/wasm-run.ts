import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonValue, VerifiedBundle } from '../../domain/index.js';
import { readArchive } from '../archive.js';
import { BundleError } from '../error.js';
import { runOpa } from '../opa.js';
import { digestOf } from '../verification.js';
import type { OpaTest } from './opa-run.js';
import { sourceArguments, type TestProject } from './project.js';

/** Policies and their tests as WebAssembly; it is for running the tests only. */
export type CompiledTests = Pick<VerifiedBundle, 'revision' | 'wasm' | 'data'>;

/** What a rule answered in the gateways' engine: a value, undefined where it has none, or why there is no answer. */
export type RuleOutcome =
  | { readonly value: JsonValue | undefined; readonly milliseconds: number }
  | { readonly failure: string };

/**
 * Evaluates rules in the gateways' engine, each without an input. It belongs to another room: whoever wires the rooms
 * together hands it in.
 */
export type EvaluateRules = (
  compiled: CompiledTests,
  entrypoints: readonly string[],
) => Promise<ReadonlyMap<string, RuleOutcome>>;

/**
 * Compiles the tests, each an entrypoint, and runs them.
 *
 * @returns an outcome for each test
 * @throws BundleError `policy_invalid` where OPA cannot compile them to WebAssembly; whatever `evaluate` throws
 */
export async function runInWasm(
  project: TestProject,
  tests: readonly OpaTest[],
  evaluate: EvaluateRules,
): Promise<ReadonlyMap<OpaTest, RuleOutcome>> {
  if (tests.length === 0) return new Map();
  const entrypoints = new Map(tests.map((test) => [test, entrypointOf(test)]));
  const outcomes = await evaluate(await compile(project, [...entrypoints.values()]), [
    ...entrypoints.values(),
  ]);
  return new Map(
    [...entrypoints].map(([test, entrypoint]) => [
      test,
      outcomes.get(entrypoint) ?? { failure: 'it was not run' },
    ]),
  );
}

/** A test's name as a path: `policies["a-b"].test_x` is `policies/a-b/test_x`. */
function entrypointOf({ package: path, name }: OpaTest): string {
  const parts = `${path}.${name}`.matchAll(/"((?:[^"\\]|\\.)*)"|[^.[\]"]+/g);
  return [...parts].map(([bare, quoted]) => quoted ?? bare).join('/');
}

async function compile(project: TestProject, entrypoints: readonly string[]): Promise<CompiledTests> {
  const directory = await mkdtemp(join(tmpdir(), 'regate-test-'));
  try {
    const output = join(directory, 'tests.tar.gz');
    const { status, stderr, stdout } = await runOpa(
      project.opa,
      [
        'build',
        '--target=wasm',
        // As bundles are built.
        '--optimize=0',
        ...entrypoints.map((entrypoint) => `--entrypoint=${entrypoint}`),
        `--output=${output}`,
        ...sourceArguments(project),
      ],
      { cwd: project.directory },
    );
    if (status !== 0) {
      throw new BundleError(
        'policy_invalid',
        `the tests cannot be compiled to WebAssembly: ${`${stderr}${stdout}`.trim()}`,
        'Correct what OPA names; a test has a plain name, such as test_refunds_need_a_human.',
      );
    }
    return await read(await readFile(output));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function read(archive: Buffer): Promise<CompiledTests> {
  const files = await readArchive(archive);
  const wasm = files.get('policy.wasm');
  const data = files.get('data.json');
  if (wasm === undefined || data === undefined) {
    throw new BundleError('opa_failed', '`opa build` wrote no WebAssembly or no data', 'Run it by hand.');
  }
  return { revision: { bundle: 'tests', revision: 'tests', digest: digestOf(archive) }, wasm, data };
}
