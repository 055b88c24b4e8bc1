import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SUITES = fileURLToPath(new URL('../../scripts/suites.mjs', import.meta.url));

/** Runs suites given as JavaScript expressions, in a process of its own. */
function run(...suites: string[]) {
  const rows = suites.map((suite, index) => `['suite${index}', async () => (${suite})]`);
  const program = `import { counted, runSuites } from ${JSON.stringify(SUITES)}; await runSuites([${rows}]);`;
  const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  return { lines: stdout.trimEnd().split('\n'), status };
}

test('the last line counts over all suites, and alone', () => {
  const { lines, status } = run('{ passed: 2, failed: 0 }', '{ passed: 40, failed: 0, skipped: 1 }');
  expect(lines.at(-1)).toBe('42 passed, 0 failed');
  expect(lines.at(-2)).toBe('');
  expect(lines).toContainEqual(expect.stringMatching(/^suite1 ok \(40 passed, 1 skipped\) in [\d.]+ s$/));
  expect(status).toBe(0);
});

test('a suite may say what it looked at in place of a number', () => {
  const { lines } = run("{ passed: 1, failed: 0, about: '3 files' }");
  expect(lines[0]).toMatch(/^suite0 ok \(3 files\) in [\d.]+ s$/);
});

test('a failing suite shows what it said, the others run all the same, and the exit code is 1', () => {
  const { lines, status } = run('{ passed: 1, failed: 1, output: "why" }', '{ passed: 3, failed: 0 }');
  expect(lines[0]).toBe('why');
  expect(lines.at(-1)).toBe('4 passed, 1 failed');
  expect(status).toBe(1);
});

test.each([
  ['ended badly without naming a failure', 'counted(1, 5, 0)', '5 passed, 1 failed'],
  ['tested nothing', 'counted(0, 0, 0)', '0 passed, 1 failed'],
  ['named its failures', 'counted(1, 5, 2)', '5 passed, 2 failed'],
])('a suite that %s has failed', (_why, suite, last) => {
  const { lines, status } = run(suite);
  expect(lines.at(-1)).toBe(last);
  expect(status).toBe(1);
});
