import { compareNumbers, RegoDecimal, type RegoNumber } from './number.js';

/**
 * A value of Rego as built-in functions see it. Nothing is lost on the way from the policy and back: sets are not
 * lists, objects may have keys of any kind, and numbers keep every digit.
 *
 * Source: https://www.openpolicyagent.org/docs/policy-language#scalar-values and the sections that follow it
 */
export type RegoValue = null | boolean | RegoNumber | string | readonly RegoValue[] | RegoObject | RegoSet;

/** Keys of any kind, each with a value, in the order of the keys. */
export class RegoObject {
  readonly entries: readonly (readonly [key: RegoValue, value: RegoValue])[];

  private constructor(entries: readonly (readonly [RegoValue, RegoValue])[]) {
    this.entries = entries;
  }

  /** Of entries in any order; of equal keys the last one counts. */
  static of(entries: Iterable<readonly [RegoValue, RegoValue]>): RegoObject {
    const sorted = [...entries].sort(([left], [right]) => compareValues(left, right));
    return new RegoObject(
      sorted.filter(([key], index) => {
        const next = sorted[index + 1];
        return next === undefined || compareValues(key, next[0]) !== 0;
      }),
    );
  }

  get size(): number {
    return this.entries.length;
  }

  get(key: RegoValue): RegoValue | undefined {
    return find(this.entries, ([candidate]) => compareValues(candidate, key))?.[1];
  }
}

/** Distinct values in their order. */
export class RegoSet {
  readonly elements: readonly RegoValue[];

  private constructor(elements: readonly RegoValue[]) {
    this.elements = elements;
  }

  /** Of values in any order; of equal ones, such as `1` and `1.0`, the first one counts. */
  static of(values: Iterable<RegoValue>): RegoSet {
    const sorted = [...values].sort(compareValues);
    return new RegoSet(
      sorted.filter((value, index) => {
        const before = sorted[index - 1];
        return before === undefined || compareValues(before, value) !== 0;
      }),
    );
  }

  get size(): number {
    return this.elements.length;
  }

  has(value: RegoValue): boolean {
    return find(this.elements, (element) => compareValues(element, value)) !== undefined;
  }
}

/** Whether a value is an array; `Array.isArray` alone would widen it to `any[]`. */
export function isArray(value: RegoValue): value is readonly RegoValue[] {
  return Array.isArray(value);
}

export function isNumber(value: RegoValue): value is RegoNumber {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof RegoDecimal;
}

/**
 * The order of all values: null, booleans, numbers, strings, arrays, objects, sets. Strings go by their UTF-8 bytes,
 * arrays and sets element by element, objects by each key and its value in turn.
 *
 * @returns less than, equal to or greater than 0
 */
export function compareValues(left: RegoValue, right: RegoValue): number {
  if (typeof left === 'string' && typeof right === 'string') return compareStrings(left, right);
  if (isNumber(left) && isNumber(right)) return compareNumbers(left, right);
  const ranks = rank(left) - rank(right);
  if (ranks !== 0) return ranks;
  if (typeof left === 'boolean') return Number(left) - Number(right);
  if (left instanceof RegoSet && right instanceof RegoSet) return compareLists(left.elements, right.elements);
  if (left instanceof RegoObject && right instanceof RegoObject) return compareObjects(left, right);
  if (left !== null && right !== null && isArray(left) && isArray(right)) return compareLists(left, right);
  return 0;
}

export function equalValues(left: RegoValue, right: RegoValue): boolean {
  return compareValues(left, right) === 0;
}

/** By code points, which is the order of their UTF-8 bytes; JavaScript's own order is that of UTF-16. */
export function compareStrings(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return codePointRank(a) - codePointRank(b);
  }
  return left.length - right.length;
}

/** Puts surrogates, which stand for what lies beyond U+FFFF, above all other code units. */
function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

function compareLists(left: readonly RegoValue[], right: readonly RegoValue[]): number {
  for (const [index, value] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const order = compareValues(value, other);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareObjects(left: RegoObject, right: RegoObject): number {
  for (const [index, [key, value]] of left.entries.entries()) {
    const other = right.entries[index];
    if (other === undefined) return 1;
    const order = compareValues(key, other[0]) || compareValues(value, other[1]);
    if (order !== 0) return order;
  }
  return left.size - right.size;
}

function rank(value: RegoValue): number {
  if (value === null) return 0;
  if (typeof value === 'boolean') return 1;
  if (typeof value === 'string') return 3;
  if (isNumber(value)) return 2;
  if (value instanceof RegoObject) return 5;
  return value instanceof RegoSet ? 6 : 4;
}

/** By bisection over what is in order; `compare` says where an item stands to the one that is looked for. */
function find<Item>(items: readonly Item[], compare: (item: Item) => number): Item | undefined {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = items[middle];
    if (item === undefined) return undefined;
    const order = compare(item);
    if (order === 0) return item;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return undefined;
}
