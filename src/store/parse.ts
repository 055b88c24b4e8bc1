import { Ajv, type Schema, type ValidateFunction } from 'ajv';
import { describeThrown } from '../domain/index.js';
import { corrupt } from './errors.js';

/** One for all, since each compiles the schema of schemas for itself. */
let compiler: Ajv | undefined;

/**
 * Makes the reader of one kind of row: it parses the row's JSON columns and checks the whole against a schema, so
 * that nothing leaves the store of which the type is only hoped for. The schema is compiled with the first row: most
 * commands read few kinds, or none.
 *
 * @param what names the rows in an error
 * @param assemble makes the value of a row, given JSON.parse for its columns
 * @returns a function that throws {StoreError} `corrupt` for a row that is not what it should be
 */
export function rowReader<Row, Value>(
  what: string,
  schema: Schema,
  assemble: (row: Row, parse: (text: string) => unknown) => unknown,
): (row: Row) => Value {
  let isValid: ValidateFunction<Value> | undefined;
  return (row) => {
    const value = assembled(what, () => assemble(row, JSON.parse));
    compiler ??= new Ajv();
    isValid ??= compiler.compile<Value>(schema);
    if (isValid(value)) return value;
    throw corrupt(`${what} does not fit its schema (${compiler.errorsText(isValid.errors)})`);
  };
}

function assembled(what: string, work: () => unknown): unknown {
  try {
    return work();
  } catch (thrown) {
    throw corrupt(`${what} is no JSON (${describeThrown(thrown)})`, thrown);
  }
}
