import type { RegoValue } from '../../rego/value.js';
import { BuiltinError, type BuiltinTable, type Evaluation, stringOperand } from '../builtin.js';
import { encodeModule } from './encode.js';
import { ModuleProblem, parseModule } from './module.js';

/** Source: https://www.openpolicyagent.org/docs/policy-reference/builtins/rego */
export const REGO_MODULE = {
  'rego.parse_module': parse,
} satisfies BuiltinTable;

/** @returns the module's syntax tree, as `opa parse --format json` prints it but without places */
function parse(evaluation: Evaluation, file: RegoValue, source: RegoValue): RegoValue {
  const name = stringOperand(file, 1);
  const text = stringOperand(source, 1);
  try {
    return encodeModule(
      parseModule(text, (units) => evaluation.spend(units)),
      text,
      name,
    );
  } catch (error) {
    if (!(error instanceof ModuleProblem)) throw error;
    const row = text.slice(0, error.start).split('\n').length;
    throw new BuiltinError(`1 error occurred: ${name}:${row}: rego_parse_error: ${error.message}`, {
      cause: error,
    });
  }
}
