import type { JsonValue } from '../../../domain/index.js';
import { toJson } from '../../rego/json.js';
import type { RegoObject } from '../../rego/value.js';
import type {
  Argument,
  ArgumentDefinition,
  ChildValue,
  CommentGroup,
  Definition,
  Described,
  Directive,
  DirectiveDefinition,
  EnumValue,
  Field,
  FieldDefinition,
  Fragment,
  Operation,
  OperationType,
  QueryDocument,
  SchemaDefinition,
  SchemaDocument,
  Selection,
  TypeReference,
  Value,
  VariableDefinition,
} from './ast.js';
import { GraphqlFault } from './fault.js';

/**
 * Reads the tree of a query that a policy hands in, as Go's encoding/json reads it into gqlparser's types: what is
 * missing or null is empty, what is unknown is ignored, and a wrong type is an error.
 *
 * @throws GraphqlFault where a member has a wrong type
 */
export function decodeQuery(tree: RegoObject): QueryDocument {
  const read = members(toJson(tree), ANY_CASE);
  return { operations: list(read('Operations'), operation), fragments: list(read('Fragments'), fragment) };
}

/** As `decodeQuery`, of a schema's tree. */
export function decodeSchema(tree: RegoObject): SchemaDocument {
  const read = members(toJson(tree), ANY_CASE);
  return {
    schema: list(read('Schema'), schemaDefinition),
    schemaExtension: list(read('SchemaExtension'), schemaDefinition),
    directives: list(read('Directives'), directiveDefinition),
    definitions: list(read('Definitions'), definition),
    extensions: list(read('Extensions'), definition),
    comment: comments(read('Comment')),
  };
}

type Read = (name: string) => JsonValue;

type Decoder<Node> = (value: JsonValue) => Node;

/** Go takes a member's name in any case, but for types that gqlparser decodes itself. */
const ANY_CASE = (name: string) => name.toLowerCase();
const EXACT_CASE = (name: string) => name;

/** @returns a function that finds a member by its name; null where there is none */
function members(value: JsonValue, fold: (name: string) => string): Read {
  if (value === null) return () => null;
  if (typeof value !== 'object' || Array.isArray(value)) throw wrongType('an object', value);
  const found = new Map(Object.entries(value).map(([name, member]) => [fold(name), member] as const));
  return (name) => found.get(fold(name)) ?? null;
}

function list<Node>(value: JsonValue, decode: Decoder<Node>): Node[] {
  if (value === null) return [];
  if (!Array.isArray(value)) throw wrongType('an array', value);
  return (value as readonly JsonValue[]).map(decode);
}

function optional<Node>(value: JsonValue, decode: Decoder<Node>): Node | undefined {
  return value === null ? undefined : decode(value);
}

function text(value: JsonValue): string {
  if (value === null) return '';
  if (typeof value !== 'string') throw wrongType('a string', value);
  return value;
}

function flag(value: JsonValue): boolean {
  if (value === null) return false;
  if (typeof value !== 'boolean') throw wrongType('a boolean', value);
  return value;
}

function integer(value: JsonValue): number {
  if (value === null) return 0;
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw wrongType('an integer', value);
  return value;
}

/** A node that gqlparser needs to be there: it breaks off without one. */
function required<Node>(value: JsonValue, name: string, decode: Decoder<Node>): Node {
  if (value === null) throw new GraphqlFault(`a member ${name} is missing in a syntax tree`, undefined);
  return decode(value);
}

function wrongType(expected: string, value: JsonValue): GraphqlFault {
  const found = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
  return new GraphqlFault(`a syntax tree must have ${expected} where it has ${found}`, undefined);
}

function comments(value: JsonValue): CommentGroup | undefined {
  return optional(value, (group) => ({
    list: list(members(group, ANY_CASE)('List'), (item) => ({
      value: text(members(item, ANY_CASE)('Value')),
    })),
  }));
}

function operation(value: JsonValue): Operation {
  const read = members(value, EXACT_CASE);
  return {
    position: undefined,
    comment: undefined,
    operation: text(read('Operation')),
    name: text(read('Name')),
    variableDefinitions: list(read('VariableDefinitions'), variableDefinition),
    directives: list(read('Directives'), directive),
    selectionSet: list(read('SelectionSet'), selection),
  };
}

function fragment(value: JsonValue): Fragment {
  const read = members(value, EXACT_CASE);
  return {
    position: undefined,
    comment: undefined,
    name: text(read('Name')),
    variableDefinition: list(read('VariableDefinition'), variableDefinition),
    typeCondition: text(read('TypeCondition')),
    directives: list(read('Directives'), directive),
    selectionSet: list(read('SelectionSet'), selection),
  };
}

/**
 * Every selection that can be read as a field is one, be it meant as a spread or as an inline fragment: a tree that a
 * policy hands in does not say which it is, and gqlparser tries fields first.
 */
function selection(value: JsonValue): Selection {
  const read = members(value, EXACT_CASE);
  const field: Field = {
    position: undefined,
    comment: undefined,
    alias: text(read('Alias')),
    name: text(read('Name')),
    arguments: list(read('Arguments'), argument),
    directives: list(read('Directives'), directive),
    selectionSet: list(read('SelectionSet'), selection),
  };
  return field;
}

function variableDefinition(value: JsonValue): VariableDefinition {
  const read = members(value, ANY_CASE);
  return {
    position: undefined,
    comment: comments(read('Comment')),
    variable: text(read('Variable')),
    type: required(read('Type'), 'Type', typeReference),
    defaultValue: optional(read('DefaultValue'), valueNode),
    directives: list(read('Directives'), directive),
    used: flag(read('Used')),
  };
}

function directive(value: JsonValue): Directive {
  const read = members(value, ANY_CASE);
  return {
    position: undefined,
    name: text(read('Name')),
    arguments: list(read('Arguments'), argument),
    location: text(read('Location')),
  };
}

function argument(value: JsonValue): Argument {
  const read = members(value, ANY_CASE);
  return {
    position: undefined,
    comment: comments(read('Comment')),
    name: text(read('Name')),
    value: required(read('Value'), 'Value', valueNode),
  };
}

function valueNode(value: JsonValue): Value {
  const read = members(value, ANY_CASE);
  return {
    position: undefined,
    comment: comments(read('Comment')),
    raw: text(read('Raw')),
    children: list(read('Children'), childValue),
    kind: integer(read('Kind')),
    expectedTypeHasDefault: flag(read('ExpectedTypeHasDefault')),
  };
}

function childValue(value: JsonValue): ChildValue {
  const read = members(value, ANY_CASE);
  return {
    position: undefined,
    comment: comments(read('Comment')),
    name: text(read('Name')),
    value: required(read('Value'), 'Value', valueNode),
  };
}

function typeReference(value: JsonValue): TypeReference {
  const read = members(value, ANY_CASE);
  const namedType = text(read('NamedType'));
  const elem = optional(read('Elem'), typeReference);
  if (namedType === '' && elem === undefined) {
    throw new GraphqlFault('a type in a syntax tree needs NamedType or Elem', undefined);
  }
  return { position: undefined, namedType, elem, nonNull: flag(read('NonNull')) };
}

function described(read: Read): Described {
  return {
    description: text(read('Description')),
    beforeDescriptionComment: comments(read('BeforeDescriptionComment')),
    afterDescriptionComment: comments(read('AfterDescriptionComment')),
  };
}

function schemaDefinition(value: JsonValue): SchemaDefinition {
  const read = members(value, ANY_CASE);
  return {
    position: undefined,
    ...described(read),
    directives: list(read('Directives'), directive),
    operationTypes: list(read('OperationTypes'), operationType),
    endOfDefinitionComment: comments(read('EndOfDefinitionComment')),
  };
}

function operationType(value: JsonValue): OperationType {
  const read = members(value, ANY_CASE);
  return {
    position: undefined,
    comment: comments(read('Comment')),
    operation: text(read('Operation')),
    type: text(read('Type')),
  };
}

function definition(value: JsonValue): Definition {
  const read = members(value, ANY_CASE);
  return {
    position: undefined,
    ...described(read),
    kind: text(read('Kind')),
    name: text(read('Name')),
    directives: list(read('Directives'), directive),
    interfaces: list(read('Interfaces'), text),
    fields: list(read('Fields'), fieldDefinition),
    types: list(read('Types'), text),
    enumValues: list(read('EnumValues'), enumValue),
    builtIn: flag(read('BuiltIn')),
    endOfDefinitionComment: comments(read('EndOfDefinitionComment')),
  };
}

function fieldDefinition(value: JsonValue): FieldDefinition {
  const read = members(value, ANY_CASE);
  return { ...argumentDefinition(value), arguments: list(read('Arguments'), argumentDefinition) };
}

function argumentDefinition(value: JsonValue): ArgumentDefinition {
  const read = members(value, ANY_CASE);
  return {
    position: undefined,
    ...described(read),
    name: text(read('Name')),
    defaultValue: optional(read('DefaultValue'), valueNode),
    type: required(read('Type'), 'Type', typeReference),
    directives: list(read('Directives'), directive),
  };
}

function enumValue(value: JsonValue): EnumValue {
  const read = members(value, ANY_CASE);
  return {
    position: undefined,
    ...described(read),
    name: text(read('Name')),
    directives: list(read('Directives'), directive),
  };
}

function directiveDefinition(value: JsonValue): DirectiveDefinition {
  const read = members(value, ANY_CASE);
  return {
    position: undefined,
    ...described(read),
    name: text(read('Name')),
    arguments: list(read('Arguments'), argumentDefinition),
    locations: list(read('Locations'), text),
    isRepeatable: flag(read('IsRepeatable')),
  };
}
