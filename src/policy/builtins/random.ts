import { randomBytes } from 'node:crypto';
import { numberOf, RegoDecimal } from '../rego/number.js';
import { type Builtin, BuiltinError, type BuiltinTable, integerOperand, stringOperand } from './builtin.js';

const LARGEST_INTEGER = 2n ** 63n - 1n;

export const RANDOM = {
  'rand.intn': randomInteger,
} satisfies BuiltinTable;

/** A number from 0 up to but not including n, the same for the same operands within an evaluation. */
function randomInteger(...[evaluation, label, n]: Parameters<Builtin>) {
  const name = stringOperand(label, 1);
  const operand = integerOperand(n, 2);
  const bound = operand < 0n ? -operand : operand;
  // OPA reads no number here that is written with an exponent.
  if (n instanceof RegoDecimal || bound > LARGEST_INTEGER)
    throw new BuiltinError('operand 2 must be an integer of 64 bits');
  if (bound === 0n) return 0;
  return evaluation.remember(`rand.intn ${bound} ${name}`, () => numberOf(String(randomBelow(bound))));
}

/** Draws until a number of as many bits as the bound has lies below it, so that none is likelier than another. */
function randomBelow(bound: bigint): bigint {
  const bits = (bound - 1n).toString(2).length;
  for (;;) {
    const drawn = BigInt.asUintN(bits, randomBytes(8).readBigUInt64BE());
    if (drawn < bound) return drawn;
  }
}
