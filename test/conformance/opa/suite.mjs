import { RegoPolicy } from '../../../dist/policy/wasm/policy.js';
import { exactJson } from './cases.mjs';
import { compile, questionOf } from './compile.mjs';
import { skipFor } from './skips.mjs';
import { judge } from './verdict.mjs';

/** An evaluation that takes more is stuck. */
const STEPS = 1n << 32n;
const COMPILERS = 2;
/** How the engine says which built-ins it lacks. */
const MISSING = /lacks: (.+)$/;

/**
 * @typedef {object} Outcome
 * @property {import('./cases.mjs').OpaCase} opaCase
 * @property {string} [fault] what is wrong
 * @property {import('./skips.mjs').Skip} [skip] why that is no failure
 */

/**
 * Runs cases through `opa build -t wasm` and the engine.
 *
 * @param {readonly import('./cases.mjs').OpaCase[]} cases
 * @param {{ opa: string, cache: string }} places
 * @param {(done: number) => void} report
 * @returns {Promise<Outcome[]>} in the order of the cases
 */
export async function runCases(cases, places, report) {
  const outcomes = [];
  const waiting = [...cases.entries()];
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, opaCase] = next;
      const { fault, missing = [] } = await runCase(opaCase, places);
      const skip = fault === undefined ? undefined : skipFor(opaCase.name, missing);
      outcomes[index] = { opaCase, fault, skip };
      report(cases.length - waiting.length);
    }
  };
  await Promise.all(Array.from({ length: COMPILERS }, lane));
  return outcomes;
}

/**
 * @param {import('./cases.mjs').OpaCase} opaCase
 * @param {{ opa: string, cache: string }} places
 * @returns {Promise<{ fault?: string, missing?: readonly string[] }>} `missing` are built-ins that the host lacks
 */
async function runCase(opaCase, places) {
  const question = questionOf(opaCase);
  let wasm;
  try {
    wasm = await compile({ ...question, dialect: opaCase.dialect }, places);
  } catch (error) {
    return {
      fault: `opa build: ${[error.stderr, error.stdout, error.message].filter(Boolean).join(' ').trim()}`,
    };
  }
  let policy;
  try {
    policy = await RegoPolicy.load(wasm, Buffer.from(exactJson(opaCase.data ?? {})), { steps: STEPS });
  } catch (error) {
    const missing = error.code === 'builtin_missing' ? MISSING.exec(error.message)?.[1]?.split(', ') : [];
    return { fault: `failed: ${error.message}`, missing };
  }
  const ask = () => policy.evaluate(question.entrypoint, inputOf(opaCase));
  return { fault: judge(opaCase, question.variable, ask) };
}

/** What Rego allows and no value has, outside of strings. */
const TRAILING_COMMA = /("(?:[^"\\]|\\.)*")|,(\s*[}\]])/g;

/** @param {import('./cases.mjs').OpaCase} opaCase */
function inputOf({ input, input_term: term }) {
  if (term !== undefined) return Buffer.from(term.replace(TRAILING_COMMA, '$1$2'));
  return input === undefined ? undefined : Buffer.from(exactJson(input));
}
