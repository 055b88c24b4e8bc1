import { integerOf } from '../rego/number.js';
import { isArray, isNumber, RegoObject, RegoSet, type RegoValue } from '../rego/value.js';

/**
 * A built-in function of Rego that OPA's WebAssembly leaves to its host.
 *
 * @param evaluation what the evaluation that calls offers
 * @param operands as many as the function takes, in order
 * @returns its result, or undefined where it has none
 * @throws BuiltinError where OPA's function would fail; the call is then undefined, as in OPA
 */
export type Builtin = (evaluation: Evaluation, ...operands: readonly RegoValue[]) => RegoValue | undefined;

export type BuiltinTable = Readonly<Record<string, Builtin>>;

/** One evaluation, as its built-ins see it. */
export interface Evaluation {
  /** Nanoseconds since 1970-01-01T00:00:00Z; the same during the whole evaluation. */
  readonly nowNanoseconds: bigint;
  /** What `make` returned when the key was first asked for in this evaluation: what is drawn by chance is drawn once. */
  remember<Value>(key: string, make: () => Value): Value;
  /**
   * Accounts for work that is out of proportion to the operands (each byte of which is accounted for already), such
   * as a range of a million numbers, before it is done: about one unit for each element, character or step.
   *
   * @throws when the evaluation has had its share; let it pass
   */
  spend(units: number): void;
}

/** Why a built-in has no result. Its message may be shown to whoever writes the policy. */
export class BuiltinError extends Error {}

/** @param position counted from 1, as OPA's messages do */
export function stringOperand(value: RegoValue | undefined, position: number): string {
  if (typeof value === 'string') return value;
  throw new BuiltinError(`operand ${position} must be string but got ${typeName(value)}`);
}

export function booleanOperand(value: RegoValue | undefined, position: number): boolean {
  if (typeof value === 'boolean') return value;
  throw new BuiltinError(`operand ${position} must be boolean but got ${typeName(value)}`);
}

export function integerOperand(value: RegoValue | undefined, position: number): bigint {
  if (value !== undefined && isNumber(value)) {
    const integer = integerOf(value);
    if (integer !== undefined) return integer;
    throw new BuiltinError(`operand ${position} must be integer number but got floating-point number`);
  }
  throw new BuiltinError(`operand ${position} must be number but got ${typeName(value)}`);
}

export function arrayOperand(value: RegoValue | undefined, position: number): readonly RegoValue[] {
  if (value !== undefined && value !== null && isArray(value)) return value;
  throw new BuiltinError(`operand ${position} must be array but got ${typeName(value)}`);
}

export function objectOperand(value: RegoValue | undefined, position: number): RegoObject {
  if (value instanceof RegoObject) return value;
  throw new BuiltinError(`operand ${position} must be object but got ${typeName(value)}`);
}

/** What Rego calls a value's type. */
export function typeName(value: RegoValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (isNumber(value)) return 'number';
  if (value instanceof RegoObject) return 'object';
  if (value instanceof RegoSet) return 'set';
  return isArray(value) ? 'array' : typeof value;
}
