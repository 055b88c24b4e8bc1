import {
  add,
  type BinaryFloat,
  divide,
  floatOf,
  isWhole,
  multiply,
  numberOfFloat,
  subtract,
  truncated,
} from '../rego/float.js';
import { integerOf, numberText } from '../rego/number.js';
import { isArray, isNumber, RegoSet, type RegoValue } from '../rego/value.js';
import {
  arrayOperand,
  type Builtin,
  BuiltinError,
  type Evaluation,
  integerOperand,
  stringOperand,
} from './builtin.js';
import { decodeBase64, decodeBase64Url } from './go/base64.js';
import { textOf } from './go/text.js';
import { goJson } from './json.js';
import { smallest } from './numbers.js';
import { SPRINTF } from './sprintf.js';

/** How a host's function and the one that OPA compiled in share a call. */
export type Sharing =
  /** The host's alone. */
  | 'host_only'
  /** OPA's own where operands and result are small integers; else the host's, where it has a result, else OPA's. */
  | 'beyond_small_integers'
  /** The host's, where it has a result, else OPA's own. */
  | 'host_first'
  /** OPA's own, if the host's has a result at all. */
  | 'if_host_agrees';

/** A function that OPA compiles into the WebAssembly, by its name there, and what the host has in its stead. */
export interface Correction {
  readonly compiled: string;
  readonly operands: 1 | 2 | 3;
  readonly sharing: Sharing;
  readonly builtin: Builtin;
}

const [ZERO, ONE, HALF, MINUS_HALF] = [
  { mantissa: 0n, exponent: 0, precision: 64 },
  { mantissa: 1n, exponent: 0, precision: 64 },
  { mantissa: 1n, exponent: -1, precision: 64 },
  { mantissa: -1n, exponent: -1, precision: 64 },
] as const satisfies readonly BinaryFloat[];

/** Bits; OPA itself has no bound. */
const MOST_SHIFTED = 10_000n;

/** What OPA multiplies from is a double. */
const ONE_DOUBLE = { ...ONE, precision: 53 };

/**
 * Where OPA's WebAssembly answers otherwise than OPA: it rounds integers beyond 64 bits and fractions in another way, takes
 * for JSON what is none, and writes sets and objects in the order in which it happens to keep them.
 *
 * Source: https://github.com/open-policy-agent/opa/issues/3711
 */
export const CORRECTIONS: readonly Correction[] = [
  arithmetic('opa_arith_plus', (left, right) => left + right, add),
  arithmetic('opa_arith_minus', (left, right) => left - right, subtract),
  arithmetic('opa_arith_multiply', (left, right) => left * right, multiply),
  // Where both are 0, OPA's own gives up the whole evaluation.
  { ...arithmetic('opa_arith_divide', () => undefined, divide), sharing: 'host_only' },
  arithmetic('opa_arith_rem', (left, right) => (right === 0n ? undefined : left % right)),
  arithmetic('opa_bits_and', (left, right) => left & right),
  arithmetic('opa_bits_or', (left, right) => left | right),
  arithmetic('opa_bits_xor', (left, right) => left ^ right),
  arithmetic('opa_bits_shiftleft', (left, by) => (by < 0n || by > MOST_SHIFTED ? undefined : left << by)),
  arithmetic('opa_bits_shiftright', (left, by) => (by < 0n ? undefined : left >> by)),
  rounding('opa_arith_abs', absolute),
  rounding('opa_arith_round', awayFromZero),
  rounding('opa_arith_ceil', ceiling),
  rounding('opa_arith_floor', floor),
  aggregate('opa_agg_sum', 0n, (total, next) => total + next, ZERO, add),
  aggregate('opa_agg_product', 1n, (total, next) => total * next, ONE_DOUBLE, multiply),
  { compiled: 'opa_strings_format_int', operands: 2, sharing: 'host_first', builtin: formatInteger },
  { compiled: 'opa_strings_concat', operands: 2, sharing: 'host_first', builtin: concat },
  { compiled: 'opa_template_string', operands: 1, sharing: 'host_first', builtin: templateString },
  {
    compiled: 'opa_json_marshal',
    operands: 1,
    sharing: 'host_first',
    builtin: (_, value) => goJson(value ?? null),
  },
  { compiled: 'opa_strings_replace', operands: 3, sharing: 'host_first', builtin: replaceNothing },
  {
    compiled: 'opa_base64_is_valid',
    operands: 1,
    sharing: 'host_first',
    builtin: (_, text) => isBase64(text),
  },
  // OPA's own take what lacks its padding, or has bits left over.
  decoding('opa_base64_decode', (text) => decodeBase64(text, 'standard')),
  decoding('opa_base64_url_decode', decodeBase64Url),
  { compiled: 'opa_json_is_valid', operands: 1, sharing: 'host_first', builtin: (_, text) => isJson(text) },
  { compiled: 'opa_json_unmarshal', operands: 1, sharing: 'if_host_agrees', builtin: isReadable },
];

function arithmetic(
  compiled: string,
  exact: (left: bigint, right: bigint) => bigint | undefined,
  rounded?: (left: BinaryFloat, right: BinaryFloat) => BinaryFloat | undefined,
): Correction {
  return {
    compiled,
    operands: 2,
    sharing: 'beyond_small_integers',
    builtin: (evaluation, left, right) => {
      const [a, b] = [integer(left), integer(right)];
      if (a !== undefined && b !== undefined) {
        evaluation.spend(digits(a) * digits(b));
        const result = exact(a, b);
        if (result !== undefined) return smallest(result);
      }
      const [x, y] = [float(left), float(right)];
      const result = x && y && rounded?.(x, y);
      return result && numberOfFloat(result);
    },
  };
}

/** OPA's own way to round, which goes by the number without its fraction: `ceil(-0.5)` is 1 and `floor(-0.5)` is 0. */
function rounding(compiled: string, rounded: (value: BinaryFloat) => BinaryFloat): Correction {
  return {
    compiled,
    operands: 1,
    sharing: 'host_first',
    builtin: (_, value) => {
      const exact = float(value);
      return exact && numberOfFloat(rounded(exact));
    },
  };
}

function awayFromZero(value: BinaryFloat): BinaryFloat {
  return truncated(add(value, value.mantissa < 0n ? MINUS_HALF : HALF));
}

function ceiling(value: BinaryFloat): BinaryFloat {
  const whole = truncated(value);
  return whole.mantissa < 0n || isWhole(value) ? whole : add(whole, ONE);
}

function floor(value: BinaryFloat): BinaryFloat {
  const whole = truncated(value);
  return whole.mantissa >= 0n || isWhole(value) ? whole : subtract(whole, ONE);
}

function absolute(value: BinaryFloat): BinaryFloat {
  return value.mantissa < 0n ? { ...value, mantissa: -value.mantissa } : value;
}

/** @param first of fractions; the precision that it has is that of the result, which differs in OPA too */
function aggregate(
  compiled: string,
  start: bigint,
  exact: (total: bigint, next: bigint) => bigint,
  first: BinaryFloat,
  rounded: (total: BinaryFloat, next: BinaryFloat) => BinaryFloat,
): Correction {
  return {
    compiled,
    operands: 1,
    sharing: 'host_first',
    builtin: (evaluation, collection) => {
      const values = elements(collection);
      const integers = values.map(integer);
      if (integers.every((next) => next !== undefined)) {
        const total = integers.reduce((sum, next) => {
          evaluation.spend(digits(sum) * digits(next));
          return exact(sum, next);
        }, start);
        return smallest(total);
      }
      const floats = values.map(float);
      if (!floats.every((next) => next !== undefined)) return undefined;
      return numberOfFloat(floats.reduce(rounded, first));
    },
  };
}

/** `concat`, of a set in its order. */
function concat(_: unknown, separator: RegoValue | undefined, texts: RegoValue | undefined): RegoValue {
  const between = stringOperand(separator, 1);
  return elements(texts)
    .map((text) => stringOperand(text, 2))
    .join(between);
}

/** What a template string becomes: each part is a set of the one value that it has, or of none. */
function templateString(evaluation: Evaluation, parts: RegoValue | undefined): RegoValue {
  const texts = arrayOperand(parts, 1).map((part) => {
    const value = part instanceof RegoSet ? part.elements[0] : part;
    if (value === undefined) return '<undefined>';
    return isNumber(value) ? numberText(value) : SPRINTF.sprintf(evaluation, '%v', [value]);
  });
  return texts.join('');
}

/** `replace` of an empty text, which stands between all characters, and for which OPA's own looks for ever. */
function replaceNothing(
  evaluation: Evaluation,
  text: RegoValue | undefined,
  old: RegoValue | undefined,
  by: RegoValue | undefined,
): RegoValue | undefined {
  if (old !== '' || typeof text !== 'string' || typeof by !== 'string') return undefined;
  evaluation.spend((text.length + 1) * (by.length + 1));
  return ['', ...text, ''].join(by);
}

function decoding(compiled: string, decode: (text: string) => Buffer): Correction {
  return {
    compiled,
    operands: 1,
    sharing: 'host_only',
    builtin: (_, text) => textOf(decode(stringOperand(text, 1))),
  };
}

function isBase64(text: RegoValue | undefined): boolean {
  try {
    decodeBase64(stringOperand(text, 1), 'standard');
    return true;
  } catch (thrown) {
    if (thrown instanceof BuiltinError) return false;
    throw thrown;
  }
}

/** `format_int`: a fraction is cut off. */
function formatInteger(_: unknown, value: RegoValue, base: RegoValue): RegoValue {
  const radix = Number(integerOperand(base, 2));
  if (![2, 8, 10, 16].includes(radix)) throw new BuiltinError('operand 2 must be one of {2, 8, 10, 16}');
  const exact = float(value);
  const whole = integer(value) ?? (exact && integer(numberOfFloat(truncated(exact))));
  if (whole !== undefined) return whole.toString(radix);
  throw new BuiltinError('operand 1 must be integer number but got floating-point number');
}

/** Binary exponents that OPA reads. */
const LARGEST_EXPONENT = 100_000;
const WITH_EXPONENT = /(\d+)(?:\.(\d+))?[eE]([+-]?\d+)/g;

/** For `json.unmarshal`: what looks like a number inside of a string is taken for one too, but only if it is huge. */
function isReadable(_: unknown, text: RegoValue | undefined): RegoValue | undefined {
  const json = stringOperand(text, 1);
  if (!isJson(json)) return undefined;
  for (const [, whole = '', fraction = '', exponent] of json.matchAll(WITH_EXPONENT)) {
    if (/^0*$/.test(whole + fraction)) continue;
    const magnitude = Number(exponent) + whole.length;
    if (Math.abs(magnitude) * Math.log2(10) > LARGEST_EXPONENT) return undefined;
  }
  return true;
}

function isJson(text: RegoValue | undefined): boolean {
  if (typeof text !== 'string') return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false; // that it is none is all that is asked
  }
}

function integer(value: RegoValue | undefined): bigint | undefined {
  return value !== undefined && isNumber(value) ? integerOf(value) : undefined;
}

function float(value: RegoValue | undefined): BinaryFloat | undefined {
  return value !== undefined && isNumber(value) ? floatOf(value) : undefined;
}

function elements(collection: RegoValue | undefined): readonly RegoValue[] {
  if (collection instanceof RegoSet) return collection.elements;
  if (collection !== undefined && collection !== null && isArray(collection)) return collection;
  throw new BuiltinError('operand 1 must be one of {array, set}');
}

/** About how many machine words an integer has. */
function digits(value: bigint): number {
  return value.toString(16).length / 16 + 1;
}
