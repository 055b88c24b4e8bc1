/** Runs the official suite against one endpoint. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, SetupError } from '../../../scripts/command.mjs';
import { FOLDER, newerNode } from './dependencies.mjs';

/** The suite runs every scenario in one process and gives up on each after 30 s. */
export const CLI = join(FOLDER, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');
const RESULT_FOLDER = /^server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/;

/**
 * One check, as the suite reported it. An id may come more than once, in one scenario too.
 *
 * @typedef {{scenario: string, id: string, name: string, status: string, why: string}} Check
 */

/**
 * Runs all that a revision of MCP requires of servers, and what the suite reports beside it.
 *
 * @param {string} url
 * @param {string} revision such as `2025-11-25`
 * @returns {Promise<Check[]>} those that passed, failed or warned
 * @throws {SetupError} where the suite did not run
 */
export async function runSuite(url, revision) {
  const results = await mkdtemp(join(tmpdir(), 'regate-conformance-results-'));
  try {
    const args = [CLI, 'server', '--url', url, '--requirements', revision, '--output-dir', results];
    const { output } = await run(newerNode(), args, { cwd: results });
    const checks = await readResults(results);
    // Its exit code says the same of a failed check and of a broken suite.
    if (checks.length === 0) {
      throw new SetupError('The conformance suite checked nothing.', 'See above what it said.', output);
    }
    return checks;
  } finally {
    await rm(results, { recursive: true, force: true });
  }
}

/** @param {string} folder with a folder for each scenario */
async function readResults(folder) {
  const scenarios = (await readdir(folder)).sort().map(async (name) => {
    const scenario = RESULT_FOLDER.exec(name)?.[1];
    if (scenario === undefined) throw new Error(`the suite wrote ${name}, which is no scenario's result`);
    return readScenario(scenario, join(folder, name, 'checks.json'));
  });
  return (await Promise.all(scenarios)).flat();
}

/**
 * @param {string} scenario
 * @param {string} file
 * @returns {Promise<Check[]>}
 */
export async function readScenario(scenario, file) {
  let reported;
  try {
    reported = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    // The suite counts a scenario that threw as one failure, and leaves its folder empty.
    return [{ scenario, id: scenario, name: scenario, status: 'FAILURE', why: 'the scenario broke off' }];
  }
  return reported
    .filter(({ status }) => ['SUCCESS', 'FAILURE', 'WARNING'].includes(status))
    .map(({ id, name, status, errorMessage = '' }) => ({ scenario, id, name, status, why: errorMessage }));
}
