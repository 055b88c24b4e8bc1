import { keyText } from '../../../dist/policy/rego/json.js';
import { formatValue, parseValue } from '../../../dist/policy/rego/text.js';
import { compareValues, equalValues, RegoObject, RegoSet } from '../../../dist/policy/rego/value.js';
import { exactJson } from './cases.mjs';

/** @typedef {import('../../../dist/policy/rego/value.js').RegoValue} RegoValue */

/** The errors that OPA's WebAssembly reports at all, by the words it has for them. */
const ERRORS = new Map([['eval_conflict_error', /var assignment conflict|object insert conflict/]]);

/**
 * Asks a case's question and says what is wrong with the answer, by the rules of OPA's own test of its WebAssembly:
 * where an error shows in strict mode only, an undefined answer is expected, since there is no such mode.
 *
 * @param {import('./cases.mjs').OpaCase} opaCase
 * @param {string | undefined} variable to which the answer is bound; without it the answer is a set of bindings
 * @param {() => RegoValue | undefined} ask
 * @returns {string | undefined} nothing where all is well
 */
export function judge(opaCase, variable, ask) {
  const fails = opaCase.want_error_code !== undefined || opaCase.want_error !== undefined;
  const wanted = opaCase.want_result?.map((bindings) => parseValue(exactJson(bindings)));
  let got;
  try {
    got = bindingsOf(ask(), variable);
  } catch (error) {
    const words = ERRORS.get(opaCase.want_error_code ?? '');
    if (fails && !opaCase.strict_error && words?.test(error.message)) return undefined;
    return `failed: ${error.message}`;
  }
  if (opaCase.want_defined !== undefined) {
    return got.length > 0 === opaCase.want_defined
      ? undefined
      : `expected defined to be ${opaCase.want_defined}`;
  }
  if (wanted === undefined && fails && !opaCase.strict_error) {
    return `expected the error ${opaCase.want_error_code}, got ${formatValue(got)}`;
  }
  return difference(wanted ?? [], got, opaCase.sort_bindings === true);
}

/**
 * @param {RegoValue | undefined} answer
 * @param {string | undefined} variable
 */
function bindingsOf(answer, variable) {
  if (answer === undefined) return [];
  return variable === undefined ? answer.elements : [RegoObject.of([[variable, answer]])];
}

/**
 * @param {readonly RegoValue[]} wanted
 * @param {readonly RegoValue[]} got
 * @param {boolean} sorted whether the order of a binding's array is of no account
 */
function difference(wanted, got, sorted) {
  const [expected, actual] = [wanted, got].map((list) =>
    RegoSet.of(list.map((item) => asJson(item, sorted))),
  );
  return equalValues(expected, actual)
    ? undefined
    : `expected ${formatValue(expected)}, got ${formatValue(actual)}`;
}

/**
 * As OPA hands values out: sets as arrays, keys as text.
 *
 * @param {RegoValue} value
 * @param {boolean} sorted
 * @param {number} depth
 * @returns {RegoValue}
 */
function asJson(value, sorted, depth = 0) {
  if (value instanceof RegoSet) return asJson(value.elements, sorted, depth);
  if (value instanceof RegoObject) {
    return RegoObject.of(value.entries.map(([key, item]) => [keyText(key), asJson(item, sorted, depth + 1)]));
  }
  if (!Array.isArray(value)) return value;
  const items = value.map((item) => asJson(item, sorted, depth + 1));
  return sorted && depth === 1 ? items.sort(compareValues) : items;
}
