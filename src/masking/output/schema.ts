import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { RE2JS } from 're2js';
import { type JsonObject, type JsonValue, RegateError } from '../../domain/index.js';
import { isSchemaObject, weigh } from './weight.js';

/** Longer schemas are not compiled: that takes time, and this is a server's word. */
const LONGEST_SCHEMA = 64 * 1024;
/** Subschemas times bytes that one validation may have to look at: what takes about a tenth of a second. */
const MOST_WORK = 20_000_000;
const DRAFT_7 = /draft-0[4-7]/;

/** One way in which a value breaks a schema. */
export interface SchemaFault {
  /** JSON Pointer of the value, in what was checked. */
  readonly path: string;
  readonly keyword: string;
  /** The subschema that it breaks. */
  readonly wanted: JsonObject;
  /** Of a missing member: its name. */
  readonly missing: string | undefined;
}

/** A tool's `outputSchema`, which is checked in bounded time whatever it says. */
export interface OutputSchema {
  readonly root: JsonObject;
  /** What is wrong with a value; undefined where finding out could take too long. `bytes` is its size as JSON. */
  faults(value: JsonValue, bytes: number): readonly SchemaFault[] | undefined;
}

/** A schema of a server cannot be checked safely, or is none. */
export class OutputSchemaError extends RegateError<'output_schema_unusable'> {
  constructor(why: string, cause?: unknown) {
    super('output_schema_unusable', why, 'Ask whoever keeps the tool for a simpler outputSchema.', cause);
  }
}

/**
 * Compiles a tool's `outputSchema` (MCP, tools, output schema; JSON Schema 2020-12 where it names no other). References
 * may lead within the schema and not in circles; patterns must be of RE2.
 *
 * @throws OutputSchemaError
 */
export function compileOutputSchema(schema: JsonObject, bytes: number): OutputSchema {
  if (bytes > LONGEST_SCHEMA) throw new OutputSchemaError('the outputSchema is too large to check');
  const weight = weigh(schema);
  if (weight === undefined)
    throw new OutputSchemaError('the outputSchema refers elsewhere, in circles or too often');
  const validate = compile(schema);
  return {
    root: schema,
    faults(value, size) {
      if (weight * size > MOST_WORK) return undefined;
      return validate(value) ? [] : (validate.errors ?? []).map(toFault);
    },
  };
}

function compile(schema: JsonObject): ValidateFunction {
  const options = {
    strict: false,
    allErrors: true,
    verbose: true,
    meta: false,
    validateSchema: false,
    logger: false,
    inlineRefs: false,
    code: { regExp: linear },
  } as const;
  const named = schema['$schema'];
  const ajv = typeof named === 'string' && DRAFT_7.test(named) ? new Ajv(options) : new Ajv2020(options);
  addFormats.default(ajv, { mode: 'fast' });
  // Ajv's own compares each item with each other one.
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({ keyword: 'uniqueItems', type: 'array', validate: areUnique, errors: false });
  try {
    const { $schema: _named, $id: _id, ...rest } = schema;
    return ajv.compile(rest);
  } catch (thrown) {
    throw new OutputSchemaError('the outputSchema is none that can be checked', thrown);
  }
}

/** Patterns of a schema, in linear time. By its text Ajv tells one from another. */
function linear(pattern: string): { test: (text: string) => boolean; toString: () => string } {
  const expression = RE2JS.compile(pattern);
  return { test: (text) => expression.matcher(text).find(), toString: () => JSON.stringify(pattern) };
}
linear.code = 'RE2';

function areUnique(wanted: unknown, items: readonly unknown[]): boolean {
  return wanted !== true || new Set(items.map(canonical)).size === items.length;
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) =>
    isSchemaObject(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

function toFault({ instancePath, keyword, parentSchema, params }: ErrorObject): SchemaFault {
  const missing: unknown = params['missingProperty'];
  return {
    path: instancePath,
    keyword,
    wanted: isSchemaObject(parentSchema) ? parentSchema : {},
    missing: typeof missing === 'string' ? missing : undefined,
  };
}
