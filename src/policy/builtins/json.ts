import { numberText } from '../rego/number.js';
import { isArray, isNumber, RegoObject, RegoSet, type RegoValue } from '../rego/value.js';
import {
  BuiltinError,
  type BuiltinTable,
  booleanOperand,
  type Evaluation,
  objectOperand,
  stringOperand,
} from './builtin.js';

/** Source: https://www.openpolicyagent.org/docs/policy-reference/builtins/encoding */
export const JSON_OPTIONS = {
  'json.marshal_with_options': marshalWithOptions,
} satisfies BuiltinTable;

interface Layout {
  readonly prefix: string;
  readonly indent: string;
}

function marshalWithOptions(
  evaluation: Evaluation,
  value: RegoValue | undefined,
  options: RegoValue | undefined,
): string {
  const layout = layoutOf(objectOperand(options, 2));
  if (layout === undefined) return goJson(value ?? null);
  return layout.prefix + pretty(evaluation, value ?? null, layout, `\n${layout.prefix}`);
}

/** Undefined where the text is to stand on one line. */
function layoutOf(options: RegoObject): Layout | undefined {
  const layout = { prefix: '', indent: '\t' };
  let isPretty = options.size > 0;
  for (const [key, value] of options.entries) {
    if (key === 'pretty') isPretty = booleanOperand(value, 2);
    else if (key === 'prefix' || key === 'indent') layout[key] = stringOperand(value, 2);
    else throw new BuiltinError(`operand 2 object contained unknown key ${goJson(key)}`);
  }
  return isPretty ? layout : undefined;
}

/** @param lineStart what comes before the closing bracket of a value that has members */
function pretty(evaluation: Evaluation, value: RegoValue, layout: Layout, lineStart: string): string {
  const inner = lineStart + layout.indent;
  const [open, close, items] = parts(value, (item) => pretty(evaluation, item, layout, inner), ': ');
  if (items.length === 0) return open + close;
  evaluation.spend(items.length * inner.length);
  return open + inner + items.join(`,${inner}`) + lineStart + close;
}

/** A value as Go's encoding/json writes it: keys by their bytes, and nothing that could end a script in HTML. */
export function goJson(value: RegoValue): string {
  const [open, close, items] = parts(value, goJson, ':');
  return open + items.join(',') + close;
}

/** An object's members as JSON has them, in order: keys of other kinds are called by their JSON text. */
export function membersOf(object: RegoObject): readonly (readonly [name: string, value: RegoValue])[] {
  const named = RegoObject.of(object.entries.map(([key, value]) => [nameOf(key), value] as const));
  return named.entries.map(([key, value]) => [nameOf(key), value] as const);
}

function nameOf(key: RegoValue): string {
  return typeof key === 'string' ? key : goJson(key);
}

/** A scalar's text has no items. */
function parts(
  value: RegoValue,
  write: (item: RegoValue) => string,
  colon: string,
): [open: string, close: string, items: readonly string[]] {
  if (typeof value === 'string') return [quoted(value), '', []];
  if (value === null || typeof value === 'boolean') return [String(value), '', []];
  if (isNumber(value)) return [numberText(value), '', []];
  if (value instanceof RegoObject) {
    return ['{', '}', membersOf(value).map(([name, item]) => quoted(name) + colon + write(item))];
  }
  const items = value instanceof RegoSet ? value.elements : isArray(value) ? value : [];
  return ['[', ']', items.map(write)];
}

function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
