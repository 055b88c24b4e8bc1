import { RegoObject, type RegoValue } from '../../rego/value.js';
import { BuiltinError, type BuiltinTable, type Evaluation, stringOperand, typeName } from '../builtin.js';
import type { QueryDocument, SchemaDocument } from './ast.js';
import { decodeQuery, decodeSchema } from './decode.js';
import { encode } from './encode.js';
import { GraphqlFault, lineAndColumn } from './fault.js';
import { parseQuery } from './query-parser.js';
import { loadSchema } from './schema.js';
import { parseSchema } from './schema-parser.js';
import { validate } from './validate.js';

/**
 * The functions of GraphQL. OPA has them from gqlparser, whose tree and rules differ from those of graphql-js, so these
 * follow gqlparser.
 *
 * Source: https://www.openpolicyagent.org/docs/policy-reference/builtins/graphql
 */
export const GRAPHQL = {
  'graphql.is_valid': isValid,
  'graphql.parse': parse,
  'graphql.parse_and_verify': parseAndVerify,
  'graphql.parse_query': parseQueryText,
  'graphql.parse_schema': parseSchemaText,
  'graphql.schema_is_valid': schemaIsValid,
} satisfies BuiltinTable;

/** @returns the trees of the query and of the schema */
function parse(evaluation: Evaluation, query: RegoValue, schema: RegoValue): RegoValue {
  const queryDocument = readQuery(query, 1);
  const schemaDocument = readSchema(schema, 2);
  verify(evaluation, query, queryDocument, schema, schemaDocument);
  return [encode(queryDocument), encode(schemaDocument)];
}

/** As `parse`, but says whether it went well instead of having no result. */
function parseAndVerify(evaluation: Evaluation, query: RegoValue, schema: RegoValue): RegoValue {
  return recover(
    () => [true, ...(parse(evaluation, query, schema) as readonly RegoValue[])],
    [false, RegoObject.of([]), RegoObject.of([])],
  );
}

function isValid(evaluation: Evaluation, query: RegoValue, schema: RegoValue): RegoValue {
  return recover(() => {
    verify(evaluation, query, readQuery(query, 1), schema, readSchema(schema, 2));
    return true;
  }, false);
}

function schemaIsValid(evaluation: Evaluation, schema: RegoValue): RegoValue {
  return recover(() => {
    const document = readSchema(schema, 1);
    inText(schema, () => loadSchema(document, spending(evaluation)));
    return true;
  }, false);
}

function parseQueryText(_evaluation: Evaluation, query: RegoValue): RegoValue {
  return encode(readQuery(stringOperand(query, 1), 1));
}

function parseSchemaText(_evaluation: Evaluation, schema: RegoValue): RegoValue {
  return encode(readSchema(stringOperand(schema, 1), 1));
}

function readQuery(operand: RegoValue, position: number): QueryDocument {
  return inText(operand, () => read(operand, position, parseQuery, decodeQuery));
}

function readSchema(operand: RegoValue, position: number): SchemaDocument {
  return inText(operand, () => read(operand, position, parseSchema, decodeSchema));
}

/** A document may be text or a tree. */
function read<Document>(
  operand: RegoValue,
  position: number,
  parseText: (text: string) => Document,
  decode: (tree: RegoObject) => Document,
): Document {
  if (typeof operand === 'string') return parseText(operand);
  if (operand instanceof RegoObject) return decode(operand);
  throw new WrongOperand(`operand ${position} must be one of {string, object} but got ${typeName(operand)}`);
}

function verify(
  evaluation: Evaluation,
  query: RegoValue,
  queryDocument: QueryDocument,
  schema: RegoValue,
  schemaDocument: SchemaDocument,
): void {
  const spend = spending(evaluation);
  const loaded = inText(schema, () => loadSchema(schemaDocument, spend));
  inText(query, () => validate(loaded, queryDocument, spend));
}

function spending(evaluation: Evaluation): (units: number) => void {
  return (units) => evaluation.spend(units);
}

/** A document that is not as it should be, unlike one that is too deep to know. */
class WrongOperand extends BuiltinError {}

/** Says where in its text a document is wrong. */
function inText<Result>(operand: RegoValue, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof GraphqlFault)) throw error;
    throw new WrongOperand(describe(error, operand), { cause: error });
  }
}

function describe({ message, position }: GraphqlFault, operand: RegoValue): string {
  if (typeof operand !== 'string' || position === undefined) return message;
  const { line, column } = lineAndColumn(operand, position);
  return `${message.replace(/\.$/, '')} in GraphQL string at location ${line}:${column}`;
}

function recover(work: () => RegoValue, otherwise: RegoValue): RegoValue {
  try {
    return work();
  } catch (error) {
    if (error instanceof WrongOperand) return otherwise;
    throw error;
  }
}
