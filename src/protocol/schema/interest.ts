/** The keywords of JSON Schema (draft 7) that lead from one value to another or from one schema to another. */
export interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly if?: Schema;
  readonly then?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
}

/** What a schema looks at in a value. Of all it does not name here it can only know the kind. */
export interface Interest {
  readonly members: ReadonlyMap<string, Interest>;
  /** In members that have no name in the schema. */
  readonly others: Interest | undefined;
  readonly elements: Interest | undefined;
}

/**
 * What a schema looks at, in any of its branches. A schema that leads back to itself would have no end; MCP has none.
 *
 * @param resolve gives the schema that a `$ref` names
 */
export function interestOf(schema: Schema, resolve: (ref: string) => Schema): Interest {
  return looking([schema]);

  function looking(schemas: readonly Schema[]): Interest {
    const all = schemas.flatMap(branches);
    const names = new Set(
      all.flatMap(({ properties = {}, required = [] }) => [...Object.keys(properties), ...required]),
    );
    const member = (name: string) =>
      all.map(({ properties = {}, additionalProperties }) =>
        Object.hasOwn(properties, name) ? properties[name] : additionalProperties,
      );
    return {
      members: new Map([...names].map((name) => [name, looking(member(name).filter(isSchema))])),
      others: lookingIfAny(all.map(({ additionalProperties }) => additionalProperties)),
      elements: lookingIfAny(all.map(({ items }) => items)),
    };
  }

  function lookingIfAny(schemas: readonly (Schema | undefined)[]): Interest | undefined {
    const given = schemas.filter(isSchema);
    return given.length === 0 ? undefined : looking(given);
  }

  /** A schema and all that look at the same value. */
  function branches(one: Schema): Schema[] {
    const { $ref, allOf = [], anyOf = [], if: condition, then } = one;
    const further = [...allOf, ...anyOf, condition, then, $ref === undefined ? undefined : resolve($ref)];
    return [one, ...further.filter(isSchema).flatMap(branches)];
  }
}

function isSchema(schema: Schema | undefined): schema is Schema {
  return schema !== undefined;
}
