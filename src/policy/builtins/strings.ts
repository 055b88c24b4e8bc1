import { compareStrings, isArray, RegoSet, type RegoValue } from '../rego/value.js';
import { BuiltinError, type BuiltinTable, integerOperand, stringOperand, typeName } from './builtin.js';

/** Source: https://www.openpolicyagent.org/docs/policy-reference/builtins/strings */
export const STRINGS = {
  'strings.any_prefix_match': (_evaluation, search, base) =>
    anyPrefixMatch(stringsOperand(search, 1), stringsOperand(base, 2)),
  'strings.any_suffix_match': (_evaluation, search, base) =>
    anyPrefixMatch(stringsOperand(search, 1).map(reversed), stringsOperand(base, 2).map(reversed)),
  'strings.count': (_evaluation, text, search) => count(stringOperand(text, 1), stringOperand(search, 2)),
  'strings.split_n': (_evaluation, text, delimiter, limit) =>
    splitN(stringOperand(text, 1), stringOperand(delimiter, 2), integerOperand(limit, 3)),
  indexof_n: (_evaluation, text, search) => indexesOf(stringOperand(text, 1), stringOperand(search, 2)),
} satisfies BuiltinTable;

function stringsOperand(value: RegoValue | undefined, position: number): string[] {
  if (typeof value === 'string') return [value];
  const items = value instanceof RegoSet ? value.elements : value;
  if (items === undefined || items === null || typeof items !== 'object' || !isArray(items)) {
    throw new BuiltinError(
      `operand ${position} must be one of {string, set, array} but got ${typeName(value)}`,
    );
  }
  return items.map((item) => {
    if (typeof item === 'string') return item;
    throw new BuiltinError(`operand ${position} must be strings only but contains ${typeName(item)}`);
  });
}

/** Strings that share a prefix stand together behind it, so of each prefix only the first one after it counts. */
function anyPrefixMatch(texts: string[], prefixes: readonly string[]): boolean {
  texts.sort(compareStrings);
  return prefixes.some((prefix) => {
    let low = 0;
    let high = texts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareStrings(texts[middle] ?? '', prefix) < 0) low = middle + 1;
      else high = middle;
    }
    return texts[low]?.startsWith(prefix) ?? false;
  });
}

function reversed(text: string): string {
  return [...text].reverse().join('');
}

function count(text: string, search: string): number {
  if (search === '') return [...text].length + 1;
  return positions(text, search, 'apart').length;
}

function splitN(text: string, delimiter: string, limit: bigint): string[] {
  const parts = delimiter === '' ? [...text] : split(text, delimiter);
  if (limit !== BigInt.asIntN(64, limit)) throw new BuiltinError('operand 3 must be a 64-bit integer');
  return limit >= 0n ? parts.slice(0, Number(limit)) : parts.slice(Number(limit));
}

function split(text: string, delimiter: string): string[] {
  let start = 0;
  const parts = positions(text, delimiter, 'apart').map((position) => {
    const part = text.slice(start, position);
    start = position + delimiter.length;
    return part;
  });
  return [...parts, text.slice(start)];
}

/** Where a string stands in another one, counted in code points; places may overlap. */
function indexesOf(text: string, search: string): number[] {
  if (search === '') throw new BuiltinError('empty search character');
  let unit = 0;
  let codePoints = 0;
  return positions(text, search, 'overlapping').map((position) => {
    while (unit < position) {
      unit += (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
      codePoints += 1;
    }
    return codePoints;
  });
}

/** By Knuth, Morris and Pratt: `indexOf` takes quadratic time where both repeat one character. */
function positions(text: string, search: string, kind: 'apart' | 'overlapping'): number[] {
  const found: number[] = [];
  const borders = bordersOf(search);
  let matched = 0;
  for (let at = 0; at < text.length; at += 1) {
    while (matched > 0 && text[at] !== search[matched]) matched = borders[matched - 1] ?? 0;
    if (text[at] === search[matched]) matched += 1;
    if (matched < search.length) continue;
    found.push(at + 1 - search.length);
    matched = kind === 'apart' ? 0 : (borders[matched - 1] ?? 0);
  }
  return found;
}

/** For each prefix the length of the longest one that it also ends with. */
function bordersOf(search: string): number[] {
  const borders = [0];
  let length = 0;
  for (let at = 1; at < search.length; at += 1) {
    while (length > 0 && search[at] !== search[length]) length = borders[length - 1] ?? 0;
    if (search[at] === search[length]) length += 1;
    borders.push(length);
  }
  return borders;
}
