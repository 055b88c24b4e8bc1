import { BundleError } from '../error.js';
import type { TestResult } from './judge.js';
import type { TestRun } from './run-tests.js';

/**
 * Refuses to build on tests that fail in one of the engines, or are not run at all.
 *
 * @throws BundleError `tests_failed` with each of them
 */
export function mustPass({ results }: TestRun): void {
  const others = results.filter(({ state }) => state !== 'passed');
  if (others.length === 0) return;
  throw new BundleError(
    'tests_failed',
    others.map(complaint).join('\n'),
    'Correct the policy or the test; nothing is built before each passes in both engines. `regate test` shows more.',
  );
}

function complaint({ file, line, package: path, name, state, endings, explanation }: TestResult): string {
  const said: Record<TestResult['state'], string> = {
    passed: 'passed',
    failed: 'failed',
    differs: `ended as ${endings?.opa.words} in OPA, and as ${endings?.wasm.words} in the engine of gateways`,
    skipped: 'is skipped, and must be a test_',
  };
  const shown = explanation === '' ? '' : `\n${explanation}`;
  return `${file}:${line}: ${path}.${name} ${said[state]}${shown}`;
}
