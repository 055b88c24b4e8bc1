import { equalValues, isArray, isNumber, RegoObject, RegoSet, type RegoValue } from '../rego/value.js';
import { BuiltinError, type BuiltinTable } from './builtin.js';

/** Source: https://www.openpolicyagent.org/docs/policy-reference/builtins/object#builtin-object-objectsubset */
export const OBJECTS = {
  'object.subset': (_evaluation, whole, part) => {
    const answer = subset(whole, part);
    if (answer !== undefined) return answer;
    if (listOf(whole) && part instanceof RegoSet) return holdsAll(whole, part);
    throw new BuiltinError('both arguments object.subset must be of the same type or array and set');
  },
} satisfies BuiltinTable;

/** Undefined where the two are not of one kind that has parts. */
function subset(whole: RegoValue | undefined, part: RegoValue | undefined): boolean | undefined {
  if (whole instanceof RegoObject && part instanceof RegoObject) {
    return part.entries.every(([key, value]) => memberHolds(whole.get(key), value));
  }
  if (whole instanceof RegoSet && part instanceof RegoSet) {
    return part.elements.every((element) => whole.has(element));
  }
  return listOf(whole) && listOf(part) ? includesRun(whole, part) : undefined;
}

/** Members go by their own members in turn; elements of sets and arrays have to be equal. */
function memberHolds(whole: RegoValue | undefined, part: RegoValue): boolean {
  return whole !== undefined && (subset(whole, part) ?? equalValues(whole, part));
}

function listOf(value: RegoValue | undefined): value is readonly RegoValue[] {
  return value !== undefined && value !== null && !isNumber(value) && isArray(value);
}

/** Whether a run of elements stands in a list, after Knuth, Morris and Pratt: each element is compared twice at most. */
function includesRun(list: readonly RegoValue[], run: readonly RegoValue[]): boolean {
  const borders = [0];
  const extend = (matched: number, element: RegoValue | undefined): number => {
    let length = matched;
    while (length > 0 && !same(run[length], element)) length = borders[length - 1] ?? 0;
    return same(run[length], element) ? length + 1 : length;
  };
  for (let index = 1; index < run.length; index += 1) {
    borders.push(extend(borders[index - 1] ?? 0, run[index]));
  }
  let matched = 0;
  return (
    run.length === 0 ||
    list.some((element) => {
      matched = extend(matched, element);
      return matched === run.length;
    })
  );
}

function same(left: RegoValue | undefined, right: RegoValue | undefined): boolean {
  return left !== undefined && right !== undefined && equalValues(left, right);
}

/** As in OPA, an element that a list repeats counts each time, and nothing at all is in no empty list. */
function holdsAll(list: readonly RegoValue[], set: RegoSet): boolean {
  let missing = set.size;
  return list.some((element) => {
    if (set.has(element)) missing -= 1;
    return missing === 0;
  });
}
