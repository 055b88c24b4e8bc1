import { doubleOf, integerOf, numberText, type RegoNumber } from '../rego/number.js';
import { isArray, isNumber, RegoObject, RegoSet, type RegoValue } from '../rego/value.js';
import { arrayOperand, type BuiltinTable, type Evaluation, stringOperand } from './builtin.js';
import type { Argument } from './go-format/argument.js';
import { formatGo } from './go-format/format.js';
import { quoteGo } from './go-format/quote.js';

/** Source: https://www.openpolicyagent.org/docs/policy-reference/builtins/strings */
export const SPRINTF = {
  sprintf: (evaluation, format, values) =>
    formatGo(
      stringOperand(format, 1),
      arrayOperand(values, 2).map((value) => argumentOf(evaluation, value)),
      (units) => evaluation.spend(units),
    ),
} satisfies BuiltinTable;

function argumentOf(evaluation: Evaluation, value: RegoValue): Argument {
  if (isNumber(value)) return numberArgument(evaluation, value);
  return { type: 'string', value: typeof value === 'string' ? value : termText(value) };
}

/** What was written with a fraction or an exponent is a double to Go, also where it is an integer. */
function numberArgument(evaluation: Evaluation, number: RegoNumber): Argument {
  const text = numberText(number);
  if (/[.eE]/.test(text)) {
    const value = doubleOf(number);
    return Number.isFinite(value) ? { type: 'float64', value } : { type: 'string', value: text };
  }
  // To read and write an integer takes more than linear time.
  evaluation.spend(Math.ceil(text.length ** 1.5 / 100));
  const value = integerOf(number) ?? BigInt(text);
  return { type: value === BigInt.asIntN(64, value) ? 'int64' : '*big.Int', value };
}

/** A value as a term of Rego. */
function termText(value: RegoValue): string {
  if (typeof value === 'string') return quoteGo(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (isNumber(value)) return numberText(value);
  if (value instanceof RegoObject) {
    return `{${value.entries.map(([key, item]) => `${termText(key)}: ${termText(item)}`).join(', ')}}`;
  }
  if (value instanceof RegoSet) {
    return value.size === 0 ? 'set()' : `{${value.elements.map(termText).join(', ')}}`;
  }
  return isArray(value) ? `[${value.map(termText).join(', ')}]` : '';
}
