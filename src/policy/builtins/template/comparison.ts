import { BuiltinError } from '../builtin.js';
import { goBytes } from '../go-format/bytes.js';
import { NONE, type Value } from './values.js';

/**
 * Whether one of the others equals the first value.
 *
 * @throws BuiltinError for values of other types, but not for none, which equals only none
 */
export function isEqual(first: Value, ...others: readonly Value[]): boolean {
  if (others.length === 0) throw new BuiltinError('missing argument for comparison');
  return others.some((other) =>
    equals(first.type === 'nil' ? NONE : first, other.type === 'nil' ? NONE : other),
  );
}

function equals(left: Value, right: Value): boolean {
  if (left.type === 'none' || right.type === 'none') return left.type === right.type;
  if (isInteger(left) && isInteger(right)) return left.value === right.value;
  if (isText(left) && isText(right)) return left.value === right.value;
  if (left.type === 'bool' && right.type === 'bool') return left.value === right.value;
  if (left.type === 'float64' && right.type === 'float64') return left.value === right.value;
  if (left.type === 'complex128' && right.type === 'complex128') {
    return left.real === right.real && left.imaginary === right.imaginary;
  }
  throw new BuiltinError(`can't compare ${left.type} and ${right.type}`);
}

/** @throws BuiltinError for values of other types, and those that have no order */
export function isLess(left: Value, right: Value): boolean {
  if (isInteger(left) && isInteger(right)) return left.value < right.value;
  if (isText(left) && isText(right)) return Buffer.compare(goBytes(left.value), goBytes(right.value)) < 0;
  if (left.type === 'float64' && right.type === 'float64') return left.value < right.value;
  throw new BuiltinError(`can't compare ${left.type} and ${right.type}`);
}

function isInteger(value: Value): value is Extract<Value, { type: 'int' | 'uint8' }> {
  return value.type === 'int' || value.type === 'uint8';
}

function isText(value: Value): value is Extract<Value, { type: 'string' | 'json.Number' }> {
  return value.type === 'string' || value.type === 'json.Number';
}
