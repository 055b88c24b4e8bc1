import { BuiltinError } from '../builtin.js';
import { textOf } from '../go/text.js';

/** What a scalar is by the core schema as go-yaml has it; a time is what looks like one. */
export type Scalar =
  | { readonly kind: 'null' | 'time' }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'str'; readonly value: string };

const CONSTANTS: ReadonlyMap<string, Scalar> = new Map<string, Scalar>([
  ...['', '~', 'null', 'Null', 'NULL'].map((text) => [text, { kind: 'null' }] as const),
  ...['true', 'True', 'TRUE'].map((text) => [text, { kind: 'bool', value: true }] as const),
  ...['false', 'False', 'FALSE'].map((text) => [text, { kind: 'bool', value: false }] as const),
  ...['.nan', '.NaN', '.NAN'].map((text) => [text, { kind: 'float', value: Number.NaN }] as const),
  ...['.inf', '.Inf', '.INF'].flatMap((text) => [
    [text, { kind: 'float', value: Number.POSITIVE_INFINITY }] as const,
    [`+${text}`, { kind: 'float', value: Number.POSITIVE_INFINITY }] as const,
    [`-${text}`, { kind: 'float', value: Number.NEGATIVE_INFINITY }] as const,
  ]),
]);
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

/** What a plain scalar without a tag means. */
export function resolvePlain(text: string): Scalar {
  const constant = CONSTANTS.get(text);
  if (constant !== undefined) return constant;
  if (text.startsWith('.')) return floatOf(text) ?? { kind: 'str', value: text };
  if (!/^[-+0-9]/.test(text)) return { kind: 'str', value: text };
  if (isTime(text)) return { kind: 'time' };
  const plain = text.replaceAll('_', '');
  return integerOf(plain) ?? floatOf(plain) ?? signedDigits(plain) ?? { kind: 'str', value: text };
}

/** What a scalar with a tag means. @throws BuiltinError where the text is nothing of the tag's kind */
export function resolveTagged(tag: string, text: string): Scalar {
  const name = tag.replace(/^tag:yaml\.org,2002:/, '!!');
  if (name === '!!binary') return { kind: 'str', value: binaryOf(text) };
  if (!['!!bool', '!!int', '!!float', '!!null', '!!timestamp'].includes(name))
    return { kind: 'str', value: text };
  const scalar = resolvePlain(text);
  if (`!!${scalar.kind}` === name) return scalar;
  if (name === '!!float' && scalar.kind === 'int') return { kind: 'float', value: Number(scalar.value) };
  throw new BuiltinError(`cannot decode a YAML scalar as a ${name}`);
}

function binaryOf(text: string): string {
  const encoded = text.replace(/[\r\n]/g, '');
  if (encoded.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(encoded)) {
    throw new BuiltinError('a !!binary value contains invalid base64 data');
  }
  return textOf(Buffer.from(encoded, 'base64'));
}

function floatOf(text: string): Scalar | undefined {
  if (!FLOAT.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? { kind: 'float', value } : undefined;
}

const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/;

/** Of 64 bits, with or without a sign; a leading zero means octal. */
function integerOf(text: string): Scalar | undefined {
  // Longer than any such number: 64 binary digits and what stands before them, but for leading zeros.
  const [, sign, hex, binary, octal, decimal] = INTEGER.exec(text) ?? [];
  const digits = (hex ?? binary ?? octal ?? decimal)?.replace(/^0+(?=.)/, '');
  if (digits === undefined || digits.length > 64) return undefined;
  const prefix = hex !== undefined ? '0x' : binary !== undefined ? '0b' : octal !== undefined ? '0o' : '';
  return ranged(sign === '-' ? -BigInt(prefix + digits) : BigInt(prefix + digits), sign ?? '');
}

function ranged(value: bigint, sign: string): Scalar | undefined {
  const isInRange =
    value === BigInt.asIntN(64, value) || (sign === '' && value === BigInt.asUintN(64, value));
  return isInRange ? { kind: 'int', value } : undefined;
}

/** go-yaml takes a sign also behind `0b` and `0o`. */
function signedDigits(text: string): Scalar | undefined {
  const [, base, sign, digits] = /^0([bo])([-+])([0-7]{1,64})$/.exec(text) ?? [];
  if (base === undefined || (base === 'b' && !/^[01]+$/.test(digits ?? ''))) return undefined;
  const value = BigInt(`0${base}${digits}`);
  return ranged(sign === '-' ? -value : value, sign ?? '');
}

const TIME =
  /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[Tt]([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?(?:Z|[-+]([0-9]{2}):([0-9]{2}))| +([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?)?$/;

function isTime(text: string): boolean {
  const found = TIME.exec(text);
  if (found === null) return false;
  const [year = 0, month = 0, day = 0, ...clock] = found.slice(1).map((digits) => Number(digits ?? 0));
  const days = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  const most = [23, 59, 59, 24, 59, 23, 59, 59];
  return (
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= days &&
    clock.every((value, index) => value <= (most[index] ?? 0))
  );
}
