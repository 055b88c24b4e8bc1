import { type Definition, KIND, typeText, type Value, valueText } from './ast.js';
import { GraphqlFault } from './fault.js';
import { isCompatible } from './interface-rules.js';
import type { Expectation, Knowledge } from './knowledge.js';
import { named, repeated } from './named.js';

const SPECIFIED_SCALARS = ['Int', 'Float', 'String', 'Boolean', 'ID'];

/** Which of the specified scalars a literal may stand for. */
const SCALARS_OF: ReadonlyMap<number, readonly string[]> = new Map([
  [KIND.int, ['Int', 'Float', 'ID']],
  [KIND.float, ['Float']],
  [KIND.string, ['String', 'ID']],
  [KIND.block, ['String', 'ID']],
  [KIND.boolean, ['Boolean']],
]);

const LARGEST_INTEGER = 2n ** 63n - 1n;

/** @throws GraphqlFault where a value, whose parts were walked through, breaks a rule */
export function checkValue(knowledge: Knowledge, value: Value, expectation: Expectation | undefined): void {
  if (value.kind === KIND.variable) checkVariable(knowledge, value, expectation);
  if (value.kind === KIND.object) {
    const again = repeated(value.children);
    if (again !== undefined) {
      throw new GraphqlFault(`There can be only one input field named "${again.name}".`, again.position);
    }
  }
  if (expectation?.definition === undefined) return;
  checkType(knowledge, value, expectation, expectation.definition);
}

function checkVariable(knowledge: Knowledge, value: Value, expectation: Expectation | undefined): void {
  const { operation } = knowledge;
  if (operation === undefined) return;
  const definition = knowledge.variables.get(value);
  if (definition === undefined) {
    const where = operation.name === '' ? '' : ` by operation "${operation.name}"`;
    throw new GraphqlFault(`Variable "$${value.raw}" is not defined${where}.`, value.position);
  }
  if (expectation === undefined) return;
  const { type, defaultValue } = definition;
  const hasDefault =
    (defaultValue !== undefined && defaultValue.kind !== KIND.null) || expectation.hasDefault;
  const expected = hasDefault ? { ...expectation.type, nonNull: false } : expectation.type;
  if (isCompatible(type, expected)) return;
  const message = `Variable "$${value.raw}" of type "${typeText(type)}" used in position expecting type "${typeText(expectation.type)}".`;
  throw new GraphqlFault(message, value.position);
}

function checkType(knowledge: Knowledge, value: Value, { type }: Expectation, definition: Definition): void {
  const wrong = () =>
    new GraphqlFault(
      `Expected value of type "${typeText(type)}", found ${valueText(value)}.`,
      value.position,
    );
  if (value.kind === KIND.null && type.nonNull) throw wrong();
  if (definition.kind === 'SCALAR' && !SPECIFIED_SCALARS.includes(definition.name)) return;
  if (!isRepresentable(knowledge, value)) throw wrong();
  switch (value.kind) {
    case KIND.null:
    case KIND.variable:
      return;
    case KIND.list:
      if (type.elem === undefined) throw wrong();
      return;
    case KIND.enum:
      if (definition.kind !== 'ENUM' || named(definition.enumValues, value.raw) === undefined) throw wrong();
      return;
    case KIND.object:
      knowledge.spend(definition.fields.length);
      checkObject(value, definition);
      checkOneOf(knowledge, value, definition);
      return;
    default:
      if (SCALARS_OF.get(value.kind)?.includes(definition.name) !== true) throw wrong();
  }
}

function checkObject(value: Value, { name, fields }: Definition): void {
  for (const field of fields) {
    if (!field.type.nonNull || field.defaultValue !== undefined) continue;
    if (named(value.children, field.name) !== undefined) continue;
    const message = `Field "${name}.${field.name}" of required type "${typeText(field.type)}" was not provided.`;
    throw new GraphqlFault(message, value.position);
  }
  for (const child of value.children) {
    if (named(fields, child.name) !== undefined) continue;
    throw new GraphqlFault(`Field "${child.name}" is not defined by type "${name}".`, child.position);
  }
}

function checkOneOf(knowledge: Knowledge, value: Value, { name, directives }: Definition): void {
  if (named(directives, 'oneOf') === undefined) return;
  const [only, second] = value.children;
  if (only === undefined || second !== undefined) {
    throw new GraphqlFault(`OneOf Input Object "${name}" must specify exactly one key.`, value.position);
  }
  if (only.value.kind === KIND.null) {
    throw new GraphqlFault(`Field "${name}.${only.name}" must be non-null.`, only.value.position);
  }
  const variable = knowledge.variables.get(only.value);
  if (variable === undefined || variable.type.nonNull) return;
  const message = `Variable "$${only.value.raw}" is of type "${typeText(variable.type)}" but must be non-nullable to be used for OneOf Input Object "${name}".`;
  throw new GraphqlFault(message, only.value.position);
}

/** Whether all numbers fit: integers into 64 bits, others into a double. A variable stands for its default. */
function isRepresentable(knowledge: Knowledge, value: Value): boolean {
  knowledge.spend(1);
  switch (value.kind) {
    case KIND.variable: {
      const fallback = knowledge.variables.get(value)?.defaultValue;
      return fallback === undefined || isRepresentable(knowledge, fallback);
    }
    case KIND.int:
      return isInteger64(value.raw);
    case KIND.float:
      return value.raw !== '' && Number.isFinite(Number(value.raw));
    case KIND.boolean:
      return ['true', 'false'].includes(value.raw);
    case KIND.list:
    case KIND.object:
      return value.children.every((child) => isRepresentable(knowledge, child.value));
    default:
      return true;
  }
}

function isInteger64(text: string): boolean {
  if (!/^-?\d{1,40}$/.test(text)) return false;
  const integer = BigInt(text);
  return integer <= LARGEST_INTEGER && integer >= -LARGEST_INTEGER - 1n;
}
