import type {
  ArgumentDefinition,
  CommentGroup,
  Definition,
  Described,
  DirectiveDefinition,
  EnumValue,
  FieldDefinition,
  OperationType,
  SchemaDefinition,
  SchemaDocument,
} from './ast.js';
import { Reader } from './reader.js';
import { parseDirectives, parseType, parseValue } from './values.js';

/** What each word that begins a type's definition makes. */
const KINDS: Readonly<Record<string, string>> = {
  scalar: 'SCALAR',
  type: 'OBJECT',
  interface: 'INTERFACE',
  union: 'UNION',
  enum: 'ENUM',
  input: 'INPUT_OBJECT',
};

const LOCATIONS = new Set(
  (
    'QUERY MUTATION SUBSCRIPTION FIELD FRAGMENT_DEFINITION FRAGMENT_SPREAD INLINE_FRAGMENT VARIABLE_DEFINITION ' +
    'SCHEMA SCALAR OBJECT FIELD_DEFINITION ARGUMENT_DEFINITION INTERFACE UNION ENUM ENUM_VALUE INPUT_OBJECT ' +
    'INPUT_FIELD_DEFINITION'
  ).split(' '),
);

/**
 * Reads the definitions of a schema. Whether they make sense together is not looked at.
 *
 * @param builtIn what the definitions say of themselves
 * @throws GraphqlFault where the text is none
 * Source: https://spec.graphql.org/October2021/#sec-Type-System, as gqlparser reads it
 */
export function parseSchema(text: string, builtIn = false): SchemaDocument {
  const reader = new Reader(text);
  const schema: SchemaDefinition[] = [];
  const schemaExtension: SchemaDefinition[] = [];
  const directives: DirectiveDefinition[] = [];
  const definitions: Definition[] = [];
  const extensions: Definition[] = [];
  while (!reader.at('<EOF>')) {
    const start = reader.peek();
    const described = parseDescription(reader);
    const word = reader.at('Name') ? reader.peek().value : '';
    if (Object.hasOwn(KINDS, word)) definitions.push(parseDefinition(reader, described, builtIn));
    else if (word === 'schema') schema.push(parseSchemaDefinition(reader, described));
    else if (word === 'directive') directives.push(parseDirectiveDefinition(reader, described));
    else if (word === 'extend') {
      if (described.text !== '') throw reader.unexpected(start);
      const comment = reader.comment();
      reader.take();
      if (reader.atName('schema')) schemaExtension.push(parseSchemaExtension(reader, comment));
      else extensions.push(parseExtension(reader, comment, builtIn));
    } else throw reader.unexpected();
  }
  return { schema, schemaExtension, directives, definitions, extensions, comment: reader.comment() };
}

interface Description {
  readonly text: string;
  readonly comment: CommentGroup | undefined;
}

function parseDescription(reader: Reader): Description {
  if (!reader.at('String') && !reader.at('BlockString')) return { text: '', comment: undefined };
  const comment = reader.comment();
  return { text: reader.take().value, comment };
}

/** What stands before the word that begins a definition. */
function head(reader: Reader, { text, comment }: Description): Described {
  const afterDescriptionComment = reader.comment();
  return { description: text, beforeDescriptionComment: comment, afterDescriptionComment };
}

/** What stands before a field, an argument or an enum's value: an empty description takes its comment with it. */
function memberHead(reader: Reader): Described {
  const description = parseDescription(reader);
  return head(reader, description.text === '' ? { text: '', comment: undefined } : description);
}

function parseSchemaDefinition(reader: Reader, description: Description): SchemaDefinition {
  const described = head(reader, description);
  reader.take();
  return { ...described, ...schemaBody(reader) };
}

function parseSchemaExtension(reader: Reader, comment: CommentGroup | undefined): SchemaDefinition {
  reader.take();
  const body = schemaBody(reader);
  if (body.directives.length === 0 && body.operationTypes.length === 0) throw reader.unexpected();
  return { ...extended(comment), ...body };
}

function extended(comment: CommentGroup | undefined): Described {
  return { description: '', beforeDescriptionComment: undefined, afterDescriptionComment: comment };
}

function schemaBody(reader: Reader): Omit<SchemaDefinition, keyof Described> {
  const { position } = reader;
  const directives = parseDirectives(reader, true);
  const ended = reader.someWithComment('{', '}', () => parseOperationType(reader));
  return { position, directives, operationTypes: ended.items, endOfDefinitionComment: ended.comment };
}

function parseOperationType(reader: Reader): OperationType {
  const { position } = reader;
  const comment = reader.comment();
  const operation = reader.take();
  if (!['query', 'mutation', 'subscription'].includes(operation.value)) throw reader.unexpected(operation);
  reader.expect(':');
  return { position, comment, operation: operation.value, type: reader.name() };
}

function parseDefinition(reader: Reader, description: Description, builtIn: boolean): Definition {
  const described = head(reader, description);
  const word = reader.take().value;
  const { position } = reader;
  return { position, ...described, ...typeBody(reader, word, DEFINED), builtIn };
}

function parseExtension(reader: Reader, comment: CommentGroup | undefined, builtIn: boolean): Definition {
  const word = reader.at('Name') ? reader.peek().value : '';
  if (!Object.hasOwn(KINDS, word)) throw reader.unexpected();
  reader.take();
  const { position } = reader;
  const body = typeBody(reader, word, EXTENDED);
  const additions = [body.directives, body.interfaces, body.fields, body.types, body.enumValues];
  if (additions.every((list) => list.length === 0)) throw reader.unexpected();
  return { position, ...extended(comment), ...body, builtIn };
}

type TypeBody = Omit<Definition, keyof Described | 'position' | 'builtIn'>;

/** Which words may be followed by interfaces, and which by directives with variables: gqlparser's own peculiarities. */
interface Peculiarities {
  readonly implementing: readonly string[];
  readonly variable: readonly string[];
}

const DEFINED: Peculiarities = { implementing: ['type', 'interface'], variable: [] };
const EXTENDED: Peculiarities = { implementing: ['type'], variable: ['input'] };

function typeBody(reader: Reader, word: string, { implementing, variable }: Peculiarities): TypeBody {
  const name = reader.name();
  const interfaces = implementing.includes(word) ? parseInterfaces(reader) : [];
  const body = {
    kind: KINDS[word] ?? '',
    name,
    interfaces,
    directives: parseDirectives(reader, !variable.includes(word)),
    fields: [],
    types: [],
    enumValues: [],
    endOfDefinitionComment: undefined,
  };
  if (word === 'scalar') return body;
  if (word === 'union') return { ...body, types: parseUnionMembers(reader) };
  if (word === 'enum') {
    const ended = reader.someWithComment('{', '}', () => parseEnumValue(reader));
    return { ...body, enumValues: ended.items, endOfDefinitionComment: ended.comment };
  }
  const parseMember = word === 'input' ? parseInputField : parseField;
  const ended = reader.someWithComment('{', '}', () => parseMember(reader));
  return { ...body, fields: ended.items, endOfDefinitionComment: ended.comment };
}

/** Any token that says `implements` begins the list, even a string: gqlparser looks only at the value. */
function parseInterfaces(reader: Reader): string[] {
  if (reader.peek().value !== 'implements') return [];
  reader.take();
  return parseNames(reader, '&');
}

function parseUnionMembers(reader: Reader): string[] {
  return reader.skip('=') ? parseNames(reader, '|') : [];
}

/** Names between separators; one may stand before the first too. */
function parseNames(reader: Reader, separator: string): string[] {
  reader.skip(separator);
  const names = [reader.name()];
  while (reader.skip(separator)) names.push(reader.name());
  return names;
}

function parseField(reader: Reader): FieldDefinition {
  const described = memberHead(reader);
  const { position } = reader;
  const name = reader.name();
  const parameters = parseArgumentDefinitions(reader);
  reader.expect(':');
  const type = parseType(reader);
  const directives = parseDirectives(reader, true);
  return { position, ...described, name, arguments: parameters, defaultValue: undefined, type, directives };
}

function parseInputField(reader: Reader): FieldDefinition {
  return { ...parseArgumentDefinition(reader), arguments: [] };
}

function parseArgumentDefinitions(reader: Reader): ArgumentDefinition[] {
  return reader.some('(', ')', () => parseArgumentDefinition(reader));
}

function parseArgumentDefinition(reader: Reader): ArgumentDefinition {
  const described = memberHead(reader);
  const { position } = reader;
  const name = reader.name();
  reader.expect(':');
  const type = parseType(reader);
  const defaultValue = reader.skip('=') ? parseValue(reader, true) : undefined;
  const directives = parseDirectives(reader, true);
  return { position, ...described, name, defaultValue, type, directives };
}

function parseEnumValue(reader: Reader): EnumValue {
  const described = memberHead(reader);
  const { position } = reader;
  const name = reader.name();
  return { position, ...described, name, directives: parseDirectives(reader, true) };
}

function parseDirectiveDefinition(reader: Reader, description: Description): DirectiveDefinition {
  const described = head(reader, description);
  reader.take();
  reader.expect('@');
  const { position } = reader;
  const name = reader.name();
  const parameters = parseArgumentDefinitions(reader);
  const isRepeatable = reader.atName('repeatable');
  if (isRepeatable) reader.take();
  reader.keyword('on');
  const locations = parseLocations(reader);
  return { position, ...described, name, arguments: parameters, locations, isRepeatable };
}

function parseLocations(reader: Reader): string[] {
  reader.skip('|');
  const locations: string[] = [];
  do {
    const token = reader.expect('Name');
    if (!LOCATIONS.has(token.value)) throw reader.unexpected(token);
    locations.push(token.value);
  } while (reader.skip('|'));
  return locations;
}
