import { type Field, isField, isInlineFragment, type SelectionSet, typeName, typeText } from './ast.js';
import { checkArgumentNames, missingArgument } from './directive-rules.js';
import { GraphqlFault } from './fault.js';
import type { FieldPlace, Knowledge } from './knowledge.js';
import { named } from './named.js';

/** How many lists of introspection may stand in each other. */
const MAX_INTROSPECTION_LISTS = 3;
const INTROSPECTION_LISTS = ['fields', 'interfaces', 'possibleTypes', 'inputFields'];

/** @throws GraphqlFault where a field, whose selections were walked through, breaks a rule */
export function checkField(knowledge: Knowledge, field: Field, place: FieldPlace): void {
  const { name, position } = field;
  const { definition, parent } = place;
  if (parent !== undefined && definition === undefined) {
    throw new GraphqlFault(`Cannot query field "${name}" on type "${parent.name}".`, position);
  }
  checkIntrospectionDepth(knowledge, field);
  if (definition !== undefined) checkKnownField(knowledge, field, place);
  checkArgumentNames(field.arguments);
}

function checkKnownField(knowledge: Knowledge, field: Field, { definition, parent }: FieldPlace): void {
  if (definition === undefined) return;
  const { name, position } = field;
  const unknown = field.arguments.find(
    (argument) => named(definition.arguments, argument.name) === undefined,
  );
  if (unknown !== undefined && parent !== undefined) {
    throw new GraphqlFault(`Unknown argument "${unknown.name}" on field "${parent.name}.${name}".`, position);
  }
  const missing = missingArgument(definition.arguments, field.arguments);
  if (missing !== undefined) {
    const type = typeText(missing.type);
    const message = `Field "${name}" argument "${missing.name}" of type "${type}" is required, but it was not provided.`;
    throw new GraphqlFault(message, position);
  }
  const type = knowledge.type(typeName(definition.type));
  if (type === undefined) return;
  const isLeaf = type.kind === 'ENUM' || type.kind === 'SCALAR';
  if (isLeaf && field.selectionSet.length > 0) {
    const message = `Field "${name}" must not have a selection since type "${type.name}" has no subfields.`;
    throw new GraphqlFault(message, position);
  }
  if (!isLeaf && field.selectionSet.length === 0) {
    const message = `Field "${name}" of type "${typeText(definition.type)}" must have a selection of subfields.`;
    throw new GraphqlFault(message, position);
  }
}

function checkIntrospectionDepth(knowledge: Knowledge, field: Field): void {
  if (field.name !== '__schema' && field.name !== '__type') return;
  if (!isTooDeep(knowledge, [field], 0, new Set())) return;
  throw new GraphqlFault('Maximum introspection depth exceeded', field.position);
}

function isTooDeep(
  knowledge: Knowledge,
  selections: SelectionSet,
  depth: number,
  within: Set<string>,
): boolean {
  return selections.some((selection) => {
    knowledge.spend(1);
    if (isField(selection)) {
      const deeper = INTROSPECTION_LISTS.includes(selection.name) ? depth + 1 : depth;
      return (
        deeper >= MAX_INTROSPECTION_LISTS || isTooDeep(knowledge, selection.selectionSet, deeper, within)
      );
    }
    if (isInlineFragment(selection)) return isTooDeep(knowledge, selection.selectionSet, depth, within);
    if (within.has(selection.name)) return false;
    within.add(selection.name);
    const selected = knowledge.fragment(selection.name)?.selectionSet ?? [];
    const found = isTooDeep(knowledge, selected, depth, within);
    within.delete(selection.name);
    return found;
  });
}
