import type { RE2JS } from 're2js';
import type { RegoNumber } from '../../rego/number.js';

/** The drafts whose rules differ; schemas that name none may use all of what the three know. */
export type Draft = 4 | 6 | 7 | 'any';

/** A schema made ready; what it doesn't ask for is missing. */
export interface Schema {
  /** The member of its parent that it describes, or what it is there for. */
  readonly property: string;
  draft: Draft;
  /** Of a schema that is `true` or `false`. */
  verdict?: boolean;
  /** What `$ref` refers to, which then is all there is. */
  reference?: Schema;
  readonly types: string[];
  multipleOf?: RegoNumber;
  minimum?: RegoNumber | undefined;
  maximum?: RegoNumber | undefined;
  exclusiveMinimum?: RegoNumber | undefined;
  exclusiveMaximum?: RegoNumber | undefined;
  minLength?: bigint;
  maxLength?: bigint;
  pattern?: { readonly text: string; readonly expression: RE2JS };
  format?: string;
  minProperties?: bigint;
  maxProperties?: bigint;
  required: readonly string[];
  properties: ReadonlyMap<string, Schema>;
  patternProperties: readonly (readonly [pattern: RE2JS, schema: Schema])[];
  additionalProperties?: boolean | Schema;
  propertyNames?: Schema;
  dependencies: ReadonlyMap<string, readonly string[] | Schema>;
  minItems?: bigint;
  maxItems?: bigint;
  uniqueItems?: boolean;
  /** One schema for all items, or one for each of the first. */
  items?: Schema | readonly Schema[];
  additionalItems?: boolean | Schema;
  contains?: Schema;
  /** Allowed values as canonical JSON. */
  constant?: string;
  enumeration?: readonly string[];
  oneOf: readonly Schema[];
  anyOf: readonly Schema[];
  allOf: readonly Schema[];
  not?: Schema;
  condition?: Schema;
  consequence?: Schema;
  alternative?: Schema;
}

/** A schema that asks for nothing. */
export function emptySchema(property: string, draft: Draft): Schema {
  return {
    ...{ property, draft, types: [], required: [], properties: new Map(), patternProperties: [] },
    ...{ dependencies: new Map(), oneOf: [], anyOf: [], allOf: [] },
  };
}
