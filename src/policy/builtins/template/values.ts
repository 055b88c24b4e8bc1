import { numberText } from '../../rego/number.js';
import { isArray, isNumber, RegoObject, RegoSet, type RegoValue } from '../../rego/value.js';
import { BuiltinError } from '../builtin.js';

/** A value of a template, as the type that Go has for it. */
export type Value =
  /** Where there is no value at all, such as that of a key that is missing. */
  | { readonly type: 'none' }
  /** An element, or a value of a map, that is null. */
  | { readonly type: 'nil' }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'int' | 'uint8'; readonly value: bigint }
  | { readonly type: 'float64'; readonly value: number }
  | { readonly type: 'complex128'; readonly real: number; readonly imaginary: number }
  /** Numbers of the policy keep their text: they are strings to a template, but of a type of their own. */
  | { readonly type: 'string' | 'json.Number'; readonly value: string }
  | List
  | { readonly type: 'map[string]interface {}'; readonly entries: ReadonlyMap<string, Present> };

export interface List {
  readonly type: '[]interface {}';
  readonly elements: readonly Present[];
  /** What lies in the same memory behind the elements: Go's slices may be made longer. */
  readonly beyond: readonly Present[];
}

/** What a list or a map may have. */
export type Present = Exclude<Value, { type: 'none' }>;

export const NONE: Value = { type: 'none' };
export const NIL: Present = { type: 'nil' };

/**
 * A value as OPA hands it to a template: written as Rego and read as JSON, so that what isn't both is an error.
 *
 * @throws BuiltinError for sets, keys that are no strings, and characters for which JSON has no escape that Go has
 */
export function fromRego(value: RegoValue): Present {
  if (value === null) return NIL;
  if (typeof value === 'boolean') return { type: 'bool', value };
  if (typeof value === 'string') return { type: 'string', value: jsonString(value) };
  if (isNumber(value)) return { type: 'json.Number', value: numberText(value) };
  if (value instanceof RegoSet) throw new BuiltinError('a template takes no sets');
  if (value instanceof RegoObject) return fromObject(value);
  return isArray(value) ? listOf(value.map(fromRego)) : NIL;
}

/** Whether `if` takes it for true. */
export function isTrue(value: Value): boolean {
  switch (value.type) {
    case 'none':
    case 'nil':
      return false;
    case 'bool':
      return value.value;
    case 'int':
    case 'uint8':
      return value.value !== 0n;
    case 'float64':
      return value.value !== 0;
    case 'complex128':
      return value.real !== 0 || value.imaginary !== 0;
    case 'string':
    case 'json.Number':
      return value.value !== '';
    case '[]interface {}':
      return value.elements.length > 0;
    case 'map[string]interface {}':
      return value.entries.size > 0;
  }
}

function fromObject(object: RegoObject): Present {
  const entries = object.entries.map(([key, value]) => {
    if (typeof key !== 'string')
      throw new BuiltinError('a template takes no objects with keys that are no strings');
    return [jsonString(key), fromRego(value)] as const;
  });
  return { type: 'map[string]interface {}', entries: new Map(entries) };
}

/** Go escapes these as `\a`, `\v`, `\x01` and `\U0001f000`. */
const NOT_IN_JSON = /(?![\b\f\n\r\t\u0080-\u009f])\p{Cc}|[^\p{L}\p{M}\p{N}\p{P}\p{S}\0-\uffff]/u;

function jsonString(text: string): string {
  if (NOT_IN_JSON.test(text))
    throw new BuiltinError('a template takes no strings with such control characters');
  return text;
}

function listOf(elements: readonly Present[]): List {
  const beyond = new Array<Present>(capacityOf(elements.length) - elements.length).fill(NIL);
  return { type: '[]interface {}', elements, beyond };
}

/** For how many elements Go gets memory in turn as it appends them; its allocator has only some sizes. */
const CAPACITIES = [0, 1, 2, 4, 8, 16, 32, 71, 143, 303, 591, 1023, 1535];
/** Beyond these it gets whole pages, of 8192 bytes with 16 for each element. */
const ELEMENTS_OF_PAGE = 512;

/** For how many elements Go has memory after it has appended so many one by one. */
function capacityOf(length: number): number {
  let capacity = CAPACITIES.find((candidate) => candidate >= length) ?? 1535;
  while (capacity < length) {
    const wanted = capacity + Math.floor((capacity + 768) / 4);
    capacity = Math.ceil(wanted / ELEMENTS_OF_PAGE) * ELEMENTS_OF_PAGE;
  }
  return capacity;
}
