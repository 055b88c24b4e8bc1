/**
 * `npm test`: the set-up, then every check there is, in order. All of them run, so that one look shows all that is
 * broken; the last line counts over all. Arguments go to jest: `npm test -- masking`.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installConformance } from '../test/conformance/mcp/dependencies.mjs';
import { outputSuite, startRecording } from '../test/output/suite.mjs';
import { run, SetupError } from './command.mjs';
import { setUpOrExit } from './setup.mjs';
import { ROOT } from './stamp.mjs';
import { counted, runSuites, STATIC_SUITES } from './suites.mjs';

/**
 * Jest shows its progress itself; the numbers are read from its report.
 *
 * @param {readonly string[]} args
 */
async function jest(args) {
  const folder = mkdtempSync(join(tmpdir(), 'regate-test-'));
  const report = join(folder, 'jest.json');
  try {
    const code = await show(process.execPath, [
      ...jestFlags(),
      'node_modules/jest/bin/jest.js',
      '--json',
      `--outputFile=${report}`,
      ...args,
    ]);
    const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites } = JSON.parse(
      readFileSync(report, 'utf8'),
    );
    const outcome = counted(code, numPassedTests, numFailedTests + numRuntimeErrorTestSuites);
    return { ...outcome, skipped: numPendingTests };
  } catch (error) {
    if (error.code === 'ENOENT') return { passed: 0, failed: 1, output: 'jest wrote no report' };
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** ES modules in jest need a flag of Node's, about which Node would warn at each start. */
function jestFlags() {
  return [
    '--experimental-vm-modules',
    ...(canDisableOneWarning() ? ['--disable-warning=ExperimentalWarning'] : []),
  ];
}

function canDisableOneWarning() {
  return process.allowedNodeEnvironmentFlags.has('--disable-warning');
}

/**
 * Runs a command whose stderr is shown as it comes.
 *
 * @returns {Promise<number>} its exit code
 */
function show(command, args) {
  const env = canDisableOneWarning() ? process.env : { ...process.env, NODE_NO_WARNINGS: '1' };
  return new Promise((resolve, reject) => {
    spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'ignore', 'inherit'] })
      .on('error', reject)
      .on('close', (code) => resolve(code ?? 1));
  });
}

/**
 * The SDK of MCP 2026-07-28 comes with the official suite. Elsewhere the tests that need it are skipped until somebody runs
 * the suite; in continuous integration they fail without it.
 */
async function sdk() {
  try {
    await installConformance();
    return { passed: 1, failed: 0 };
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return { passed: 0, failed: 1, output: `${error.output}\n${error.message}\n${error.nextStep}` };
  }
}

/**
 * The official suites of MCP and OPA fetch tools and cases of their own and take minutes, so they run where everything
 * does: in continuous integration.
 *
 * @param {'mcp' | 'opa'} suite
 */
async function conformance(suite) {
  const { code, output } = await run(process.execPath, [`scripts/conformance-${suite}.mjs`], { cwd: ROOT });
  const [, passed, failed, skipped] = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/m.exec(output) ?? [];
  return {
    ...counted(code, Number(passed ?? 0), Number(failed ?? 0), output),
    skipped: Number(skipped ?? 0),
  };
}

await setUpOrExit();
const args = process.argv.slice(2);
const recorded = startRecording();
await runSuites([
  ...STATIC_SUITES,
  ...(process.env['CI'] ? [['sdk', sdk]] : []),
  ['jest', () => jest(args)],
  ...(process.env['CI'] && args.length === 0
    ? [
        ['mcp', () => conformance('mcp')],
        ['opa', () => conformance('opa')],
      ]
    : []),
  ['output', () => outputSuite(recorded, args.length === 0)],
]);
