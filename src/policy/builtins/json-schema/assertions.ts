import { compareNumbers, type RegoNumber } from '../../rego/number.js';
import { isNumber, type RegoObject } from '../../rego/value.js';
import { BuiltinError } from '../builtin.js';
import { canonicalJson } from './document.js';
import { invalidType, listMember, textMember } from './members.js';
import { compilePattern } from './patterns.js';
import type { Schema } from './schema.js';

/** Reads what a schema asks of a value itself, in OPA's order, for the first mistake is the one that is told. */
export function readAssertions(schema: Schema, source: RegoObject): void {
  readNumbers(schema, source);
  readBound(schema, source, 'minimum', 'exclusiveMinimum');
  readBound(schema, source, 'maximum', 'exclusiveMaximum');
  readCounts(schema, source, 'Length');
  checkOrder(schema.minLength, schema.maxLength, 'Length');
  readText(schema, source);
  readCounts(schema, source, 'Properties');
  checkOrder(schema.minProperties, schema.maxProperties, 'Properties');
  readRequired(schema, source);
  readCounts(schema, source, 'Items');
  readUnique(schema, source);
  readValues(schema, source);
}

function readNumbers(schema: Schema, source: RegoObject): void {
  const factor = source.get('multipleOf');
  if (factor === undefined) return;
  if (factor === null || !isNumber(factor)) throw invalidType('Number', 'multipleOf');
  if (compareNumbers(factor, 0) <= 0) throw new BuiltinError('multipleOf must be strictly greater than 0');
  schema.multipleOf = factor;
}

/** In draft 4 a bound is made exclusive by `true`; later, `exclusiveMinimum` is a bound of its own. */
function readBound(
  schema: Schema,
  source: RegoObject,
  name: 'minimum' | 'maximum',
  exclusiveName: 'exclusiveMinimum' | 'exclusiveMaximum',
): void {
  const bound = source.get(name);
  if (bound !== undefined) {
    if (bound === null || !isNumber(bound)) throw new BuiltinError(`${name} must be of a Number`);
    schema[name] = bound;
  }
  const exclusive = source.get(exclusiveName);
  if (exclusive === undefined) return;
  if (typeof exclusive === 'boolean' && (schema.draft === 4 || schema.draft === 'any')) {
    if (schema[name] === undefined) throw new BuiltinError(`${exclusiveName} cannot be used without ${name}`);
    if (exclusive) {
      schema[exclusiveName] = schema[name];
      schema[name] = undefined;
    }
  } else if (exclusive !== null && isNumber(exclusive) && schema.draft !== 4) {
    schema[exclusiveName] = exclusive;
  } else {
    const expected = schema.draft === 4 ? 'boolean' : schema.draft === 'any' ? 'boolean/number' : 'number';
    throw invalidType(expected, exclusiveName);
  }
}

function readCounts(schema: Schema, source: RegoObject, what: 'Length' | 'Properties' | 'Items'): void {
  for (const name of [`min${what}`, `max${what}`] as const) {
    const value = source.get(name);
    if (value === undefined) continue;
    const count = value === null || !isNumber(value) ? undefined : countOf(value);
    if (count === undefined) throw new BuiltinError(`${name} must be of an integer`);
    if (count < 0n) throw new BuiltinError(`${name} must be greater than or equal to 0`);
    schema[name] = count;
  }
}

/** `1.0` and `1e2` are no counts to OPA. */
function countOf(value: RegoNumber): bigint | undefined {
  if (typeof value !== 'number' && typeof value !== 'bigint') return undefined;
  const count = BigInt(value);
  return BigInt.asIntN(64, count) === count ? count : undefined;
}

function checkOrder(least: bigint | undefined, most: bigint | undefined, what: string): void {
  if (least !== undefined && most !== undefined && least > most) {
    throw new BuiltinError(`min${what} cannot be greater than max${what}`);
  }
}

function readText(schema: Schema, source: RegoObject): void {
  const pattern = textMember(source, 'pattern');
  if (pattern !== undefined) {
    const expression = compilePattern(pattern);
    if (expression === undefined) throw new BuiltinError('pattern must be a valid regex');
    schema.pattern = { text: pattern, expression };
  }
  const format = textMember(source, 'format');
  if (format !== undefined) schema.format = format;
}

function readRequired(schema: Schema, source: RegoObject): void {
  const names = new Set<string>();
  for (const name of listMember(source, 'required') ?? []) {
    if (typeof name !== 'string') throw invalidType('string', 'required');
    if (names.has(name)) throw new BuiltinError('required items must be unique');
    names.add(name);
  }
  schema.required = [...names];
}

function readUnique(schema: Schema, source: RegoObject): void {
  const unique = source.get('uniqueItems');
  if (unique === undefined) return;
  if (typeof unique !== 'boolean') throw new BuiltinError('uniqueItems must be of a boolean');
  schema.uniqueItems = unique;
}

function readValues(schema: Schema, source: RegoObject): void {
  const constant = schema.draft === 4 ? undefined : source.get('const');
  if (constant !== undefined) schema.constant = canonicalJson(constant);
  const values = listMember(source, 'enum')?.map(canonicalJson);
  if (values === undefined) return;
  if (new Set(values).size !== values.length) throw new BuiltinError('enum items must be unique');
  schema.enumeration = values;
}
