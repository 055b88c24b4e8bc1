import { type EvaluateRules, locateOpa, type RuleOutcome, runTests } from '../../src/bundles/index.js';
import { type Files, removeScratch, scratchPath, TINY, writeFiles } from './project.js';

afterAll(removeScratch);

/** Runs the tests of a project, the engine answering each entrypoint as given. */
async function run(files: Files, answers: Readonly<Record<string, RuleOutcome>>, asBundle = false) {
  const directory = await scratchPath();
  await writeFiles(directory, files);
  const asked: string[] = [];
  const evaluate: EvaluateRules = async ({ wasm, data }, entrypoints) => {
    expect(wasm.subarray(0, 4).toString('latin1')).toBe('\0asm');
    expect(JSON.parse(data.toString())).toBeInstanceOf(Object);
    asked.push(...entrypoints);
    return new Map(Object.entries(answers));
  };
  const project = { opa: await locateOpa(), directory, sources: ['rego'], schemas: 'schemas', asBundle };
  return { ...(await runTests(project, evaluate)), asked };
}

const PASSES: RuleOutcome = { value: true, milliseconds: 1 };

test('each test is an entrypoint, also of a folder that is laid out as a bundle', async () => {
  const name = 'elsewhere/main_test/test_admins_may';
  const { results, asked, coverage } = await run(TINY, { [name]: PASSES }, true);
  expect(asked).toEqual([name]);
  expect(results).toMatchObject([{ state: 'passed', endings: { wasm: { milliseconds: 1 } } }]);
  expect(coverage).toBeUndefined();
});

const CASES: Files = {
  'schemas/input.schema.json': '{}',
  'rego/cases_test.rego': `package cases["a-b"]

test_cases[note][n] if {
	some note in ["one", "two"]
	some n in [1, 2]
}
`,
};
const ENTRYPOINT = 'cases/a-b/test_cases';

test.each<[why: string, outcome: RuleOutcome | undefined, state: string, words: string]>([
  [
    'all cases pass',
    { value: { one: { 1: true, 2: true }, two: { 1: true, 2: true } }, milliseconds: 1 },
    'passed',
    'passed',
  ],
  [
    'a case is missing',
    { value: { one: { 1: true, 2: true }, two: { 1: true } }, milliseconds: 1 },
    'differs',
    'failed',
  ],
  [
    'a case is false',
    { value: { one: { 1: true, 2: false }, two: { 1: true, 2: true } }, milliseconds: 1 },
    'differs',
    'failed',
  ],
  [
    'there is one more case',
    { value: { one: { 1: true, 2: true }, two: { 1: true, 2: true, 3: true } }, milliseconds: 1 },
    'differs',
    'passed',
  ],
  ['it is true without cases', { value: true, milliseconds: 1 }, 'differs', 'failed'],
  ['it is an empty object', { value: {}, milliseconds: 1 }, 'differs', 'failed'],
  ['it is undefined', { value: undefined, milliseconds: 1 }, 'differs', 'undefined'],
  [
    'the engine failed',
    { failure: 'the policy failed: out of memory' },
    'differs',
    'the policy failed: out of memory',
  ],
  ['the engine forgot it', undefined, 'differs', 'it was not run'],
])('where %s in WebAssembly, that is told', async (_why, outcome, state, words) => {
  const { results } = await run(CASES, outcome === undefined ? {} : { [ENTRYPOINT]: outcome });
  expect(results).toMatchObject([{ state, endings: { opa: { words: 'passed' }, wasm: { words } } }]);
});

test('without any test nothing is compiled', async () => {
  const { results, asked, coverage } = await run(
    { ...CASES, 'rego/cases_test.rego': 'package p\n\nx := 1\n' },
    {},
  );
  expect([results, asked, coverage]).toEqual([[], [], undefined]);
});
