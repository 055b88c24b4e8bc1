import type { Decision, JsonObject, JsonValue } from '../domain/index.js';
import { PolicyError } from './errors.js';
import { compileSchema, violation } from './schema.js';

const validate = compileSchema<Decision>('decision');

/**
 * The one document an entrypoint answered with, out of OPA's result set in JSON: `[{"result": …}]`, or `[]` if undefined.
 *
 * @throws PolicyError `undefined_decision`
 */
export function soleResult(resultSet: string): JsonValue {
  const results = JSON.parse(resultSet) as JsonValue;
  const [sole, ...more] = isArray(results) ? results : [];
  if (more.length === 0 && isObject(sole)) {
    const { result } = sole;
    if (result !== undefined) return result;
  }
  throw new PolicyError('undefined_decision', "the policy's entrypoint is undefined for this input");
}

/**
 * A policy's answer as a Decision.
 *
 * @throws PolicyError `malformed_decision` if it does not match `schemas/decision.schema.json`
 */
export function parseDecision(result: unknown): Decision {
  if (validate(result)) return result;
  const broken = violation(validate);
  throw new PolicyError('malformed_decision', `the policy's answer breaks ${broken} of the decision schema`);
}

// Array.isArray would widen to any[], for JSON's arrays are readonly.
function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
