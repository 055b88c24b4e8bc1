import { type OpaRun, runOpa } from '../opa.js';

/** Where policies and their tests are, and how they are run. */
export interface TestProject {
  /** Path of the OPA to use. */
  readonly opa: string;
  /** The folder from which `sources` and `schemas` are named; so does every report. */
  readonly directory: string;
  /** Files and folders that hold policies, tests and data. */
  readonly sources: readonly string[];
  /** The folder of JSON Schemas that input and data are checked against. */
  readonly schemas: string;
  /** Whether each source is a folder at which `data` begins, as in a bundle. */
  readonly asBundle?: boolean;
  /** Only tests whose full name, such as `data.policies_test.refunds.test_limit`, matches this RE2 expression. */
  readonly run?: string;
}

/** The sources, as the last arguments of an `opa` command. */
export function sourceArguments({ asBundle, sources }: TestProject): string[] {
  return asBundle ? ['--bundle', ...sources] : [...sources];
}

/** Runs `opa test` with so many more arguments. */
export function opaTest(project: TestProject, ...args: readonly string[]): Promise<OpaRun> {
  const all = ['test', `--schema=${project.schemas}`, ...args, ...sourceArguments(project)];
  return runOpa(project.opa, all, { cwd: project.directory });
}
