import type { ArgumentDefinition, Definition, Directive, FieldDefinition, TypeReference } from './ast.js';
import { KIND, typeName, typeText } from './ast.js';
import { findCircular } from './circular.js';
import { GraphqlFault } from './fault.js';
import { checkImplements } from './interface-rules.js';
import { named, repeated } from './named.js';
import type { Schema } from './schema.js';

const OUTPUT = ['SCALAR', 'OBJECT', 'INTERFACE', 'UNION', 'ENUM'];
const INPUT = ['SCALAR', 'ENUM', 'INPUT_OBJECT'];

/**
 * @param spend accounts for work
 * @throws GraphqlFault where a definition breaks a rule
 */
export function checkSchema(schema: Schema, spend: (units: number) => void): void {
  for (const definition of [...schema.types.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    checkDefinition(schema, definition, spend);
  }
  checkCircularInputs(schema);
  for (const directive of schema.directives.values()) {
    checkName(directive);
    checkArguments(schema, directive.arguments, directive.name);
  }
}

export function isInputType(definition: Definition): boolean {
  return INPUT.includes(definition.kind);
}

function checkDefinition(schema: Schema, definition: Definition, spend: (units: number) => void): void {
  for (const field of definition.fields) checkField(schema, definition, field);
  for (const member of definition.types) checkMember(schema, definition, member);
  for (const name of definition.interfaces) checkImplements(schema, definition, name, spend);
  if (definition.kind === 'ENUM') checkEnum(schema, definition);
  if (definition.kind === 'INPUT_OBJECT') checkFields(schema, definition, INPUT, 'input fields');
  if (definition.kind === 'OBJECT' || definition.kind === 'INTERFACE') {
    checkFields(schema, definition, OUTPUT, 'fields');
  }
  const field = repeated(definition.fields);
  if (field !== undefined) {
    throw new GraphqlFault(
      `Field ${definition.name}.${field.name} can only be defined once.`,
      field.position,
    );
  }
  const value = repeated(definition.enumValues);
  if (value !== undefined) {
    throw new GraphqlFault(
      `Enum value ${definition.name}.${value.name} can only be defined once.`,
      value.position,
    );
  }
  const member = repeated(definition.types.map((name) => ({ name })));
  if (member !== undefined) {
    const message = `Union type ${definition.name} can only include type ${member.name} once.`;
    throw new GraphqlFault(message, definition.position);
  }
  if (!definition.builtIn) checkName(definition);
  checkDirectiveUse(schema, definition.directives, { location: definition.kind, joined: true });
}

function checkField(schema: Schema, definition: Definition, field: FieldDefinition): void {
  checkName(field);
  checkType(schema, field.type);
  checkArguments(schema, field.arguments, undefined);
  const location = definition.kind === 'INPUT_OBJECT' ? 'INPUT_FIELD_DEFINITION' : 'FIELD_DEFINITION';
  checkDirectiveUse(schema, field.directives, { location });
}

function checkMember(schema: Schema, definition: Definition, name: string): void {
  const member = schema.types.get(name);
  if (member === undefined) throw new GraphqlFault(`Undefined type "${name}".`, definition.position);
  if (member.kind !== 'OBJECT') {
    throw new GraphqlFault(`${definition.kind} type "${name}" must be OBJECT.`, definition.position);
  }
}

function checkFields(schema: Schema, definition: Definition, kinds: readonly string[], what: string): void {
  const { kind, name, fields } = definition;
  if (fields.length === 0) {
    throw new GraphqlFault(`${kind} ${name}: must define one or more ${what}.`, definition.position);
  }
  for (const field of fields) {
    const type = schema.types.get(typeName(field.type));
    if (type !== undefined && !kinds.includes(type.kind)) {
      throw new GraphqlFault(`${kind} ${name}: field must be one of ${kinds.join(', ')}.`, field.position);
    }
  }
}

function checkEnum(schema: Schema, { name, enumValues, position }: Definition): void {
  if (enumValues.length === 0) {
    throw new GraphqlFault(`ENUM ${name}: must define one or more unique enum values.`, position);
  }
  for (const value of enumValues) {
    if (['true', 'false', 'null'].includes(value.name)) {
      throw new GraphqlFault(`ENUM ${name}: non-enum value ${value.name}.`, position);
    }
    checkDirectiveUse(schema, value.directives, { location: 'ENUM_VALUE' });
  }
}

function checkName({ name, position }: { name: string; position: number | undefined }): void {
  if (!name.startsWith('__')) return;
  const message = `Name "${name}" must not begin with "__", which is reserved by GraphQL introspection.`;
  throw new GraphqlFault(message, position);
}

function checkType(schema: Schema, type: TypeReference): Definition {
  const definition = schema.types.get(typeName(type));
  if (definition === undefined) throw new GraphqlFault(`Undefined type ${typeName(type)}.`, type.position);
  return definition;
}

function checkArguments(
  schema: Schema,
  list: readonly ArgumentDefinition[],
  within: string | undefined,
): void {
  for (const argument of list) {
    checkName(argument);
    const definition = checkType(schema, argument.type);
    if (!isInputType(definition)) {
      throw new GraphqlFault(
        `cannot use ${typeText(argument.type)} as argument ${argument.name} because ${definition.kind} is not a valid input type`,
        argument.position,
      );
    }
    checkDirectiveUse(schema, argument.directives, { location: 'ARGUMENT_DEFINITION', within });
  }
}

/** Where directives stand. */
interface DirectivePlace {
  readonly location: string;
  /** The directive whose own definition this is. */
  readonly within?: string | undefined;
  /** Whether they come from a type and its extensions, which are places of their own. */
  readonly joined?: true;
}

/** @throws GraphqlFault where a schema uses directives wrongly */
export function checkDirectiveUse(schema: Schema, list: readonly Directive[], place: DirectivePlace): void {
  const seen = new Set<string>();
  for (const directive of list) {
    const { name, position } = directive;
    checkName(directive);
    if (name === place.within) throw new GraphqlFault(`Directive ${name} cannot refer to itself.`, position);
    const definition = schema.directives.get(name);
    if (definition === undefined) throw new GraphqlFault(`Undefined directive ${name}.`, position);
    if (place.joined === undefined && seen.has(name) && !definition.isRepeatable) {
      throw new GraphqlFault(`The directive ${name} can only be used once at this location.`, position);
    }
    seen.add(name);
    if (!definition.locations.includes(place.location)) {
      throw new GraphqlFault(`Directive ${name} is not applicable on ${place.location}.`, position);
    }
    checkDirectiveArguments(directive, definition.arguments);
  }
}

function checkDirectiveArguments(directive: Directive, definitions: readonly ArgumentDefinition[]): void {
  for (const { name, position } of directive.arguments) {
    if (named(definitions, name) !== undefined) continue;
    throw new GraphqlFault(`Undefined argument ${name} for directive ${directive.name}.`, position);
  }
  for (const { name, type, defaultValue } of definitions) {
    if (!type.nonNull || defaultValue !== undefined) continue;
    const argument = named(directive.arguments, name);
    if (argument !== undefined && argument.value.kind !== KIND.null) continue;
    throw new GraphqlFault(
      `Argument ${name} for directive ${directive.name} cannot be null.`,
      directive.position,
    );
  }
}

/** Source: https://spec.graphql.org/October2021/#sec-Input-Objects.Circular-References */
function checkCircularInputs(schema: Schema): void {
  const needs = new Map<string, readonly string[]>();
  for (const { name, kind, fields } of schema.types.values()) {
    if (kind !== 'INPUT_OBJECT') continue;
    needs.set(
      name,
      fields.filter(({ type }) => type.nonNull).map(({ type }) => type.namedType),
    );
  }
  const circular = findCircular(needs);
  if (circular === undefined) return;
  const message = `Cannot reference Input Object "${circular}" within itself through a series of non-null fields.`;
  throw new GraphqlFault(message, schema.types.get(circular)?.position);
}
