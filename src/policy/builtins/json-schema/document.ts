import { keyText } from '../../rego/json.js';
import { doubleOf } from '../../rego/number.js';
import { isArray, isNumber, RegoObject, RegoSet, type RegoValue } from '../../rego/value.js';
import { BuiltinError } from '../builtin.js';
import { parseJson, writeJson } from '../go/json.js';

/**
 * A document or schema: an object or array, or text that is JSON.
 *
 * @returns it as JSON has it: sets are arrays, and all keys are strings
 * @throws BuiltinError where it is neither
 */
export function documentOf(value: RegoValue | undefined): RegoValue {
  if (typeof value === 'string') return readText(value);
  if (value instanceof RegoObject || isList(value)) return plain(value);
  throw new BuiltinError('wrong type, expected string or object');
}

function readText(text: string): RegoValue {
  try {
    return parseJson(text);
  } catch (cause) {
    if (cause instanceof BuiltinError) throw new BuiltinError('invalid JSON string', { cause });
    throw cause;
  }
}

function plain(value: RegoValue): RegoValue {
  if (value instanceof RegoSet) return value.elements.map(plain);
  if (value instanceof RegoObject) {
    return RegoObject.of(value.entries.map(([key, item]) => [keyText(key), plain(item)]));
  }
  return isList(value) ? value.map(plain) : value;
}

export function isList(value: RegoValue | undefined): value is readonly RegoValue[] {
  return value !== undefined && value !== null && !isNumber(value) && isArray(value);
}

/** A value's JSON in which equal values are written alike; numbers are doubles there, as in OPA. */
export function canonicalJson(value: RegoValue): string {
  return writeJson(withDoubles(value));
}

function withDoubles(value: RegoValue): RegoValue {
  if (value instanceof RegoObject) {
    return RegoObject.of(value.entries.map(([key, item]) => [key, withDoubles(item)]));
  }
  if (isList(value)) return value.map(withDoubles);
  if (value === null || !isNumber(value)) return value;
  const double = doubleOf(value);
  if (!Number.isFinite(double)) throw new BuiltinError('a number is too large');
  return double;
}
