import { numberOf, numberText, type RegoNumber } from '../rego/number.js';
import { isNumber, type RegoValue } from '../rego/value.js';
import { BuiltinError, type BuiltinTable, type Evaluation, integerOperand, typeName } from './builtin.js';

/** Source: https://www.openpolicyagent.org/docs/policy-reference/builtins/numbers */
export const NUMBERS = {
  'numbers.range_step': (evaluation, from, to, step) =>
    rangeStep(evaluation, integerOperand(from, 1), integerOperand(to, 2), integerOperand(step, 3)),
} satisfies BuiltinTable;

function rangeStep(evaluation: Evaluation, from: bigint, to: bigint, step: bigint): RegoNumber[] {
  if (step <= 0n) throw new BuiltinError('numbers.range_step: step must be a positive integer');
  const steps = (to < from ? from - to : to - from) / step;
  const length = Math.min(Number(steps) + 1, Number.MAX_SAFE_INTEGER);
  evaluation.spend(length);
  const stride = to < from ? -step : step;
  return Array.from({ length }, (_, index) => smallest(from + BigInt(index) * stride));
}

/** An integer as the kind of number that Rego values hold it in. */
export function smallest(integer: bigint): RegoNumber {
  return numberOf(String(integer));
}

/**
 * The integer where Go wants an `int`: OPA takes `1.0` for one and `1e0` for none.
 *
 * @param position counted from 1
 */
export function int64Operand(value: RegoValue | undefined, position: number): bigint {
  if (value === undefined || !isNumber(value)) {
    throw new BuiltinError(`operand ${position} must be number but got ${typeName(value)}`);
  }
  const integer = int64Of(numberText(value));
  if (integer !== undefined) return integer;
  throw new BuiltinError(`operand ${position} must be integer number but got floating-point number`);
}

/** The integer of 64 bits that a text says, which may have zeros behind a point. */
export function int64Of(text: string): bigint | undefined {
  const [, sign = '', digits, zeros = ''] = /^([+-]?)(\d*)(\.0*)?$/.exec(text) ?? [];
  const length = (digits ?? '').length + zeros.length;
  if (digits === undefined || length === 0 || length > 19) return undefined;
  const integer = BigInt(sign.replace('+', '') + (digits || '0'));
  return BigInt.asIntN(64, integer) === integer ? integer : undefined;
}
