import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { locateOpa } from '../../src/bundles/index.js';
import { inputReads } from '../../src/bundles/input-reads.js';
import { parseModules } from '../../src/bundles/modules.js';
import {
  compileReads,
  inputBytes,
  type PolicyInput,
  prunedInput,
  type ReadTree,
} from '../../src/policy/input.js';
import { type Ask, compile } from '../rego/compiled.js';
import { ENTRYPOINT } from './compile.js';
import { inputOf, policyFile, requestOf } from './given.js';

interface Case {
  readonly why: string;
  readonly message: string;
  readonly with?: Partial<PolicyInput>;
  readonly request?: string;
}

const cases: Case[] = JSON.parse(
  await readFile(new URL('../cases/policy/decisions.json', import.meta.url), 'utf8'),
);

let folder: string;
let ask: Ask;
let reads: ReadTree;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regate-reads-'));
  await writeFile(join(folder, 'decisions.rego'), policyFile('decisions'));
  const modules = await parseModules(await locateOpa(), folder, ['.']);
  reads = compileReads(inputReads(modules, ENTRYPOINT));
  ask = await compile([folder], [ENTRYPOINT]);
});
afterAll(() => rm(folder, { recursive: true }));

/** What policy answers, or what was wrong with the input or the evaluation. */
function answer(input: () => Buffer): unknown {
  try {
    return ask(Uint8Array.from(input()).buffer, ENTRYPOINT);
  } catch (thrown) {
    return String(thrown);
  }
}

test.each(cases)('$why', ({ message, request, ...differing }) => {
  const input = inputOf(message.replace('$DEEP', '[[[[]]]]'), {
    ...differing.with,
    ...(request !== undefined && { request: requestOf(request) }),
  });
  const whole = answer(() => inputBytes(input));
  const pruned = answer(() => prunedInput(input, reads));
  // What is wrong with a part that policy is not shown is nothing to it.
  if (!String(whole).includes('cannot be put to it')) expect(pruned).toEqual(whole);
});
