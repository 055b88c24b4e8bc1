import type { Argument, ArgumentDefinition, Directive, DirectiveDefinition } from './ast.js';
import { typeText } from './ast.js';
import { GraphqlFault } from './fault.js';
import { named, repeated } from './named.js';

/** @throws GraphqlFault where a directive may not be used so */
export function checkDirective(
  directive: Directive,
  definition: DirectiveDefinition | undefined,
  location: string,
): void {
  const { name, position } = directive;
  if (definition === undefined) throw new GraphqlFault(`Unknown directive "@${name}".`, position);
  for (const argument of directive.arguments) {
    if (named(definition.arguments, argument.name) !== undefined) continue;
    throw new GraphqlFault(`Unknown argument "${argument.name}" on directive "@${name}".`, position);
  }
  if (!definition.locations.includes(location)) {
    throw new GraphqlFault(`Directive "@${name}" may not be used on ${location}.`, position);
  }
  const missing = missingArgument(definition.arguments, directive.arguments);
  if (missing !== undefined) {
    const type = typeText(missing.type);
    const message = `Directive "@${name}" argument "${missing.name}" of type "${type}" is required, but it was not provided.`;
    throw new GraphqlFault(message, position);
  }
  checkArgumentNames(directive.arguments);
}

export function checkDirectiveList(
  directives: readonly Directive[],
  definitions: ReadonlyMap<string, DirectiveDefinition>,
): void {
  const again = repeated(directives.filter(({ name }) => definitions.get(name)?.isRepeatable !== true));
  if (again === undefined) return;
  throw new GraphqlFault(
    `The directive "@${again.name}" can only be used once at this location.`,
    again.position,
  );
}

/** The first argument that is needed and not there. */
export function missingArgument(
  definitions: readonly ArgumentDefinition[],
  list: readonly Argument[],
): ArgumentDefinition | undefined {
  return definitions.find(
    ({ name, type, defaultValue }) =>
      type.nonNull && defaultValue === undefined && named(list, name) === undefined,
  );
}

export function checkArgumentNames(list: readonly Argument[]): void {
  const again = repeated(list);
  if (again === undefined) return;
  throw new GraphqlFault(`There can be only one argument named "${again.name}".`, again.position);
}
