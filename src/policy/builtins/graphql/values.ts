import {
  type Argument,
  type ChildValue,
  type Directive,
  KIND,
  type TypeReference,
  type Value,
} from './ast.js';
import type { Reader } from './reader.js';

/** @param constant whether variables are forbidden, as they are wherever a schema has values */
export function parseValue(reader: Reader, constant: boolean): Value {
  const token = reader.peek();
  switch (token.kind) {
    case '[':
      return parseList(reader, constant);
    case '{':
      return parseObject(reader, constant);
    case '$': {
      if (constant) throw reader.unexpected();
      return scalar(KIND.variable, parseVariable(reader), token.position);
    }
    case 'Int':
      return scalar(KIND.int, reader.take().value, token.position);
    case 'Float':
      return scalar(KIND.float, reader.take().value, token.position);
    case 'String':
      return scalar(KIND.string, reader.take().value, token.position);
    case 'BlockString':
      return scalar(KIND.block, reader.take().value, token.position);
    case 'Name':
      return scalar(nameKind(token.value), reader.take().value, token.position);
    default:
      throw reader.unexpected();
  }
}

export function parseVariable(reader: Reader): string {
  reader.expect('$');
  return reader.name();
}

export function parseArguments(reader: Reader, constant: boolean): Argument[] {
  return reader.some('(', ')', () => {
    const { position } = reader;
    const comment = reader.comment();
    const name = reader.name();
    reader.expect(':');
    return { position, comment, name, value: parseValue(reader, constant) };
  });
}

export function parseDirectives(reader: Reader, constant: boolean): Directive[] {
  const directives: Directive[] = [];
  while (reader.skip('@')) {
    const { position } = reader;
    const name = reader.name();
    directives.push({ position, name, arguments: parseArguments(reader, constant), location: '' });
  }
  return directives;
}

export function parseType(reader: Reader): TypeReference {
  const isList = reader.skip('[');
  const { position } = reader;
  const elem = isList ? reader.nest(() => parseType(reader)) : undefined;
  if (isList) reader.expect(']');
  const namedType = isList ? '' : reader.name();
  return { position, namedType, elem, nonNull: reader.skip('!') };
}

/** A comment before a scalar is lost, as in gqlparser. */
function scalar(kind: number, raw: string, position: number): Value {
  return { position, comment: undefined, raw, children: [], kind, expectedTypeHasDefault: false };
}

function nameKind(name: string): number {
  if (name === 'null') return KIND.null;
  return name === 'true' || name === 'false' ? KIND.boolean : KIND.enum;
}

function parseList(reader: Reader, constant: boolean): Value {
  const { position } = reader;
  const comment = reader.comment();
  const children = reader.many('[', ']', (): ChildValue => {
    return { position: undefined, comment: undefined, name: '', value: parseValue(reader, constant) };
  });
  return { ...scalar(KIND.list, '', position), comment, children };
}

function parseObject(reader: Reader, constant: boolean): Value {
  const { position } = reader;
  const comment = reader.comment();
  const children = reader.many('{', '}', (): ChildValue => {
    const field = { position: reader.position, comment: reader.comment(), name: reader.name() };
    reader.expect(':');
    return { ...field, value: parseValue(reader, constant) };
  });
  return { ...scalar(KIND.object, '', position), comment, children };
}
