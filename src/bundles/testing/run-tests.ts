import { checkSources, mustBeHeard } from './check.js';
import { type Coverage, measureCoverage } from './coverage.js';
import { explainFailures, fullName } from './explain.js';
import { judge, type TestResult } from './judge.js';
import { runInOpa } from './opa-run.js';
import type { TestProject } from './project.js';
import { type EvaluateRules, runInWasm } from './wasm-run.js';

/** All tests of a project, run in both engines. */
export interface TestRun {
  /** By file and line; empty where there is no test. */
  readonly results: readonly TestResult[];
  /**
   * Undefined where a test failed in OPA, which then measures none, where not all tests were run, and of a bundle, whose
   * files OPA would count twice.
   */
  readonly coverage: Coverage | undefined;
}

/**
 * Checks policies and runs their tests twice: with `opa test`, and in the WebAssembly engine that gateways use.
 *
 * @throws BundleError `policy_invalid` with the compiler's own words, `opa_*`; whatever `evaluate` throws
 */
export async function runTests(project: TestProject, evaluate: EvaluateRules): Promise<TestRun> {
  await checkSources(project);
  const [run] = await Promise.all([runCheckedTests(project, evaluate), mustBeHeard(project)]);
  return run;
}

/** The same of policies that were checked already. */
export async function runCheckedTests(project: TestProject, evaluate: EvaluateRules): Promise<TestRun> {
  const tests = await runInOpa(project);
  const failed = tests.filter(({ passed, skipped }) => !passed && !skipped);
  const measurable =
    tests.length > 0 && failed.length === 0 && project.run === undefined && !project.asBundle;
  const [outcomes, explanations, coverage] = await Promise.all([
    runInWasm(
      project,
      tests.filter(({ skipped }) => !skipped),
      evaluate,
    ),
    explainFailures(project, failed),
    measurable ? measureCoverage(project, new Set(tests.map(({ file }) => file))) : undefined,
  ]);
  const results = tests.map((test) =>
    judge(test, outcomes.get(test), explanations.get(fullName(test)) ?? ''),
  );
  return { results, coverage };
}
