import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { locateOpa, runOpa } from '../../src/bundles/index.js';
import { inputReads } from '../../src/bundles/input-reads.js';
import { parseModules } from '../../src/bundles/modules.js';
import { prune } from '../policy/prune.js';
import { removeScratch, scratchPath, writeFiles } from './project.js';

interface Case {
  readonly why: string;
  /** Of the package `t`; the entrypoint is `t/p`. */
  readonly rego: string;
  /** More modules. */
  readonly others?: readonly string[];
  readonly reads: readonly (readonly string[])[];
}
const cases: Case[] = JSON.parse(
  readFileSync(new URL('../cases/bundles/input-reads.json', import.meta.url), 'utf8'),
);

let opa: string;
beforeAll(async () => {
  opa = await locateOpa();
});
afterAll(removeScratch);

async function readsOf(rego: string, others: readonly string[]) {
  const root = await scratchPath();
  const modules = [`package t\n\n${rego}\n`, ...others];
  await writeFiles(
    root,
    Object.fromEntries([
      ...modules.map((text, index) => [`rego/${index}.rego`, text]),
      ['rego/0_test.rego', 'package t\n\ntest_p if p with input.tested as 1\n\nx := input.untested\n'],
    ]),
  );
  return { root, reads: inputReads(await parseModules(opa, root, ['rego']), 't/p') };
}

/** What real OPA answers for each input, and for what is read of each. */
async function answers(root: string, inputs: readonly unknown[], reads: Case['reads']) {
  const docs = { whole: inputs, pruned: inputs.map((input) => prune(input, reads)) };
  await writeFiles(root, { 'docs/docs/data.json': JSON.stringify(docs) });
  const each = (kind: string) => `{i: p | some i, doc in data.docs.${kind}; p := data.t.p with input as doc}`;
  const query = `x := {"whole": ${each('whole')}, "pruned": ${each('pruned')}}`;
  const args = ['eval', '--format=json', '-d', 'rego', '-d', 'docs', query];
  const { stdout } = await runOpa(opa, args, { cwd: root });
  const { result } = JSON.parse(stdout);
  if (result === undefined) throw new Error(stdout);
  return result[0].bindings.x;
}

const NAMES = ['a', 'b', 'c', 'd', 'k', 'other', 'message', 'method', 'ab'];
const { input: INPUT } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(0, 1, true, false, null, '', 'a', 'b', 'c'),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('input'),
  ),
  input: fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 6 }),
}));
const INPUTS = fc.sample(INPUT, { numRuns: 60, seed: 1 });

test.each(cases)('$why', async ({ rego, others = [], reads: expected }) => {
  const { root, reads } = await readsOf(rego, others);
  expect(reads).toEqual(expected);
  const { whole, pruned } = await answers(root, INPUTS, reads);
  expect(pruned).toEqual(whole);
});

/** References, and statements that bind `v` to what they see of some. */
const REFERENCE = fc.constantFrom(
  'input.a',
  'input.a.b',
  'input.a.b.c',
  'input.b',
  'input.c.a',
  'input["c"].b',
  'input.b[input.k]',
);
const STATEMENTS: readonly ((one: string, other: string) => string)[] = [
  (one) => `v := ${one}`,
  (one, other) => `${one} == ${other}; v := 1`,
  (one) => `m := ${one}; v := m.b`,
  (one) => `m := ${one}; not m.b; v := 1`,
  (one, other) => `${one}.b; m := ${one}; v := _reader with input.c as m; ${other}`,
  (one, other) => `${one}; m := ${other}; v := m`,
  (one) => `x := ${one}; not x == false; v := is_object(x)`,
  (one) => `some k, x in ${one}; v := [k, x]`,
  (one) => `every x in ${one} { x != 1 }; v := 1`,
  (one) => `v := [x | x := ${one}[_]]`,
  (one) => `v := count(${one})`,
  (one) => `walk(${one}, [_, x]); v := x`,
  (one) => `v := _function(${one})`,
  (one) => `v := _reader with input.c as ${one}`,
  (one) => `v := _reader with input as {"c": {"a": ${one}}}`,
  (one) => `v := data.other[_].q with input.b.c as ${one}`,
  (one) => `v := $"{${one}}"`,
  (one, other) => `v := object.union(${one}, ${other})`,
];
const POLICY = fc
  .array(fc.tuple(fc.constantFrom(...STATEMENTS), REFERENCE, REFERENCE), { minLength: 1, maxLength: 4 })
  .map((drawn) => {
    const rules = drawn.map(
      ([statement, one, other], index) => `p contains [${index}, v] if { ${statement(one, other)} }`,
    );
    return ['_reader := [input.c.a, 1] if input.c.a', '_function(x) := x.b', ...rules].join('\n\n');
  });
const OTHERS = fc
  .tuple(REFERENCE, REFERENCE, REFERENCE)
  .map(([one, two, three]) => [
    `package other.one\n\nq contains ${one}`,
    `package other.two\n\nq := 1 if ${two} == 1\n\nelse := [x | x := ${three}]`,
  ]);

test('what is not read changes nothing in real OPA', async () => {
  await fc.assert(
    fc.asyncProperty(POLICY, OTHERS, async (rego, others) => {
      const { root, reads } = await readsOf(rego, others);
      const { whole, pruned } = await answers(root, INPUTS, reads);
      expect(pruned).toEqual(whole);
    }),
    { numRuns: 25 },
  );
}, 60_000);
