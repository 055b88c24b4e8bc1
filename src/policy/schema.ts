import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';

/** One for all schemas here, since each compiles the schema of schemas for itself. */
export const ajv = new Ajv({ strictTypes: true });

/** Compiles one of the project's JSON Schemas into a function that narrows to the type it describes. */
export function compileSchema<Shape>(name: 'input' | 'decision'): ValidateFunction<Shape> {
  const file = new URL(`../../schemas/${name}.schema.json`, import.meta.url);
  return ajv.compile<Shape>(JSON.parse(readFileSync(file, 'utf8')));
}

/** Which part of the schema was not met. Values may be secret, so they are never named. */
export function violation(validate: ValidateFunction<unknown>): string {
  return validate.errors?.map(({ schemaPath }) => schemaPath).join(', ') ?? '';
}
