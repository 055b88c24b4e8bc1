import { BuiltinError } from '../builtin.js';
import { weightOf } from '../go-format/argument.js';
import { goBytes, goText, joined } from '../go-format/bytes.js';
import { formatGo } from '../go-format/format.js';
import { printGo, printLineGo } from '../go-format/print.js';
import { isEqual, isLess } from './comparison.js';
import { escapeHtml, escapeJavaScript, escapeQuery } from './escapes.js';
import { isTrue, type List, NIL, NONE, type Present, type Value } from './values.js';

/** What a parameter is: a string, anything (where no value is null), or anything or none. */
export type Parameter = 'string' | 'any' | 'value';

type Spend = (units: number) => void;

/** A function of templates. */
export interface TemplateFunction {
  readonly parameters: readonly Parameter[];
  /** That of all further arguments, if there may be any. */
  readonly rest?: Parameter;
  /** @throws BuiltinError where Go's function fails */
  call(args: readonly Value[], spend: Spend): Value;
}

/** Whether a template may name it. */
export function isFunction(name: string): boolean {
  return LAZY.has(name) || FUNCTIONS.has(name);
}

/** They take only as many of their arguments as it needs to know the result. */
const LAZY: ReadonlySet<string> = new Set(['and', 'or']);

/** Source: https://pkg.go.dev/text/template#hdr-Functions */
export const FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  ['call', { parameters: ['value'], rest: 'value', call: noFunction }],
  [
    'eq',
    {
      parameters: ['value'],
      rest: 'value',
      call: ([first = NONE, ...others]) => bool(isEqual(first, ...others)),
    },
  ],
  ['ge', comparing((left, right) => !isLess(left, right))],
  ['gt', comparing((left, right) => !isLess(left, right) && !isEqual(left, right))],
  ['html', escaping(escapeHtml)],
  [
    'index',
    { parameters: ['value'], rest: 'value', call: ([item = NONE, ...indexes]) => index(item, indexes) },
  ],
  ['js', escaping(escapeJavaScript)],
  ['le', comparing((left, right) => isLess(left, right) || isEqual(left, right))],
  ['len', { parameters: ['value'], call: ([item = NONE]) => ({ type: 'int', value: BigInt(length(item)) }) }],
  ['lt', comparing(isLess)],
  ['ne', comparing((left, right) => !isEqual(left, right))],
  ['not', { parameters: ['value'], call: ([value = NONE]) => bool(!isTrue(value)) }],
  ['print', { parameters: [], rest: 'any', call: (args, spend) => text(printGo(printable(args, spend))) }],
  ['printf', { parameters: ['string'], rest: 'any', call: printf }],
  [
    'println',
    { parameters: [], rest: 'any', call: (args, spend) => text(printLineGo(printable(args, spend))) },
  ],
  [
    'slice',
    {
      parameters: ['value'],
      rest: 'value',
      call: ([item = NONE, ...indexes], spend) => slice(item, indexes, spend),
    },
  ],
  ['urlquery', escaping(escapeQuery)],
]);

/** A value as it stands in the text that a template makes. */
export function printed(value: Value, spend: Spend): string {
  return value.type === 'none' ? '<no value>' : printGo(printable([value], spend));
}

function bool(value: boolean): Value {
  return { type: 'bool', value };
}

function text(value: string): Present {
  return { type: 'string', value: joined(value) };
}

function printable(args: readonly Value[], spend: Spend): readonly Present[] {
  const known = args.map((argument) => (argument.type === 'none' ? NIL : argument));
  for (const argument of known) spend(weightOf(argument, 1));
  return known;
}

function noFunction(): never {
  throw new BuiltinError('there is no function to call');
}

function comparing(holds: (left: Value, right: Value) => boolean): TemplateFunction {
  return {
    parameters: ['value', 'value'],
    call: ([left = NONE, right = NONE]) => bool(holds(left, right)),
  };
}

function escaping(escaped: (text: string) => string): TemplateFunction {
  return {
    parameters: [],
    rest: 'any',
    call: (args, spend) => {
      const shown = args.map((argument): Value => (argument.type === 'nil' ? text('<no value>') : argument));
      return text(escaped(printGo(printable(shown, spend))));
    },
  };
}

function printf([format, ...args]: readonly Value[], spend: Spend): Value {
  if (format?.type !== 'string') throw new BuiltinError('the format of printf is no string');
  return text(formatGo(format.value, printable(args, spend), spend));
}

function length(item: Value): number {
  switch (item.type) {
    case 'string':
    case 'json.Number':
      return goBytes(item.value).length;
    case '[]interface {}':
      return item.elements.length;
    case 'map[string]interface {}':
      return item.entries.size;
    default:
      throw new BuiltinError(`len of type ${item.type}`);
  }
}

/** `index x 1 2` is `x[1][2]`. */
function index(item: Value, indexes: readonly Value[]): Value {
  if (item.type === 'none' || item.type === 'nil') throw new BuiltinError('index of untyped nil');
  return indexes.reduce(member, item);
}

function member(item: Value, at: Value): Value {
  switch (item.type) {
    case 'string':
    case 'json.Number': {
      const byte = goBytes(item.value)[position(at)];
      if (byte === undefined) throw new BuiltinError('index out of range');
      return { type: 'uint8', value: BigInt(byte) };
    }
    case '[]interface {}': {
      const element = item.elements[position(at)];
      if (element === undefined) throw new BuiltinError('index out of range');
      return element;
    }
    case 'map[string]interface {}':
      if (at.type !== 'string') throw new BuiltinError(`value has type ${at.type}; should be string`);
      return item.entries.get(at.value) ?? NIL;
    default:
      throw new BuiltinError(`can't index item of type ${item.type}`);
  }
}

function position(at: Value): number {
  const isInteger = at.type === 'int' || at.type === 'uint8';
  if (!isInteger) throw new BuiltinError(`cannot index with type ${at.type}`);
  if (at.value < 0n) throw new BuiltinError('index out of range');
  return Number(at.value);
}

/** `slice x 1 2 3` is `x[1:2:3]`; with fewer numbers up to the end, or from the beginning. */
function slice(item: Value, indexes: readonly Value[], spend: Spend): Value {
  const [from = 0, to = length(item), limit] = indexes.map(position);
  if (indexes.length > 3) throw new BuiltinError('too many slice indexes');
  if (item.type === '[]interface {}') return sliceList(item, from, to, limit, spend);
  const isText = item.type === 'string' || item.type === 'json.Number';
  if (!isText || limit !== undefined) throw new BuiltinError(`can't slice item of type ${item.type}`);
  const bytes = goBytes(item.value);
  if (from > to || to > bytes.length) throw new BuiltinError('slice index out of range');
  return { type: item.type, value: goText(bytes.subarray(from, to)) };
}

function sliceList(list: List, from: number, to: number, limit: number | undefined, spend: Spend): List {
  const all = [...list.elements, ...list.beyond];
  spend(all.length);
  const end = limit ?? all.length;
  if (from > to || to > end || end > all.length) throw new BuiltinError('slice index out of range');
  return { type: list.type, elements: all.slice(from, to), beyond: all.slice(to, end) };
}
