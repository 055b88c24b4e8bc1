import { type Definition, type FieldDefinition, type TypeReference, typeText } from './ast.js';
import { GraphqlFault } from './fault.js';
import { named } from './named.js';
import type { Schema } from './schema.js';

/**
 * @param spend accounts for work
 * @throws GraphqlFault where a type does not do what an interface that it implements promises
 * Source: https://spec.graphql.org/October2021/#IsValidImplementation()
 */
export function checkImplements(
  schema: Schema,
  definition: Definition,
  name: string,
  spend: (units: number) => void,
): void {
  const { position } = definition;
  const promised = schema.types.get(name);
  if (promised === undefined) throw new GraphqlFault(`Undefined type "${name}".`, position);
  if (promised.kind !== 'INTERFACE') {
    throw new GraphqlFault(`"${name}" is a non interface type ${promised.kind}.`, position);
  }
  const implementing = `For ${definition.name} to implement ${name}`;
  for (const required of promised.fields) {
    const found = named(definition.fields, required.name);
    if (found === undefined) {
      throw new GraphqlFault(`${implementing} it must have a field called ${required.name}.`, position);
    }
    spend(1 + (schema.possibleTypes.get(required.type.namedType)?.length ?? 0));
    if (!isCovariant(schema, required.type, found.type)) {
      throw new GraphqlFault(
        `${implementing} the field ${required.name} must have type ${typeText(required.type)}.`,
        found.position,
      );
    }
    checkArguments(implementing, required, found);
  }
  spend(promised.interfaces.length * definition.interfaces.length);
  const missing = promised.interfaces.find((each) => !definition.interfaces.includes(each));
  if (missing === undefined) return;
  throw new GraphqlFault(
    missing === definition.name
      ? `Type ${definition.name} cannot implement ${name} because it would create a circular reference.`
      : `Type ${definition.name} must implement ${missing} because it is implemented by ${name}.`,
    position,
  );
}

function checkArguments(implementing: string, required: FieldDefinition, found: FieldDefinition): void {
  for (const argument of required.arguments) {
    const same = `${implementing} the field ${required.name} must have the same arguments but`;
    const counterpart = named(found.arguments, argument.name);
    if (counterpart === undefined)
      throw new GraphqlFault(`${same} it is missing ${argument.name}.`, found.position);
    if (!isCompatible(argument.type, counterpart.type)) {
      throw new GraphqlFault(`${same} ${argument.name} has the wrong type.`, counterpart.position);
    }
  }
  for (const { name, type, defaultValue, position } of found.arguments) {
    if (named(required.arguments, name) !== undefined || !type.nonNull || defaultValue !== undefined)
      continue;
    throw new GraphqlFault(
      `${implementing} any additional arguments on ${found.name} must be optional or have a default value but ${name} is required.`,
      position,
    );
  }
}

/** Whether a value of one type may stand where another is expected, as gqlparser sees it. */
export function isCompatible(type: TypeReference, expected: TypeReference): boolean {
  if (type.namedType !== expected.namedType) return false;
  if (type.elem !== undefined && (expected.elem === undefined || !isCompatible(type.elem, expected.elem)))
    return false;
  return !expected.nonNull || type.nonNull;
}

function isCovariant(schema: Schema, required: TypeReference, actual: TypeReference): boolean {
  if (required.nonNull && !actual.nonNull) return false;
  if (required.namedType !== '') {
    if (required.namedType === actual.namedType) return true;
    return schema.possibleTypes.get(required.namedType)?.includes(actual.namedType) ?? false;
  }
  if (required.elem === undefined || actual.elem === undefined) return false;
  return isCovariant(schema, required.elem, actual.elem);
}
