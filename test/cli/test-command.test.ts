import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { startRegate } from '../command.js';
import { policyProject, regateTest, removeProjects, write } from './policy-project.js';
import { type Element, readXml } from './xml.js';

afterAll(removeProjects);

// Each test starts OPA several times.
jest.setTimeout(120_000);

const POLICY = `package policies.a

deny contains "no" if {
	input.x == 2
	not data.settings.off
}

deny contains "never" if {
	input.y
	input.z
}
`;
const TEST = `package policies_test.a

import data.policies.a

test_two_is_denied if a.deny == {"no"} with input as {"x": 2}

test_settings_are_heeded if a.deny == set() with input as {"x": 2} with data.settings.off as true

test_without_input if not input
`;
const PASSING = {
  'rego/policies/a/a.rego': POLICY,
  'rego/policies/a/a_test.rego': TEST,
  'rego/settings/data.json': '{"off": false}',
};
const withTest = (rule: string) =>
  policyProject({ ...PASSING, 'rego/b_test.rego': `package policies_test.b\n\n${rule}\n` });

test('a project whose tests pass ends with 0, a row for its package and what no test covers', async () => {
  const { status, stdout, stderr } = await regateTest(policyProject(PASSING));
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^policies_test\.a +3 +3 +0 +0 +0 +[\d.]+ ms +[\d.]+ ms$/m);
  expect(stdout).toMatch(/^rego\/policies\/a\/a\.rego +50 % +8-10$/m);
  expect(stdout).toMatch(/\n3 tests passed, in OPA and in WebAssembly\.\n$/);
});

test('a test that fails is shown with its place, the values of the expression, and what it printed', async () => {
  const { status, stdout } = await regateTest(
    withTest('test_fails if {\n\tprint("seen\\u001b[31m", 1)\n\ty := 3\n\ty == 4\n}'),
  );
  expect(status).toBe(1);
  expect(stdout).toContain('FAILED  rego/b_test.rego:3  policies_test.b.test_fails\n');
  expect(stdout).toContain('in OPA: failed; in WebAssembly: undefined\n');
  expect(stdout).toMatch(/rego\/b_test\.rego:6:\n +y == 4\n +\|\n +3\n/);
  expect(stdout).toContain('it printed:\n    seen\\u001b[31m 1\n');
  expect(stdout).toContain('Of 4 tests, 3 passed in OPA and in WebAssembly, 1 failed.');
  expect(stdout).not.toContain('COVERED');
});

test.each([
  ['test_x := false', 'in OPA: failed; in WebAssembly: it is false, not true'],
  ['test_x := {"a": true}', 'in OPA: failed; in WebAssembly: it is {"a":true}, not true'],
  ['test_x contains 1', 'in OPA: failed; in WebAssembly: it is [1], not true'],
  [
    'test_x if f(1) == 1\n\nf(x) := 1 if x > 0\n\nf(x) := 2 if x > -1',
    'in OPA: eval_conflict_error: function data.policies_test.b.f produced conflicting values',
  ],
])('%j fails in both engines', async (rule, words) => {
  const { status, stdout } = await regateTest(withTest(rule), '--run', 'test_x');
  expect([status, stdout]).toEqual([1, expect.stringContaining(words)]);
  expect(stdout).toContain('Of 1 test, 0 passed in OPA and in WebAssembly, 1 failed.');
});

test('a test that passes in one engine only differs, and is told with both outcomes', async () => {
  // OPA unites no objects to an empty one; its WebAssembly has no answer.
  const { status, stdout } = await regateTest(
    withTest('test_none if not object.union_n([])\n\ntest_empty if object.union_n([]) == {}'),
  );
  expect(status).toBe(1);
  expect(stdout).toContain(
    'DIFFERS  rego/b_test.rego:3  policies_test.b.test_none\n  in OPA: failed; in WebAssembly: passed\n',
  );
  expect(stdout).toContain(
    'DIFFERS  rego/b_test.rego:5  policies_test.b.test_empty\n  in OPA: passed; in WebAssembly: undefined\n',
  );
  expect(stdout).toContain('2 passed in one of the two only.');
});

const ENDLESS = `test_endless if {
\tall := numbers.range(1, 100000)
\tevery x in all { every y in all { x * y > 0 } }
}`;

test('a test that does not end in WebAssembly is named, and those after it run', async () => {
  const { status, stdout } = await regateTest(
    withTest(`${ENDLESS}\n\ntest_next if true`),
    '--run=test_(endless|next)',
  );
  expect(status).toBe(1);
  expect(stdout).toMatch(
    /rego\/b_test\.rego:3 {2}policies_test\.b\.test_endless\n {2}in OPA: .*within 5000 ms/,
  );
  expect(stdout).toMatch(/^Of 2 tests, 1 passed in OPA and in WebAssembly/m);
});

test('of a test with cases each case is run, and those that fail are named', async () => {
  const cases = `test_even[note] if {
	some note, n in {"two": 2, "three": 3, "four": 4}
	n % 2 == 0
}

test_grid[a][b] if {
	some a in ["p", "q"]
	some b in [1, 2]
	b == 1
}

test_no_cases[x] if {
	some x in []
}

test_all[x] if {
	some x in ["a", 1, null, [1], {"b": 2}]
}`;
  const run = await regateTest(withTest(cases), '--json', '--run=policies_test.b');
  expect(run.status).toBe(1);
  const { tests } = JSON.parse(run.stdout);
  expect(tests.map(({ name, state }: Record<string, unknown>) => [name, state])).toEqual([
    ['test_even', 'failed'],
    ['test_grid', 'failed'],
    ['test_no_cases', 'passed'],
    ['test_all', 'passed'],
  ]);
  expect(tests[0].cases).toEqual([
    { name: 'four', opa: true, wasm: true },
    { name: 'three', opa: false, wasm: false },
    { name: 'two', opa: true, wasm: true },
  ]);
  expect(tests[1].cases).toContainEqual({ name: 'q / 1', opa: true, wasm: true });
  expect(tests[1].cases).toContainEqual({ name: 'q / 2', opa: false, wasm: false });
  expect(tests[3].cases).toHaveLength(5);
});

test('a test that is put off is skipped, and fails the run as it fails a build', async () => {
  const { status, stdout, stderr } = await regateTest(withTest('todo_test_later if false'));
  expect(status).toBe(1);
  expect(stdout).toContain('Of 4 tests, 3 passed in OPA and in WebAssembly, 1 skipped.');
  expect(stderr).toContain('rego/b_test.rego:3: todo_test_later is skipped');
});

test.each([
  ['no test', { 'rego/a.rego': POLICY }, [], 'there is no test in rego'],
  ['none that matches', PASSING, ['--run', 'nothing'], 'no test in rego matches nothing'],
  ['no folder', PASSING, ['elsewhere'], 'cannot read elsewhere'],
  ['no schemas', PASSING, ['--schemas', 'elsewhere'], 'cannot read elsewhere'],
  ['a broken pattern', PASSING, ['--run', '('], 'missing closing )'],
  ['an impossible threshold', PASSING, ['--threshold', '101'], 'no number from 0 to 100'],
  ['coverage of some tests', PASSING, ['--threshold', '9', '--run', 'a'], 'Leave out --run or --threshold'],
  ['a report that cannot be written', PASSING, ['--output', 'no/report.json'], 'cannot write no/report.json'],
  ['an unknown format', PASSING, ['--format', 'tap'], 'table, json, junit'],
])('%s ends with 2', async (_what, files, args, words) => {
  const { status, stderr } = await regateTest(policyProject(files), ...args);
  expect([status, stderr]).toEqual([2, expect.stringContaining(words)]);
});

test.each([
  ['a syntax error', 'test_x if {', 'rego/b_test.rego:4: rego_parse_error'],
  [
    'a name that stands twice',
    'test_x if true\n\ntest_x if 1 == 1',
    'rego/b_test.rego:5: there is another test_x',
  ],
  [
    'a function that no gateway runs',
    'test_x if opa.runtime().env',
    /rego\/b_test\.rego:3: .*undefined function opa\.runtime[\s\S]*put the settings it would read into the bundle/,
  ],
])('%s ends with 1 before any test runs', async (_what, rule, words) => {
  const { status, stdout, stderr } = await regateTest(withTest(rule));
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(words instanceof RegExp ? words : new RegExp(words.replaceAll('.', '\\.')));
});

test('a rule that the composer would not hear ends with 1', async () => {
  const misspelt = POLICY.replaceAll('deny', 'denny');
  const { status, stderr } = await regateTest(
    policyProject({ ...PASSING, 'rego/policies/m/m.rego': misspelt.replace('.a', '.m') }),
  );
  expect([status, stderr]).toEqual([1, expect.stringContaining('denny is none of allow, deny')]);
});

test('coverage below the threshold ends with 1', async () => {
  const directory = policyProject(PASSING);
  const below = await regateTest(directory, '--threshold', '50.1');
  expect([below.status, below.stderr]).toEqual([
    1,
    'Coverage is 50 %, below the 50.1 % that --threshold asks for.\n',
  ]);
  expect((await regateTest(directory, '--threshold', '50')).status).toBe(0);
});

test('the JSON report says all that the table says', async () => {
  const { stdout } = await regateTest(policyProject(PASSING), '--format', 'json');
  expect(JSON.parse(stdout)).toMatchObject({
    summary: { tests: 3, passed: 3, failed: 0, differ: 0, skipped: 0 },
    tests: [
      {
        package: 'policies_test.a',
        name: 'test_two_is_denied',
        file: 'rego/policies/a/a_test.rego',
        line: 5,
        state: 'passed',
        endings: { opa: { passed: true }, wasm: { passed: true } },
      },
      { name: 'test_settings_are_heeded' },
      { name: 'test_without_input' },
    ],
    coverage: {
      percent: 50,
      files: [{ file: 'rego/policies/a/a.rego', percent: 50, uncovered: [{ first: 8, last: 10 }] }],
    },
  });
});

const HOSTILE = `test_hostile[note] if {
	some note, n in {"<a>&\\"'\\u0007\\ud7ff]]>": 1}
	print("<b>\\u0000\\ufffe", note)
	n == 2
}

todo_test_later if true`;

test('the JUnit report is well-formed whatever tests say, and the table goes with it to the log', async () => {
  const directory = withTest(HOSTILE);
  const { status, stdout } = await regateTest(directory, '--format=junit', '--output=report.xml');
  expect([status, stdout]).toEqual([1, expect.stringContaining('Of 5 tests, 3 passed')]);
  const root = readXml(readFileSync(join(directory, 'report.xml'), 'utf8'));
  expect(root).toMatchObject({ name: 'testsuites', attributes: { tests: '5', failures: '1', errors: '0' } });
  expect(
    root.children.map(({ name, attributes }) => [name, attributes['name'], attributes['skipped']]),
  ).toEqual([
    ['testsuite', 'policies_test.b', '1'],
    ['testsuite', 'policies_test.a', '0'],
  ]);
  const [hostile, later] = root.children[0]?.children ?? [];
  expect(hostile).toMatchObject({ name: 'testcase', attributes: { classname: 'policies_test.b' } });
  expect(hostile?.children.map(({ name }) => name)).toEqual(['failure', 'system-out']);
  expect(hostile?.children[0]?.text).toContain(`case <a>&"'\ufffd\ud7ff]]>: failed in OPA`);
  expect(hostile?.children[1]?.text).toContain('<b>\ufffd\ufffd <a>&');
  expect(later?.children).toEqual([{ name: 'skipped', attributes: {}, children: [], text: '' }]);
  expect(times(root)).toEqual(expect.arrayContaining([expect.stringMatching(/^\d+\.\d{6}$/)]));
});

function times({ attributes, children }: Element): string[] {
  return [...(attributes['time'] === undefined ? [] : [attributes['time']]), ...children.flatMap(times)];
}

test('--watch runs the tests again on a change, outlives a broken policy, and ends on SIGINT', async () => {
  const directory = policyProject(PASSING);
  const { process: child, output } = startRegate(['test', '--watch'], { directory });
  let read = 0;
  let seen: (() => void) | undefined;
  child.on('exit', () => seen?.());
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', () => seen?.());
  /** Waits until a run is over, answers what was written since the one before. */
  const nextRun = async () => {
    while (!output().slice(read).includes('Ctrl-C ends it.\n')) {
      if (child.exitCode !== null) throw new Error(`it ended: ${output()}`);
      await new Promise<void>((resolve) => {
        seen = resolve;
      });
    }
    const run = output().slice(read);
    read += run.length;
    return run;
  };
  expect(await nextRun()).toContain('3 tests passed');
  write(directory, { 'rego/notes.txt': 'no source' });
  write(directory, { 'rego/policies/a/a.rego': 'package policies.a\n\ndeny contains {' });
  const broken = await nextRun();
  expect(broken).toContain('a.rego changed.');
  expect(broken).not.toContain('notes.txt');
  expect(broken).toContain('rego_parse_error');
  write(directory, {
    'rego/policies/a/a.rego': POLICY,
    'rego/new/n_test.rego': 'package n_test\n\ntest_n if true\n',
  });
  expect(await nextRun()).toContain('4 tests passed');
  write(directory, { 'rego/new/n_test.rego': 'package n_test\n\ntest_n if false\n' });
  expect(await nextRun()).toContain('1 failed');
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([0, null]);
});
