import { RegoObject, type RegoValue } from '../../rego/value.js';
import { BuiltinError, type Evaluation } from '../builtin.js';
import { readAssertions } from './assertions.js';
import { isList } from './document.js';
import { invalidType, listMember, textMember } from './members.js';
import { compilePattern } from './patterns.js';
import { draftOf, References } from './references.js';
import { type Draft, emptySchema, type Schema } from './schema.js';

/** Deeper schemas are refused before the stack is exhausted. */
const DEEPEST = 1_000;

/**
 * Makes a schema ready, as far as OPA does: what it knows nothing of is let be.
 *
 * @throws BuiltinError where it is none; its message is OPA's
 * Source: https://json-schema.org/draft-07, draft-06 and draft-04
 */
export function compileSchema(evaluation: Evaluation, document: RegoValue): Schema {
  const references = new References(document);
  return new Compiler(evaluation, references).compile(document, '(Root)', draftOf(document) ?? 'any', 0);
}

class Compiler {
  readonly #evaluation: Evaluation;
  readonly #references: References;
  readonly #referred = new Map<string, Schema>();

  constructor(evaluation: Evaluation, references: References) {
    this.#evaluation = evaluation;
    this.#references = references;
  }

  compile(source: RegoValue, property: string, draft: Draft, depth: number): Schema {
    const schema = emptySchema(property, draft);
    this.#fill(schema, source, depth);
    return schema;
  }

  #fill(schema: Schema, source: RegoValue, depth: number): void {
    this.#evaluation.spend(1);
    if (depth > DEEPEST) throw new BuiltinError('the schema is nested too deeply');
    if (typeof source === 'boolean' && schema.draft !== 4) {
      schema.verdict = source;
      return;
    }
    if (!(source instanceof RegoObject))
      throw new BuiltinError('Expected: Valid Schema, given: Invalid JSON');
    const child = (item: RegoValue, property: string): Schema =>
      this.compile(item, property, schema.draft, depth + 1);
    checkNames(schema.draft, source, child);
    if (this.#refer(schema, source, depth)) return;
    readTypes(schema, source);
    readObjectSchemas(schema, source, child);
    readArraySchemas(schema, source, child);
    readAssertions(schema, source);
    readCombinations(schema, source, child);
  }

  /** @returns whether that is all there is to it; of what was referred to before, OPA reads the members beside it too */
  #refer(schema: Schema, source: RegoObject, depth: number): boolean {
    const reference = textMember(source, '$ref');
    if (reference === undefined) return false;
    const target = this.#references.target(source, reference);
    const known = this.#referred.get(target);
    if (known !== undefined) {
      schema.reference = known;
      return false;
    }
    const referred = emptySchema('$ref', schema.draft);
    // Before it is filled, for it may refer to itself.
    this.#referred.set(target, referred);
    const found = this.#references.find(target);
    if (typeof found.schema !== 'boolean' && !(found.schema instanceof RegoObject)) {
      throw new BuiltinError('Valid Schema must be of type object');
    }
    referred.draft = found.draft ?? schema.draft;
    this.#fill(referred, found.schema, depth + 1);
    schema.reference = referred;
    return true;
  }
}

type Child = (source: RegoValue, property: string) => Schema;

function checkNames(draft: Draft, source: RegoObject, child: Child): void {
  const usesOldName = draft === 4 || (draft === 'any' && source.get('id') !== undefined);
  textMember(source, usesOldName ? 'id' : '$id');
  const definitions = source.get('definitions');
  if (definitions !== undefined) {
    const entries = definitions instanceof RegoObject ? definitions.entries : undefined;
    if (entries === undefined) throw invalidType('Array Of Schemas', 'definitions');
    for (const [, definition] of entries) {
      if (!isSchemaLike(definition)) throw invalidType('Array Of Schemas', 'definitions');
      child(definition, 'definitions');
    }
  }
  textMember(source, 'title');
  textMember(source, 'description');
}

const TYPES = ['array', 'boolean', 'integer', 'number', 'null', 'object', 'string'];

function readTypes(schema: Schema, source: RegoObject): void {
  const type = source.get('type');
  if (type === undefined) return;
  for (const name of isList(type) ? type : [type]) {
    if (typeof name !== 'string') throw invalidType('type', 'string/Array Of Strings');
    if (!TYPES.includes(name)) {
      throw new BuiltinError(
        `has a primitive type that is NOT VALID -- given: /${name}/ Expected valid values are:[${TYPES.join(' ')}]`,
      );
    }
    if (schema.types.includes(name)) throw new BuiltinError(`${name} type is duplicated`);
    schema.types.push(name);
  }
}

function readObjectSchemas(schema: Schema, source: RegoObject, child: Child): void {
  const properties = source.get('properties');
  if (properties !== undefined) {
    if (!(properties instanceof RegoObject)) throw new BuiltinError('Properties must be of type object');
    schema.properties = new Map(entriesOf(properties).map(([name, item]) => [name, child(item, name)]));
  }
  const additional = boolOrSchema(source, 'additionalProperties', child);
  if (additional !== undefined) schema.additionalProperties = additional;
  const patterns = source.get('patternProperties');
  if (patterns !== undefined) {
    if (!(patterns instanceof RegoObject)) throw invalidType('Valid Schema', 'patternProperties');
    schema.patternProperties = entriesOf(patterns).map(([pattern, item]) => {
      const expression = compilePattern(pattern);
      if (expression === undefined) throw new BuiltinError(`Invalid regex pattern '${pattern}'`);
      return [expression, child(item, pattern)] as const;
    });
  }
  const names = schema.draft === 4 ? undefined : source.get('propertyNames');
  if (names !== undefined) {
    if (!isSchemaLike(names)) throw invalidType('Valid Schema', 'patternProperties');
    schema.propertyNames = child(names, 'propertyNames');
  }
  readDependencies(schema, source, child);
}

function readDependencies(schema: Schema, source: RegoObject, child: Child): void {
  const dependencies = source.get('dependencies');
  if (dependencies === undefined) return;
  if (!(dependencies instanceof RegoObject)) throw new BuiltinError('dependencies must be of type object');
  const wrong = (): BuiltinError => new BuiltinError('Dependency must be of type Schema Or Array Of Strings');
  schema.dependencies = new Map(
    entriesOf(dependencies).map(([name, item]): readonly [string, readonly string[] | Schema] => {
      if (isSchemaLike(item)) return [name, child(item, name)];
      if (!isList(item)) throw wrong();
      const names = item.filter((each) => typeof each === 'string');
      if (names.length !== item.length) throw wrong();
      return [name, names];
    }),
  );
}

function readArraySchemas(schema: Schema, source: RegoObject, child: Child): void {
  const items = source.get('items');
  if (items !== undefined) {
    if (isSchemaLike(items)) schema.items = child(items, 'items');
    else if (isList(items)) {
      schema.items = items.map((item) => {
        if (!isSchemaLike(item)) throw invalidType('Valid Schema/Array Of Schemas', 'items');
        return child(item, 'items');
      });
    } else throw invalidType('Valid Schema/Array Of Schemas', 'items');
  }
  const additional = boolOrSchema(source, 'additionalItems', child);
  if (additional !== undefined) schema.additionalItems = additional;
}

function readCombinations(schema: Schema, source: RegoObject, child: Child): void {
  const contains = schema.draft === 4 ? undefined : source.get('contains');
  if (contains !== undefined) schema.contains = child(contains, 'contains');
  const list = (name: string): Schema[] => (listMember(source, name) ?? []).map((item) => child(item, name));
  schema.oneOf = list('oneOf');
  schema.anyOf = list('anyOf');
  schema.allOf = list('allOf');
  const one = (name: string): Schema | undefined => {
    const item = source.get(name);
    if (item === undefined) return undefined;
    if (!isSchemaLike(item)) throw new BuiltinError(`${name} must be of an object`);
    return child(item, name);
  };
  const not = one('not');
  if (not !== undefined) schema.not = not;
  if (schema.draft === 4 || schema.draft === 6) return;
  const [condition, consequence, alternative] = [one('if'), one('then'), one('else')];
  if (condition !== undefined) schema.condition = condition;
  if (consequence !== undefined) schema.consequence = consequence;
  if (alternative !== undefined) schema.alternative = alternative;
}

function boolOrSchema(source: RegoObject, name: string, child: Child): boolean | Schema | undefined {
  const item = source.get(name);
  if (item === undefined || typeof item === 'boolean') return item;
  if (item instanceof RegoObject) return child(item, name);
  throw invalidType('boolean/Valid Schema', name);
}

function isSchemaLike(value: RegoValue): boolean {
  return typeof value === 'boolean' || value instanceof RegoObject;
}

function entriesOf(object: RegoObject): (readonly [string, RegoValue])[] {
  return object.entries.flatMap(([key, item]) => (typeof key === 'string' ? [[key, item] as const] : []));
}
