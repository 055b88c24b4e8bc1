import { formatValue } from '../../rego/text.js';
import type { RegoValue } from '../../rego/value.js';
import { BuiltinError, type BuiltinTable, type Evaluation } from '../builtin.js';
import { compileSchema } from './compile.js';
import { documentOf } from './document.js';
import type { Schema } from './schema.js';
import { validate } from './validate.js';

/**
 * JSON Schema of the drafts 4, 6 and 7, in the words of the library that OPA uses.
 *
 * Source: https://www.openpolicyagent.org/docs/policy-reference/builtins/object#builtin-object-jsonmatch_schema
 */
export const JSON_SCHEMA = {
  'json.verify_schema': verifySchema,
  'json.match_schema': (evaluation, document, schema) => {
    const value = documentOf(document);
    const result = validate(evaluation, compiledOnce(evaluation, schema), value);
    return [result.isValid, result.problems];
  },
} satisfies BuiltinTable;

function verifySchema(evaluation: Evaluation, schema: RegoValue | undefined): RegoValue {
  try {
    compileSchema(evaluation, documentOf(schema));
    return [true, null];
  } catch (error) {
    if (error instanceof BuiltinError) return [false, `jsonschema: ${error.message}`];
    throw error;
  }
}

/** Policies check many documents with one schema. */
function compiledOnce(evaluation: Evaluation, schema: RegoValue | undefined): Schema {
  return evaluation.remember(`json.match_schema ${formatValue(schema ?? null)}`, () =>
    compileSchema(evaluation, documentOf(schema)),
  );
}
