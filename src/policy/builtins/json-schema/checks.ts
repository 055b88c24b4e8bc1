import { compareNumbers, type RegoNumber } from '../../rego/number.js';
import type { RegoValue } from '../../rego/value.js';
import type { Evaluation } from '../builtin.js';
import { boundText, isMultiple } from './decimals.js';
import { canonicalJson } from './document.js';
import { hasFormat } from './formats.js';
import type { Place, Result } from './result.js';
import type { Schema } from './schema.js';

export function checkNumber(
  evaluation: Evaluation,
  schema: Schema,
  value: RegoNumber,
  result: Result,
  place: Place,
): void {
  const { multipleOf, maximum, exclusiveMaximum, minimum, exclusiveMinimum } = schema;
  if (multipleOf !== undefined && !isMultiple(evaluation, value, multipleOf)) {
    result.add('multiple_of', place, `Must be a multiple of ${boundText(multipleOf)}`);
  }
  if (maximum !== undefined && compareNumbers(value, maximum) > 0) {
    result.add('number_lte', place, `Must be less than or equal to ${boundText(maximum)}`);
  }
  if (exclusiveMaximum !== undefined && compareNumbers(value, exclusiveMaximum) >= 0) {
    result.add('number_lt', place, `Must be less than ${boundText(exclusiveMaximum)}`);
  }
  if (minimum !== undefined && compareNumbers(value, minimum) < 0) {
    result.add('number_gte', place, `Must be greater than or equal to ${boundText(minimum)}`);
  }
  if (exclusiveMinimum !== undefined && compareNumbers(value, exclusiveMinimum) <= 0) {
    result.add('number_gt', place, `Must be greater than ${boundText(exclusiveMinimum)}`);
  }
  result.credit();
}

export function checkString(
  evaluation: Evaluation,
  schema: Schema,
  value: string,
  result: Result,
  place: Place,
): void {
  const { minLength, maxLength, pattern } = schema;
  if (minLength !== undefined || maxLength !== undefined || pattern !== undefined) {
    evaluation.spend(value.length);
    const length = characters(value);
    if (minLength !== undefined && length < minLength) {
      result.add('string_gte', place, `String length must be greater than or equal to ${minLength}`);
    }
    if (maxLength !== undefined && length > maxLength) {
      result.add('string_lte', place, `String length must be less than or equal to ${maxLength}`);
    }
    if (pattern !== undefined && !pattern.expression.matcher(value).find()) {
      result.add('pattern', place, `Does not match pattern '${pattern.text}'`);
    }
  }
  result.credit();
}

function characters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** Checks what may be asked of values of any type. */
export function checkValue(
  evaluation: Evaluation,
  schema: Schema,
  value: RegoValue,
  result: Result,
  place: Place,
): void {
  const { constant, enumeration, format } = schema;
  if (constant !== undefined || enumeration !== undefined) {
    const text = canonicalJson(value);
    evaluation.spend(text.length + (enumeration?.length ?? 0));
    if (constant !== undefined && text !== constant) {
      result.add('const', place, { ofField: `does not match: ${constant}` });
    }
    if (enumeration !== undefined && !enumeration.includes(text)) {
      result.add('enum', place, { ofField: `must be one of the following: ${enumeration.join(', ')}` });
    }
  }
  if (format !== undefined && typeof value === 'string') {
    evaluation.spend(value.length);
    if (!hasFormat(format, value)) {
      result.add('format', place, `Does not match format '${format}'`);
    }
  }
  result.credit();
}
