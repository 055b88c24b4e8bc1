import { isNumber, RegoObject, type RegoValue } from '../../rego/value.js';
import { BuiltinError, type Evaluation } from '../builtin.js';
import { checkNumber, checkString, checkValue } from './checks.js';
import { isInteger } from './decimals.js';
import { canonicalJson, isList } from './document.js';
import { type Place, Result, ROOT } from './result.js';
import type { Schema } from './schema.js';

/** Schemas that refer to themselves without going deeper into the document never end. */
const DEEPEST = 1_000;

/** Finds what is wrong in a document, in OPA's order; where OPA has none, by the names of members. */
export function validate(evaluation: Evaluation, schema: Schema, document: RegoValue): Result {
  const result = new Result(evaluation);
  new Validator(evaluation).check(schema, document, result, ROOT, 0);
  return result;
}

class Validator {
  readonly #evaluation: Evaluation;

  constructor(evaluation: Evaluation) {
    this.#evaluation = evaluation;
  }

  check(schema: Schema, value: RegoValue, result: Result, place: Place, depth: number): void {
    this.#evaluation.spend(1);
    if (depth > DEEPEST) throw new BuiltinError('the schema goes too deep');
    if (schema.verdict !== undefined) {
      if (!schema.verdict) result.add('false', place, 'False always fails validation');
      return;
    }
    if (schema.reference !== undefined) {
      this.check(schema.reference, value, result, place, depth + 1);
      return;
    }
    const type = typeOf(value);
    const fits = schema.types.includes(type) || (type === 'integer' && schema.types.includes('number'));
    if (schema.types.length > 0 && !fits) {
      const expected = schema.types.length > 1 ? `[${schema.types.join(',')}]` : (schema.types[0] ?? '');
      result.add('invalid_type', place, `Invalid type. Expected: ${expected}, given: ${type}`);
      return;
    }
    this.#checkCombinations(schema, value, result, place, depth);
    this.#checkByType(schema, value, result, place, depth);
    result.credit();
  }

  #checkByType(schema: Schema, value: RegoValue, result: Result, place: Place, depth: number): void {
    if (isList(value)) {
      this.#checkItems(schema, value, result, place, depth);
      checkValue(this.#evaluation, schema, value, result, place);
    } else if (value instanceof RegoObject) {
      this.#checkMembers(schema, value, result, place, depth);
      checkValue(this.#evaluation, schema, value, result, place);
      for (const [name, property] of schema.properties) {
        const member = value.get(name);
        if (member !== undefined) this.check(property, member, result, { name, parent: place }, depth + 1);
      }
    } else {
      if (value !== null && isNumber(value)) checkNumber(this.#evaluation, schema, value, result, place);
      checkValue(this.#evaluation, schema, value, result, place);
      if (typeof value === 'string') checkString(this.#evaluation, schema, value, result, place);
    }
  }

  #try(schema: Schema, value: RegoValue, place: Place, depth: number): Result {
    const result = new Result(this.#evaluation);
    this.check(schema, value, result, place, depth + 1);
    return result;
  }

  #checkCombinations(schema: Schema, value: RegoValue, result: Result, place: Place, depth: number): void {
    const attempt = (part: Schema): Result => this.#try(part, value, place, depth);
    checkAnyOf(schema, attempt, result, place);
    checkOneOf(schema, attempt, result, place);
    const all = schema.allOf.map(attempt);
    for (const each of all) result.merge(each);
    if (!all.every((each) => each.isValid)) {
      result.add('number_all_of', place, 'Must validate all the schemas (allOf)');
    }
    if (schema.not !== undefined && attempt(schema.not).isValid) {
      result.add('number_not', place, 'Must not validate the schema (not)');
    }
    if (value instanceof RegoObject) this.#checkDependencies(schema, value, result, place, depth);
    checkCondition(schema, attempt, result, place);
    result.credit();
  }

  #checkDependencies(schema: Schema, value: RegoObject, result: Result, place: Place, depth: number): void {
    for (const [name, dependency] of schema.dependencies) {
      if (value.get(name) === undefined) continue;
      if ('property' in dependency) this.check(dependency, value, result, place, depth + 1);
      else {
        for (const needed of dependency) {
          if (value.get(needed) === undefined) {
            result.add('missing_dependency', place, `Has a dependency on ${needed}`);
          }
        }
      }
    }
  }

  #checkItems(
    schema: Schema,
    items: readonly RegoValue[],
    result: Result,
    place: Place,
    depth: number,
  ): void {
    const checkAll = (part: Schema, from: number, to: number): void => {
      for (const [index, item] of items.slice(from, to).entries()) {
        result.merge(this.#try(part, item, { name: String(from + index), parent: place }, depth));
      }
    };
    if (schema.items !== undefined && 'property' in schema.items) checkAll(schema.items, 0, items.length);
    else if (schema.items !== undefined && schema.items.length > 0) {
      for (const [index, part] of schema.items.entries()) checkAll(part, index, index + 1);
      const first = schema.items.length;
      if (schema.additionalItems === false && first < items.length) {
        result.add('array_no_additional_items', place, 'No additional items allowed on array');
      } else if (typeof schema.additionalItems === 'object')
        checkAll(schema.additionalItems, first, items.length);
    }
    const { minItems, maxItems } = schema;
    if (minItems !== undefined && items.length < minItems) {
      result.add('array_min_items', place, `Array must have at least ${minItems} items`);
    }
    if (maxItems !== undefined && items.length > maxItems) {
      result.add('array_max_items', place, `Array must have at most ${maxItems} items`);
    }
    if (schema.uniqueItems === true) this.#checkUnique(items, result, place);
    if (schema.contains !== undefined) this.#checkContains(schema.contains, items, result, place, depth);
    result.credit();
  }

  #checkUnique(items: readonly RegoValue[], result: Result, place: Place): void {
    const seen = new Map<string, number>();
    for (const [index, item] of items.entries()) {
      const text = canonicalJson(item);
      this.#evaluation.spend(text.length);
      const before = seen.get(text);
      if (before !== undefined) {
        result.add('unique', place, `array items[${before},${index}] must be unique`);
      }
      seen.set(text, index);
    }
  }

  #checkContains(
    schema: Schema,
    items: readonly RegoValue[],
    result: Result,
    place: Place,
    depth: number,
  ): void {
    let closest: Result | undefined;
    for (const [index, item] of items.entries()) {
      const attempt = this.#try(schema, item, { name: String(index), parent: place }, depth);
      if (attempt.isValid) return;
      if (closest === undefined || attempt.score > closest.score) closest = attempt;
    }
    result.add('contains', place, 'At least one of the items must match');
    if (closest !== undefined) result.merge(closest);
  }

  #checkMembers(schema: Schema, value: RegoObject, result: Result, place: Place, depth: number): void {
    const { minProperties, maxProperties, propertyNames } = schema;
    if (minProperties !== undefined && value.size < minProperties) {
      result.add('array_min_properties', place, `Must have at least ${minProperties} properties`);
    }
    if (maxProperties !== undefined && value.size > maxProperties) {
      result.add('array_max_properties', place, `Must have at most ${maxProperties} properties`);
    }
    for (const name of schema.required) {
      if (value.get(name) !== undefined) result.credit();
      else result.add('required', place, `${name} is required`);
    }
    for (const [name, member] of value.entries) {
      if (typeof name === 'string') this.#checkMember(schema, name, member, result, place, depth);
    }
    if (propertyNames !== undefined) {
      for (const [name] of value.entries) {
        const attempt = this.#try(propertyNames, name, place, depth);
        if (attempt.isValid) continue;
        result.add('invalid_property_name', place, `Property name of "${String(name)}" does not match`);
        result.merge(attempt);
      }
    }
    result.credit();
  }

  /** Checks what the name of a member asks for, but for `properties`. */
  #checkMember(
    schema: Schema,
    name: string,
    member: RegoValue,
    result: Result,
    place: Place,
    depth: number,
  ): void {
    const inner = { name, parent: place };
    let matches = false;
    for (const [pattern, part] of schema.patternProperties) {
      this.#evaluation.spend(name.length);
      if (!pattern.matcher(name).find()) continue;
      matches = true;
      result.merge(this.#try(part, member, inner, depth));
    }
    if (matches) result.credit();
    if (matches || schema.properties.has(name)) return;
    const additional = schema.additionalProperties;
    if (additional === false) {
      result.add('additional_property_not_allowed', place, `Additional property ${name} is not allowed`);
    } else if (typeof additional === 'object') result.merge(this.#try(additional, member, inner, depth));
  }
}

type Attempt = (schema: Schema) => Result;

function checkAnyOf(schema: Schema, attempt: Attempt, result: Result, place: Place): void {
  if (schema.anyOf.length === 0) return;
  let closest: Result | undefined;
  for (const part of schema.anyOf) {
    const each = attempt(part);
    if (each.isValid) return;
    if (closest === undefined || each.score > closest.score) closest = each;
  }
  result.add('number_any_of', place, 'Must validate at least one schema (anyOf)');
  if (closest !== undefined) result.merge(closest);
}

function checkOneOf(schema: Schema, attempt: Attempt, result: Result, place: Place): void {
  if (schema.oneOf.length === 0) return;
  let valid = 0;
  let closest: Result | undefined;
  for (const part of schema.oneOf) {
    const each = attempt(part);
    if (each.isValid) valid += 1;
    else if (closest === undefined || each.score > closest.score) closest = each;
  }
  if (valid === 1) return;
  result.add('number_one_of', place, 'Must validate one and only one schema (oneOf)');
  if (valid === 0 && closest !== undefined) result.merge(closest);
}

function checkCondition(schema: Schema, attempt: Attempt, result: Result, place: Place): void {
  if (schema.condition === undefined) return;
  const isMet = attempt(schema.condition).isValid;
  const branch = isMet ? schema.consequence : schema.alternative;
  const outcome = branch === undefined ? undefined : attempt(branch);
  if (outcome === undefined || outcome.isValid) return;
  if (isMet) result.add('condition_then', place, 'Must validate "then" as "if" was valid');
  else result.add('condition_else', place, 'Must validate "else" as "if" was not valid');
  result.merge(outcome);
}

function typeOf(value: RegoValue): string {
  if (value === null) return 'null';
  if (isNumber(value)) return isInteger(value) ? 'integer' : 'number';
  if (value instanceof RegoObject) return 'object';
  return isList(value) ? 'array' : typeof value;
}
