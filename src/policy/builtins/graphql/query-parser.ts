import type {
  Field,
  Fragment,
  FragmentSpread,
  InlineFragment,
  Operation,
  QueryDocument,
  Selection,
  VariableDefinition,
} from './ast.js';
import { GraphqlFault } from './fault.js';
import { Reader } from './reader.js';
import { parseArguments, parseDirectives, parseType, parseValue, parseVariable } from './values.js';

/**
 * Reads operations and fragments; a text without any is a document too.
 *
 * @throws GraphqlFault where the text is none
 * Source: https://spec.graphql.org/October2021/#sec-Document, as gqlparser reads it
 */
export function parseQuery(text: string): QueryDocument {
  const reader = new Reader(text);
  const operations: Operation[] = [];
  const fragments: Fragment[] = [];
  while (!reader.at('<EOF>')) {
    if (reader.at('{')) operations.push(parseShorthand(reader));
    else if (reader.atName('fragment')) fragments.push(parseFragment(reader));
    else if (isOperation(reader)) operations.push(parseOperation(reader));
    else throw reader.unexpected();
  }
  return { operations, fragments };
}

function isOperation(reader: Reader): boolean {
  return reader.atName('query') || reader.atName('mutation') || reader.atName('subscription');
}

/** A query without a name may leave the word out. A comment before it is lost, as in gqlparser. */
function parseShorthand(reader: Reader): Operation {
  return {
    position: reader.position,
    comment: undefined,
    operation: 'query',
    name: '',
    variableDefinitions: [],
    directives: [],
    selectionSet: parseSelectionSet(reader),
  };
}

function parseOperation(reader: Reader): Operation {
  const { position } = reader;
  const comment = reader.comment();
  const operation = reader.name();
  const name = reader.at('Name') ? reader.name() : '';
  const variableDefinitions = parseVariableDefinitions(reader);
  const directives = parseDirectives(reader, false);
  const selectionSet = parseSelectionSet(reader);
  return { position, comment, operation, name, variableDefinitions, directives, selectionSet };
}

function parseFragment(reader: Reader): Fragment {
  const { position } = reader;
  const comment = reader.comment();
  reader.keyword('fragment');
  if (reader.atName('on')) throw reader.unexpected();
  const name = reader.name();
  const variableDefinition = parseVariableDefinitions(reader);
  reader.keyword('on');
  const typeCondition = reader.name();
  const directives = parseDirectives(reader, false);
  const selectionSet = parseSelectionSet(reader);
  return { position, comment, name, variableDefinition, typeCondition, directives, selectionSet };
}

function parseVariableDefinitions(reader: Reader): VariableDefinition[] {
  return reader.some('(', ')', () => {
    const { position } = reader;
    const comment = reader.comment();
    const variable = parseVariable(reader);
    reader.expect(':');
    const type = parseType(reader);
    const defaultValue = reader.skip('=') ? parseValue(reader, true) : undefined;
    const directives = parseDirectives(reader, false);
    return { position, comment, variable, type, defaultValue, directives, used: false };
  });
}

function parseSelectionSet(reader: Reader): Selection[] {
  if (!reader.at('{')) throw new GraphqlFault(`Expected {, found ${reader.peek().kind}`, reader.position);
  return reader.some('{', '}', () => (reader.at('...') ? parseSpread(reader) : parseField(reader)));
}

function parseField(reader: Reader): Field {
  const { position } = reader;
  const comment = reader.comment();
  const alias = reader.name();
  const name = reader.skip(':') ? reader.name() : alias;
  const parameters = parseArguments(reader, false);
  const directives = parseDirectives(reader, false);
  const selectionSet = reader.at('{') ? parseSelectionSet(reader) : [];
  return { position, comment, alias, name, arguments: parameters, directives, selectionSet };
}

function parseSpread(reader: Reader): FragmentSpread | InlineFragment {
  const comment = reader.comment();
  reader.expect('...');
  const { position } = reader;
  if (reader.at('Name') && !reader.atName('on')) {
    return { position, comment, name: reader.name(), directives: parseDirectives(reader, false) };
  }
  const hasCondition = reader.atName('on');
  if (hasCondition) reader.take();
  const typeCondition = hasCondition ? reader.name() : '';
  const directives = parseDirectives(reader, false);
  return { position, comment, typeCondition, directives, selectionSet: parseSelectionSet(reader) };
}
