import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BundleError } from '../error.js';
import { adviceFor, withoutForbidden } from '../forbidden-builtins.js';
import { runOpa } from '../opa.js';
import { findUnheardRules } from '../unheard-rules.js';
import { sourceArguments, type TestProject } from './project.js';

/**
 * Checks policies and tests as a build does: their syntax, their types against the schemas, and that they call only
 * what may be called in a gateway.
 *
 * @throws BundleError `policy_invalid` with the compiler's own words
 */
export async function checkSources(project: TestProject): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'regate-check-'));
  try {
    const capabilities = join(directory, 'capabilities.json');
    await writeCapabilities(project.opa, capabilities);
    await checkTypes(project, capabilities);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * A misspelt rule is valid Rego and passes its own tests, and the gateway would never hear it.
 *
 * @throws BundleError `policy_invalid` with a sentence for each
 */
export async function mustBeHeard({ opa, directory, sources }: TestProject): Promise<void> {
  refuseUnheard(await findUnheardRules(opa, directory, sources));
}

/** @param complaints a sentence for each rule; @throws BundleError `policy_invalid` where there are any */
export function refuseUnheard(complaints: readonly string[]): void {
  if (complaints.length === 0) return;
  throw new BundleError('policy_invalid', complaints.join('\n'), 'Rename what is meant to be heard.');
}

/** Writes OPA's list of what a policy may call in a gateway into a file. @throws BundleError `opa_failed` */
export async function writeCapabilities(opa: string, file: string): Promise<void> {
  const { stdout, stderr, status } = await runOpa(opa, ['capabilities', '--current']);
  if (status !== 0) {
    throw new BundleError('opa_failed', `\`opa capabilities\` failed: ${stderr.trim()}`, 'Run it by hand.');
  }
  await writeFile(file, withoutForbidden(stdout));
}

/** Checks syntax and types. @param capabilities the file with what may be called; @throws BundleError `policy_invalid` */
export async function checkTypes(project: TestProject, capabilities: string): Promise<void> {
  const { status, stdout, stderr } = await runOpa(
    project.opa,
    [
      'check',
      '--strict',
      `--schema=${project.schemas}`,
      `--capabilities=${capabilities}`,
      ...sourceArguments(project),
    ],
    { cwd: project.directory },
  );
  if (status === 0) return;
  const said = `${stderr}${stdout}`.trim();
  throw new BundleError('policy_invalid', said, adviceFor(said) ?? 'Correct it at the lines named.');
}
