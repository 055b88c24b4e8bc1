import type {
  Definition,
  DirectiveDefinition,
  FieldDefinition,
  SchemaDocument,
  TypeReference,
} from './ast.js';
import { GraphqlFault } from './fault.js';
import { PRELUDE } from './prelude.js';
import { parseSchema } from './schema-parser.js';
import { checkDirectiveUse, checkSchema } from './schema-rules.js';

/** A schema whose definitions are joined with their extensions and with what every schema has. */
export interface Schema {
  readonly types: ReadonlyMap<string, Definition>;
  readonly directives: ReadonlyMap<string, DirectiveDefinition>;
  /** By the name of an object, interface or union: which objects a value of it may be. */
  readonly possibleTypes: ReadonlyMap<string, readonly string[]>;
  /** The root type of each operation, by `query`, `mutation` and `subscription`. */
  readonly roots: ReadonlyMap<string, Definition>;
}

/** Directives of the specification may be declared again; the last declaration counts. */
const REDECLARABLE = ['include', 'skip', 'deprecated', 'specifiedBy', 'defer', 'oneOf'];

let prelude: SchemaDocument | undefined;

/**
 * Makes a schema of its document, and checks it.
 *
 * @param spend accounts for work
 * @throws GraphqlFault where the definitions do not make sense together
 * Source: https://spec.graphql.org/October2021/#sec-Type-System, as gqlparser checks it
 */
export function loadSchema(document: SchemaDocument, spend: (units: number) => void): Schema {
  prelude ??= parseSchema(PRELUDE, true);
  const types = joinDefinitions([...prelude.definitions, ...document.definitions], document.extensions);
  const directives = joinDirectives([...prelude.directives, ...document.directives]);
  const schema = { types, directives, possibleTypes: findPossibleTypes(types), roots: new Map() };
  const roots = findRoots(document, schema);
  checkSchema(schema, spend);
  return withIntrospection(schema, roots);
}

function joinDefinitions(
  definitions: readonly Definition[],
  extensions: readonly Definition[],
): Map<string, Definition> {
  const parts = new Map<string, [Definition, ...Definition[]]>();
  for (const definition of definitions) {
    if (parts.has(definition.name)) {
      throw new GraphqlFault(`Cannot redeclare type ${definition.name}.`, definition.position);
    }
    parts.set(definition.name, [definition]);
  }
  for (const extension of extensions) {
    const known = parts.get(extension.name);
    if (known === undefined) parts.set(extension.name, [{ ...extension, ...NOTHING }, extension]);
    else known.push(extension);
  }
  return new Map([...parts].map(([name, [base, ...rest]]) => [name, extend(base, rest)]));
}

/** What a type that is only extended has of its own. */
const NOTHING = { directives: [], interfaces: [], fields: [], types: [], enumValues: [], builtIn: false };

function extend(base: Definition, extensions: readonly Definition[]): Definition {
  if (extensions.length === 0) return base;
  const foreign = extensions.find((extension) => extension.kind !== base.kind);
  if (foreign !== undefined) {
    throw new GraphqlFault(
      `Cannot extend type ${base.name} because the base type is a ${base.kind}, not ${foreign.kind}.`,
      foreign.position,
    );
  }
  const parts = [base, ...extensions];
  return {
    ...base,
    directives: parts.flatMap((part) => part.directives),
    interfaces: parts.flatMap((part) => part.interfaces),
    fields: parts.flatMap((part) => part.fields),
    types: parts.flatMap((part) => part.types),
    enumValues: parts.flatMap((part) => part.enumValues),
  };
}

function joinDirectives(definitions: readonly DirectiveDefinition[]): Map<string, DirectiveDefinition> {
  const directives = new Map<string, DirectiveDefinition>();
  for (const definition of definitions) {
    if (directives.has(definition.name) && !REDECLARABLE.includes(definition.name)) {
      throw new GraphqlFault(`Cannot redeclare directive ${definition.name}.`, definition.position);
    }
    directives.set(definition.name, definition);
  }
  return directives;
}

function findPossibleTypes(types: ReadonlyMap<string, Definition>): Map<string, string[]> {
  const possible = new Map<string, string[]>();
  const add = (name: string, type: string) => {
    const known = possible.get(name);
    if (known === undefined) possible.set(name, [type]);
    else known.push(type);
  };
  for (const { kind, name, types: members, interfaces } of types.values()) {
    if (kind === 'UNION') for (const member of members) add(name, member);
    if (['INPUT_OBJECT', 'OBJECT', 'INTERFACE'].includes(kind))
      for (const each of interfaces) add(each, name);
    if (['INPUT_OBJECT', 'OBJECT'].includes(kind)) add(name, name);
  }
  return possible;
}

/** Without a `schema` definition the types that are called Query, Mutation and Subscription are the roots. */
function findRoots(document: SchemaDocument, schema: Schema): Map<string, string> {
  const second = document.schema[1];
  if (second !== undefined) {
    const message = 'Cannot have multiple schema entry points, consider schema extensions instead.';
    throw new GraphqlFault(message, second.position);
  }
  const roots = new Map<string, string>();
  for (const { operationTypes, directives } of [...document.schema, ...document.schemaExtension]) {
    for (const { operation, type, position } of operationTypes) {
      if (!schema.types.has(type)) {
        throw new GraphqlFault(
          `Schema root ${operation} refers to a type ${type} that does not exist.`,
          position,
        );
      }
      roots.set(operation, type);
    }
    checkDirectiveUse(schema, directives, { location: 'SCHEMA' });
  }
  if (document.schema.length > 0) return roots;
  for (const [operation, type] of [
    ['query', 'Query'],
    ['mutation', 'Mutation'],
    ['subscription', 'Subscription'],
  ] as const) {
    if (!roots.has(operation) && schema.types.has(type)) roots.set(operation, type);
  }
  return roots;
}

/** Adds the fields by which the root of queries tells about the schema. */
function withIntrospection(schema: Schema, rootNames: ReadonlyMap<string, string>): Schema {
  const types = new Map(schema.types);
  const query = types.get(rootNames.get('query') ?? '');
  if (query !== undefined) types.set(query.name, { ...query, fields: [...query.fields, ...INTROSPECTION] });
  const roots = new Map<string, Definition>();
  for (const [operation, name] of rootNames) {
    const root = types.get(name);
    if (root !== undefined) roots.set(operation, root);
  }
  return { ...schema, types, roots };
}

const UNDESCRIBED = {
  description: '',
  beforeDescriptionComment: undefined,
  afterDescriptionComment: undefined,
  position: undefined,
  defaultValue: undefined,
  directives: [],
};

/** A type that no text names. */
export function namedReference(namedType: string, nonNull: boolean): TypeReference {
  return { position: undefined, namedType, elem: undefined, nonNull };
}

const INTROSPECTION: readonly FieldDefinition[] = [
  { ...UNDESCRIBED, name: '__schema', type: namedReference('__Schema', true), arguments: [] },
  {
    ...UNDESCRIBED,
    name: '__type',
    type: namedReference('__Type', false),
    arguments: [{ ...UNDESCRIBED, name: 'name', type: namedReference('String', true) }],
  },
];

/** The field that every object has. */
export const TYPENAME: FieldDefinition = {
  ...UNDESCRIBED,
  name: '__typename',
  type: namedReference('String', false),
  arguments: [],
};
