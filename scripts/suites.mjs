import { run } from './command.mjs';
import { ROOT } from './stamp.mjs';

/**
 * @typedef {{passed: number, failed: number, skipped?: number, about?: string, output?: string}} Outcome `about` says
 * what was looked at where a number does not; `output` is shown where something failed
 */

/** @type {readonly [name: string, check: () => Promise<Outcome>][]} */
export const STATIC_SUITES = [
  ['types', () => staticCheck('node_modules/typescript/bin/tsc', '-p', 'test', '--pretty', 'false')],
  [
    'web',
    () => staticCheck('node_modules/typescript/bin/tsc', '-p', 'src/web', '--noEmit', '--pretty', 'false'),
  ],
  ['style', () => staticCheck('node_modules/@biomejs/biome/bin/biome', 'check', '--no-errors-on-unmatched')],
  ['rego', rego],
];

/** @param {string[]} command a JavaScript file below the root, and its arguments */
async function staticCheck(...command) {
  const { code, output } = await run(process.execPath, command, { cwd: ROOT });
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1, output };
}

/** The policies' checks print their own count: `rego: N passed, N failed`. */
async function rego() {
  const { code, output } = await run(process.execPath, ['scripts/check-rego.mjs'], { cwd: ROOT });
  const [, passed, failed] = /^rego: (\d+) passed, (\d+) failed$/m.exec(output) ?? [];
  return counted(code, Number(passed ?? 0), Number(failed ?? 0), output);
}

/**
 * A suite that ended badly without naming a failure has failed all the same; so has one that tested nothing.
 *
 * @param {number} code the exit code
 * @param {number} passed
 * @param {number} failed
 * @param {string} [output]
 * @returns {Outcome}
 */
export function counted(code, passed, failed, output) {
  const unnamed = failed === 0 && (code !== 0 || passed === 0) ? 1 : 0;
  return { passed, failed: failed + unnamed, output };
}

/**
 * Runs suites one after the other, whatever fails, and prints what each took. The last line counts over all of them;
 * the exit code is 1 if anything failed.
 *
 * @param {typeof STATIC_SUITES} suites
 */
export async function runSuites(suites) {
  let passed = 0;
  let failed = 0;
  for (const [name, check] of suites) {
    const started = Date.now();
    const outcome = await check();
    passed += outcome.passed;
    failed += outcome.failed;
    if (outcome.failed > 0 && outcome.output) process.stdout.write(`${outcome.output.trimEnd()}\n`);
    const verdict = outcome.failed === 0 ? 'ok' : `${outcome.failed} FAILED`;
    const skipped = outcome.skipped ? `, ${outcome.skipped} skipped` : '';
    const about = outcome.about ?? `${outcome.passed} passed${skipped}`;
    const seconds = ((Date.now() - started) / 1_000).toFixed(1);
    process.stdout.write(`${name.padEnd(6)} ${verdict} (${about}) in ${seconds} s\n`);
  }
  process.exitCode = failed === 0 ? 0 : 1;
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
}
