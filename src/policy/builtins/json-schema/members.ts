import type { RegoObject, RegoValue } from '../../rego/value.js';
import { BuiltinError } from '../builtin.js';
import { isList } from './document.js';

/** What a schema says under a name, where it may say only a string there. */
export function textMember(source: RegoObject, name: string): string | undefined {
  const value = source.get(name);
  if (value === undefined || typeof value === 'string') return value;
  throw invalidType('string', name);
}

export function listMember(source: RegoObject, name: string): readonly RegoValue[] | undefined {
  const value = source.get(name);
  if (value === undefined || isList(value)) return value;
  throw new BuiltinError(`${name} must be of an array`);
}

export function invalidType(expected: string, given: string): BuiltinError {
  return new BuiltinError(`Invalid type. Expected: ${expected}, given: ${given}`);
}
