import { isArray, isNumber, RegoSet, type RegoValue } from '../rego/value.js';
import {
  BuiltinError,
  type BuiltinTable,
  booleanOperand,
  objectOperand,
  stringOperand,
  typeName,
} from './builtin.js';

/**
 * They convert between arrays and sets and else only assert a type. OPA offers them to policies of its version 0 alone.
 *
 * Source: https://www.openpolicyagent.org/docs/policy-reference/builtins/types
 */
export const CASTS = {
  cast_array: (_evaluation, value) => [...itemsOf(value)],
  cast_boolean: (_evaluation, value) => booleanOperand(value, 1),
  cast_null: (_evaluation, value) => nullOperand(value),
  cast_object: (_evaluation, value) => objectOperand(value, 1),
  cast_set: (_evaluation, value) => RegoSet.of(itemsOf(value)),
  cast_string: (_evaluation, value) => stringOperand(value, 1),
} satisfies BuiltinTable;

function itemsOf(value: RegoValue | undefined): readonly RegoValue[] {
  if (value instanceof RegoSet) return value.elements;
  if (value !== undefined && value !== null && !isNumber(value) && isArray(value)) return value;
  throw new BuiltinError(`operand 1 must be one of {array, set} but got ${typeName(value)}`);
}

function nullOperand(value: RegoValue | undefined): null {
  if (value === null) return null;
  throw new BuiltinError(`operand 1 must be null but got ${typeName(value)}`);
}
