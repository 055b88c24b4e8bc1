import {
  type Definition,
  isField,
  isInlineFragment,
  type Operation,
  type SelectionSet,
  typeName,
  typeText,
  type VariableDefinition,
} from './ast.js';
import { GraphqlFault } from './fault.js';
import type { Knowledge } from './knowledge.js';
import { repeated } from './named.js';
import { isInputType } from './schema-rules.js';

export function checkOperationNames(operations: readonly Operation[]): void {
  const anonymous = operations.find(({ name }) => name === '');
  if (anonymous !== undefined && operations.length > 1) {
    const message = 'This anonymous operation must be the only defined operation.';
    throw new GraphqlFault(message, anonymous.position);
  }
  const again = repeated(operations);
  if (again === undefined) return;
  throw new GraphqlFault(`There can be only one operation named "${again.name}".`, again.position);
}

export function checkVariableType(variable: VariableDefinition, type: Definition | undefined): void {
  if (type === undefined)
    throw new GraphqlFault(`Unknown type "${typeName(variable.type)}".`, variable.position);
  if (isInputType(type)) return;
  const message = `Variable "$${variable.variable}" cannot be non-input type "${typeText(variable.type)}".`;
  throw new GraphqlFault(message, variable.position);
}

/** @throws GraphqlFault where an operation, which was walked through, breaks a rule */
export function checkOperation(
  knowledge: Knowledge,
  operation: Operation,
  root: Definition | undefined,
): void {
  if (root === undefined) {
    const message = `Schema does not support operation type "${operation.operation}"`;
    throw new GraphqlFault(message, operation.position);
  }
  checkVariables(knowledge, operation);
  if (operation.operation === 'subscription') checkSubscription(knowledge, operation);
}

function checkVariables(knowledge: Knowledge, { name, variableDefinitions }: Operation): void {
  for (const variable of variableDefinitions) {
    if (variable.used || knowledge.used.has(variable)) continue;
    const where = name === '' ? '' : ` in operation "${name}"`;
    throw new GraphqlFault(`Variable "$${variable.variable}" is never used${where}.`, variable.position);
  }
  const again = repeated(variableDefinitions.map(({ variable, position }) => ({ name: variable, position })));
  if (again === undefined) return;
  throw new GraphqlFault(`There can be only one variable named "$${again.name}".`, again.position);
}

/** Source: https://spec.graphql.org/October2021/#sec-Single-root-field */
function checkSubscription(knowledge: Knowledge, { name, selectionSet, position }: Operation): void {
  const subscription = name === '' ? 'Anonymous Subscription' : `Subscription "${name}"`;
  const fields = new Set<string>();
  collectFields(knowledge, selectionSet, fields, new Set());
  if (fields.size > 1)
    throw new GraphqlFault(`${subscription} must select only one top level field.`, position);
  for (const field of fields) {
    if (!field.startsWith('__')) continue;
    throw new GraphqlFault(`${subscription} must not select an introspection top level field.`, position);
  }
}

function collectFields(
  knowledge: Knowledge,
  selections: SelectionSet,
  fields: Set<string>,
  entered: Set<string>,
): void {
  for (const selection of selections) {
    if (isField(selection)) fields.add(selection.name);
    else if (isInlineFragment(selection)) collectFields(knowledge, selection.selectionSet, fields, entered);
    else if (!entered.has(selection.name)) {
      entered.add(selection.name);
      collectFields(knowledge, knowledge.fragment(selection.name)?.selectionSet ?? [], fields, entered);
    }
  }
}
