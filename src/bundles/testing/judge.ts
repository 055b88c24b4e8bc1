import type { JsonValue } from '../../domain/index.js';
import type { OpaTest } from './opa-run.js';
import type { RuleOutcome } from './wasm-run.js';

/** How a test ended in one of the two engines. */
export interface Ending {
  readonly passed: boolean;
  /** In words, such as `passed`, `failed` or `undefined`, or why it was not run to its end. */
  readonly words: string;
  readonly milliseconds: number;
}

/** One test, run in both engines. */
export interface TestResult {
  /** Such as `policies_test.refunds`. */
  readonly package: string;
  readonly name: string;
  readonly file: string;
  readonly line: number;
  /** `differs`: it passes in one engine and not in the other one, be it in one of its cases only. */
  readonly state: 'passed' | 'failed' | 'differs' | 'skipped';
  /** How it ended in each; undefined where it was skipped. */
  readonly endings: { readonly opa: Ending; readonly wasm: Ending } | undefined;
  /** The cases of a parametrised test, and whether each passed. */
  readonly cases: readonly { readonly name: string; readonly opa: boolean; readonly wasm: boolean }[];
  /** What it printed in OPA. */
  readonly printed: string;
  /** What OPA shows of the expression that failed; empty where it shows nothing. */
  readonly explanation: string;
}

/**
 * Puts together what both engines said of one test.
 *
 * @param outcome undefined where the test was skipped
 */
export function judge(test: OpaTest, outcome: RuleOutcome | undefined, explanation: string): TestResult {
  const { package: path, name, file, line, printed } = test;
  const cases = outcome === undefined ? [] : compareCases(test, outcome);
  const endings = outcome && { opa: opaEnding(test), wasm: wasmEnding(test, outcome, cases) };
  const state = stateOf(endings, cases);
  return { package: path, name, file, line, state, endings, cases, printed, explanation };
}

function stateOf(endings: TestResult['endings'], cases: TestResult['cases']): TestResult['state'] {
  if (endings === undefined) return 'skipped';
  const same = endings.opa.passed === endings.wasm.passed && cases.every(({ opa, wasm }) => opa === wasm);
  if (!same) return 'differs';
  return endings.opa.passed ? 'passed' : 'failed';
}

function opaEnding({ passed, error, milliseconds }: OpaTest): Ending {
  return { passed, words: error ?? (passed ? 'passed' : 'failed'), milliseconds };
}

function wasmEnding(test: OpaTest, outcome: RuleOutcome, cases: TestResult['cases']): Ending {
  if ('failure' in outcome) return { passed: false, words: outcome.failure, milliseconds: 0 };
  const { value, milliseconds } = outcome;
  if (value === undefined) return { passed: false, words: 'undefined', milliseconds };
  if (passes(test, value, cases)) return { passed: true, words: 'passed', milliseconds };
  const words = test.cases.length > 0 ? 'failed' : `it is ${JSON.stringify(value).slice(0, 200)}, not true`;
  return { passed: false, words, milliseconds };
}

/** A parametrised test is an object of its cases; one without cases is an empty object, and passes in OPA. */
function passes(test: OpaTest, value: JsonValue, cases: TestResult['cases']): boolean {
  if (test.cases.length > 0) return cases.every(({ wasm }) => wasm);
  return value === true || (test.passed && isObject(value) && Object.keys(value).length === 0);
}

/** OPA also knows the cases that failed, which are missing in the rule's value. */
function compareCases(test: OpaTest, outcome: RuleOutcome): TestResult['cases'] {
  if (test.cases.length === 0) return [];
  const value = 'value' in outcome ? outcome.value : undefined;
  const inWasm = new Map(leaves(value, []));
  const inOpa = new Map(test.cases.map(({ path, passed }) => [JSON.stringify(path), passed]));
  return [...new Set([...inOpa.keys(), ...inWasm.keys()])].map((key) => ({
    name: (JSON.parse(key) as string[]).join(' / '),
    opa: inOpa.get(key) ?? false,
    wasm: inWasm.get(key) ?? false,
  }));
}

/** An object's members down to what is no object, by the JSON of their path, and whether each is true. */
function leaves(value: JsonValue | undefined, above: readonly string[]): [path: string, passed: boolean][] {
  if (isObject(value)) {
    return Object.entries(value).flatMap(([name, below]) => leaves(below, [...above, name]));
  }
  return above.length === 0 ? [] : [[JSON.stringify(above), value === true]];
}

function isObject(value: JsonValue | undefined): value is { readonly [name: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
