import type { JsonValue } from '../../domain/index.js';
import { doubleOf } from './number.js';
import { formatValue } from './text.js';
import { isArray, isNumber, RegoObject, RegoSet, type RegoValue } from './value.js';

/** A JSON value as Rego has it. */
export function fromJson(value: JsonValue): RegoValue {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(fromJson);
  return RegoObject.of(Object.entries(value).map(([key, item]) => [key, fromJson(item)] as const));
}

/**
 * A value as JSON has it, as OPA hands values out: sets become arrays, keys of other kinds become their text, and
 * numbers the nearest doubles.
 */
export function toJson(value: RegoValue): JsonValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (isNumber(value)) return doubleOf(value);
  if (value instanceof RegoSet) return value.elements.map(toJson);
  if (value instanceof RegoObject) {
    // Object.fromEntries defines `__proto__` as a member like any other.
    return Object.fromEntries(value.entries.map(([key, item]) => [keyText(key), toJson(item)]));
  }
  return isArray(value) ? value.map(toJson) : null;
}

/** A value's JSON text with every digit of its numbers, no spaces, and keys in their order. */
export function jsonText(value: RegoValue): string {
  if (value instanceof RegoSet) return `[${value.elements.map(jsonText).join(',')}]`;
  if (value instanceof RegoObject) {
    const members = value.entries.map(([key, item]) => `${JSON.stringify(keyText(key))}:${jsonText(item)}`);
    return `{${members.join(',')}}`;
  }
  if (value !== null && typeof value === 'object' && !isNumber(value) && isArray(value)) {
    return `[${value.map(jsonText).join(',')}]`;
  }
  return formatValue(value);
}

/** What a key is called in JSON. */
export function keyText(key: RegoValue): string {
  return typeof key === 'string' ? key : jsonText(key);
}
