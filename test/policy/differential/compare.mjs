import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { formatValue, parseValue } from '../../../dist/policy/rego/text.js';
import { equalValues } from '../../../dist/policy/rego/value.js';
import { RegoPolicy } from '../../../dist/policy/wasm/policy.js';
import { policyIn } from '../../conformance/opa/compile.mjs';
import { INPUT } from './literals.mjs';

const run = promisify(execFile);
const PACKAGE = 'fuzz';
const STEPS = 1n << 31n;
const OUTPUT_BYTES = 64 * 1024 * 1024;
/** At most so many rules in one module, which is what opa is called for. */
export const BATCH = 150;

/**
 * What one engine says of a rule: a value in Rego's notation, `undefined`, or `error` and its words.
 *
 * @typedef {string} Answer
 *
 * @typedef {object} Comparison
 * @property {number} index of the rules
 * @property {Answer} expected OPA's
 * @property {Answer} got
 */

/**
 * Puts rules to OPA itself and to the engine.
 *
 * @param {readonly ((number: string) => string)[]} rules each makes a rule `r` with the number that it is given, and
 *   what it calls
 * @param {string} opa the binary
 * @returns {Promise<Comparison[]>} of those that OPA compiles
 */
export async function compare(rules, opa) {
  const folder = await mkdtemp(join(tmpdir(), 'regate-differential-'));
  const call = async (...args) =>
    (await run(opa, args, { cwd: folder, maxBuffer: OUTPUT_BYTES, encoding: 'utf8' })).stdout;
  try {
    await writeFile(join(folder, 'input.json'), INPUT);
    const numbers = await compiling(rules, folder, call);
    if (numbers.length === 0) return [];
    const expected = await answersOfOpa(numbers, call);
    const policies = await policiesOf(numbers, folder, call);
    return [...policies]
      .map(([number, policy]) => ({
        index: number,
        expected: expected.get(number) ?? 'undefined',
        got: answerOf(policy, number),
      }))
      .filter((comparison) => comparison.expected !== NO_TEXT);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Whether the engine says something else than OPA. Of an error only that there is one is compared, and a negative zero is a
 * zero.
 *
 * @param {Comparison} comparison
 */
export function differs(comparison) {
  const [expected, got] = [comparison.expected, comparison.got].map((answer) =>
    answer.replace(NEGATIVE_ZERO, '0'),
  );
  const isError = (answer) => answer.startsWith('error');
  if (isError(expected) || isError(got)) return isError(expected) !== isError(got);
  if (expected === 'undefined' || got === 'undefined') return expected !== got;
  return !equalValues(parseValue(expected), parseValue(got));
}

/** Writes the module with the rules that OPA compiles, and says which those are. */
async function compiling(rules, folder, call) {
  let numbers = rules.map((_, index) => index);
  for (;;) {
    const lines = [`package ${PACKAGE}`];
    const starts = numbers.map((number) => {
      const start = lines.length + 1;
      lines.push(...rules[number](String(number)).split('\n'));
      return start;
    });
    await writeFile(join(folder, 'policy.rego'), `${lines.join('\n')}\n`);
    const rows = await faultyRows(call);
    if (rows.length === 0) return numbers;
    const faulty = new Set(rows.map((row) => numbers[starts.findLastIndex((start) => start <= row)]));
    if (!numbers.some((number) => faulty.has(number)))
      throw new Error(`opa names lines ${rows}, where no rule is`);
    numbers = numbers.filter((number) => !faulty.has(number));
  }
}

async function faultyRows(call) {
  try {
    await call('check', '--max-errors', '0', '--format', 'json', 'policy.rego');
    return [];
  } catch (error) {
    const { errors } = JSON.parse(error.stderr || error.stdout);
    // What has no place of its own, such as rules that call themselves, has other errors that have.
    return errors.flatMap(({ location }) => location?.row ?? []);
  }
}

/**
 * The policies that answer rules, one for all or for as many as possible: what OPA evaluates and yet cannot compile to
 * WebAssembly, of which it does not say where it is, is found by halves and left out.
 *
 * @returns {Promise<Map<number, RegoPolicy>>}
 */
async function policiesOf(numbers, folder, call) {
  const entrypoints = numbers.flatMap((number) => ['-e', `${PACKAGE}/r${number}`]);
  const bundle = `bundle-${numbers.join('-').slice(0, 100)}.tar.gz`;
  try {
    await call('build', '-t', 'wasm', '--prune-unused', ...entrypoints, '-o', bundle, 'policy.rego');
    const wasm = await policyIn(await readFile(join(folder, bundle)));
    const policy = await RegoPolicy.load(wasm, Buffer.from('{}'), { steps: STEPS, memoryMebibytes: 256 });
    return new Map(numbers.map((number) => [number, policy]));
  } catch (error) {
    if (error.stdout === undefined && error.code !== 'builtin_missing') throw error;
    if (numbers.length === 1) return new Map();
    const halves = await Promise.all(halvesOf(numbers).map((half) => policiesOf(half, folder, call)));
    return new Map(halves.flatMap((half) => [...half]));
  }
}

function halvesOf(numbers) {
  const middle = numbers.length >> 1;
  return [numbers.slice(0, middle), numbers.slice(middle)];
}

/**
 * All at once, and where there is an error, which fails all, by halves. `sprintf` keeps sets apart from arrays.
 *
 * @param {readonly number[]} numbers
 * @param {(...args: string[]) => Promise<string>} call
 * @returns {Promise<Map<number, Answer>>}
 */
async function answersOfOpa(numbers, call) {
  const names = numbers.map((number) => `"r${number}"`).join(', ');
  const query = `[[k, s] | some k in [${names}]; s := sprintf("%v", [[data.${PACKAGE}[k]]])]`;
  try {
    const output = await call('eval', '--format', 'json', '-d', 'policy.rego', '-i', 'input.json', query);
    const pairs = JSON.parse(output).result[0].expressions[0].value;
    return new Map(pairs.map(([name, text]) => [Number(name.slice(1)), canonical(text)]));
  } catch (error) {
    if (error.stdout === undefined) throw error;
    const [number] = numbers;
    if (numbers.length === 1) return new Map([[number, `error ${error.stdout}${error.stderr}`]]);
    const answers = await Promise.all(halvesOf(numbers).map((half) => answersOfOpa(half, call)));
    return new Map(answers.flatMap((half) => [...half]));
  }
}

/** @param {string} text a list of one value as OPA's `sprintf` writes it */
function canonical(text) {
  if (NO_UTF8.test(text)) return NO_TEXT;
  const [value] = parseValue(text.replace(GO_ESCAPE, jsonEscape));
  return formatValue(value);
}

/** OPA's answer where it has cut a character in two, as `replace` does; no JSON, and no WebAssembly of OPA's, can hold that. */
const NO_TEXT = 'no text';
const NO_UTF8 = /(?<!\\)(?:\\\\)*\\x[89a-f]/;
const NEGATIVE_ZERO = /-0(?![\d.])/g;

/** Go has escapes that JSON has not. */
const GO_ESCAPE = /\\(?:x([0-9a-f]{2})|U([0-9a-f]{8})|[\s\S])/g;

function jsonEscape(escaped, byte, codePoint) {
  if (escaped === '\\a') return '\\u0007';
  if (escaped === '\\v') return '\\u000b';
  if (byte !== undefined) return `\\u00${byte}`;
  return codePoint === undefined
    ? escaped
    : JSON.stringify(String.fromCodePoint(parseInt(codePoint, 16))).slice(1, -1);
}

/**
 * @param {RegoPolicy} policy
 * @param {number} number
 * @returns {Answer}
 */
function answerOf(policy, number) {
  try {
    const answer = policy.evaluate(`${PACKAGE}/r${number}`, Buffer.from(INPUT));
    return answer === undefined ? 'undefined' : formatValue(answer);
  } catch (error) {
    return `error ${error.message}`;
  }
}
