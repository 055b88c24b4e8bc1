/** Runs the suite's scenarios of authorization as they are: its servers, and the official SDK's clients. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, SetupError } from '../../../../scripts/command.mjs';
import { newerNode } from '../dependencies.mjs';
import { CLI, readScenario } from '../suite.mjs';

const CLIENT = fileURLToPath(new URL('client.mjs', import.meta.url));
/** What the suite chooses its scenarios by, for the client of each version. */
const RUNS = {
  '2025-11-25': [
    ['--suite', 'auth', '--spec-version', '2025-11-25'],
    ['--suite', 'extensions'],
    ['--scenario', 'auth/2025-03-26-oauth-metadata-backcompat'],
    ['--scenario', 'auth/2025-03-26-oauth-endpoint-fallback'],
  ],
  '2026-07-28': [
    ['--suite', 'auth', '--spec-version', '2026-07-28'],
    ['--suite', 'draft'], // what is new in it; of these, too, only those of authorization are read
    ['--suite', 'extensions'],
  ],
};
const GROUP = 'auth';
const RESULT_FOLDER = /^(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/;

/**
 * @param {string} version of the SDK's client
 * @returns {Promise<import('../suite.mjs').Check[]>} those that passed, failed or warned
 * @throws {SetupError} where the suite did not run
 */
export async function runDirectly(version) {
  const results = await mkdtemp(join(tmpdir(), 'regate-conformance-results-'));
  const node = newerNode();
  try {
    let said = '';
    for (const choice of RUNS[version]) {
      const args = [
        'client',
        '--command',
        `${node} ${CLIENT} ${version}`,
        ...choice,
        '--output-dir',
        results,
      ];
      said += (await run(node, [CLI, ...args], { cwd: results })).output;
    }
    const checks = await readResults(join(results, GROUP));
    if (checks.length === 0)
      throw new SetupError('The conformance suite checked nothing.', 'See above what it said.', said);
    return checks;
  } finally {
    await rm(results, { recursive: true, force: true });
  }
}

/** @returns {Promise<string[]>} the names of all scenarios of authorization that there are for clients */
export async function allScenarios() {
  const { output } = await run(newerNode(), [CLI, 'list', '--client']);
  return [...output.matchAll(/^ {2}- (auth\/\S+)/gm)].map(([, name]) => name);
}

async function readResults(folder) {
  const scenarios = (await readdir(folder)).sort().map(async (name) => {
    const scenario = RESULT_FOLDER.exec(name)?.[1];
    if (scenario === undefined) throw new Error(`the suite wrote ${name}, which is no scenario's result`);
    return readScenario(`${GROUP}/${scenario}`, join(folder, name, 'checks.json'));
  });
  return (await Promise.all(scenarios)).flat();
}
