import { readFileSync } from 'node:fs';

/** The keywords of JSON Schema (draft 7) that `schemas/config.schema.json` uses to lead to a value. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly definitions?: Readonly<Record<string, Schema>>;
  /** A keyword of our own: the value may be `file:PATH`, which stands for what is in that file. */
  readonly readsFile?: boolean;
}

/** What a configuration may look like: the schema that editors and the documentation read too. */
export const CONFIG_SCHEMA = JSON.parse(
  readFileSync(new URL('../../schemas/config.schema.json', import.meta.url), 'utf8'),
) as Schema;

/** The schema of a member or a list's entry, or undefined where the schema has no such thing. */
export function schemaBelow(schema: Schema | undefined, step: string | number): Schema | undefined {
  if (schema === undefined) return undefined;
  if (typeof step === 'number') return resolved(schema.items);
  const { properties = {}, additionalProperties } = schema;
  if (Object.hasOwn(properties, step)) return resolved(properties[step]);
  return typeof additionalProperties === 'object' ? resolved(additionalProperties) : undefined;
}

function resolved(schema: Schema | undefined): Schema | undefined {
  const name = schema?.$ref?.replace('#/definitions/', '');
  return name === undefined ? schema : CONFIG_SCHEMA.definitions?.[name];
}
