import { goBytes } from './bytes.js';
import { type Layout, pad, truncate } from './layout.js';
import { formatBigInteger, formatDouble, formatInteger } from './number.js';
import { quoteGo } from './quote.js';

/** What is formatted, as the type that Go has for it. */
export type Argument =
  | { readonly type: 'nil' }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'int' | 'int64' | 'uint8'; readonly value: bigint }
  | { readonly type: '*big.Int'; readonly value: bigint }
  | { readonly type: 'float64'; readonly value: number }
  | { readonly type: 'complex128'; readonly real: number; readonly imaginary: number }
  | { readonly type: 'string' | 'json.Number'; readonly value: string }
  | { readonly type: '[]interface {}'; readonly elements: readonly Argument[] }
  | { readonly type: 'map[string]interface {}'; readonly entries: ReadonlyMap<string, Argument> };

/** As Go's `%v` does it with the layout given, and `%#v`, which is Go's syntax, as `#v`. */
export function formatArgument(argument: Argument, verb: string, layout: Layout): string {
  switch (argument.type) {
    case 'nil':
      return verb === 'v' || verb === '#v' ? pad('<nil>', layout) : `%!${verb}(<nil>)`;
    case '[]interface {}':
      return formatList(argument.elements, verb, layout);
    case 'map[string]interface {}':
      return formatMap(argument.entries, verb, layout);
    default:
      return formatScalar(argument, verb, layout) ?? `%!${verb}(${typed(argument, layout)})`;
  }
}

/** A value behind its type: what stands where a verb is none for it, or where nothing asked for it. */
export function typed(argument: Argument, layout: Layout, verb: 'v' | '#v' = 'v'): string {
  if (argument.type === 'nil') return '<nil>';
  return `${argument.type}=${formatArgument(argument, verb, layout)}`;
}

/** How much work it is to format: the scalars, each with so many units, and the characters of texts. */
export function weightOf(argument: Argument, unitsEach: number): number {
  switch (argument.type) {
    case 'string':
    case 'json.Number':
      return unitsEach + argument.value.length;
    case '[]interface {}':
      return argument.elements.reduce((sum, element) => sum + weightOf(element, unitsEach), unitsEach);
    case 'map[string]interface {}':
      return [...argument.entries].reduce(
        (sum, [key, value]) => sum + key.length + unitsEach + weightOf(value, unitsEach),
        unitsEach,
      );
    default:
      return unitsEach;
  }
}

function formatList(elements: readonly Argument[], verb: string, layout: Layout): string {
  const texts = elements.map((element) => formatMember(element, verb, layout));
  return verb === '#v' ? `[]interface {}{${texts.join(', ')}}` : `[${texts.join(' ')}]`;
}

function formatMap(entries: ReadonlyMap<string, Argument>, verb: string, layout: Layout): string {
  const texts = [...entries].map(([key, value]) => {
    const name = formatArgument({ type: 'string', value: key }, verb, layout);
    return `${name}:${formatMember(value, verb, layout)}`;
  });
  return verb === '#v' ? `map[string]interface {}{${texts.join(', ')}}` : `map[${texts.join(' ')}]`;
}

function formatMember(argument: Argument, verb: string, layout: Layout): string {
  if (argument.type !== 'nil') return formatArgument(argument, verb, layout);
  return verb === '#v' ? 'interface {}(nil)' : '<nil>';
}

type Scalar = Exclude<Argument, { type: 'nil' | '[]interface {}' | 'map[string]interface {}' }>;

/** Undefined where the verb is none for such a value. */
function formatScalar(argument: Scalar, verb: string, layout: Layout): string | undefined {
  const plainVerb = verb === '#v' ? 'v' : verb;
  switch (argument.type) {
    case 'bool':
      return plainVerb === 'v' || verb === 't' ? pad(String(argument.value), layout) : undefined;
    case 'uint8':
      if (verb === '#v') return formatInteger(argument.value, 'x', { ...layout, sharp: true });
      return formatInteger(argument.value, verb, layout);
    case 'int':
    case 'int64':
      return formatInteger(argument.value, plainVerb, layout);
    case '*big.Int':
      return verb === 'w' ? undefined : formatBigInteger(argument.value, plainVerb, layout);
    case 'float64':
      return formatDouble(argument.value, plainVerb, layout);
    case 'complex128':
      return formatComplex(argument.real, argument.imaginary, plainVerb, layout);
    case 'string':
    case 'json.Number':
      return formatString(argument.value, verb, layout);
  }
}

/** Undefined where the verb is not for numbers with a fraction. */
function formatComplex(real: number, imaginary: number, verb: string, layout: Layout): string | undefined {
  const first = formatDouble(real, verb, layout);
  const second = formatDouble(imaginary, verb, { ...layout, plus: true });
  return first === undefined || second === undefined ? undefined : `(${first}${second}i)`;
}

function formatString(text: string, verb: string, layout: Layout): string | undefined {
  switch (verb) {
    case 'v':
    case 's':
      return pad(truncate(text, layout), layout);
    case 'q':
    case '#v':
      return pad(quoted(truncate(text, layout), layout), layout);
    case 'x':
    case 'X':
      return hexadecimal(text, verb, layout);
    default:
      return undefined;
  }
}

function quoted(text: string, layout: Layout): string {
  const canBackquote = !/[`\ufeff\x7f]|[^\t\x20-\u{10ffff}]|[\ud800-\udfff]/u.test(text);
  if (layout.sharp && canBackquote) return `\`${text}\``;
  return quoteGo(text, '"', layout.plus ? 'ascii' : 'unicode');
}

function hexadecimal(text: string, verb: 'x' | 'X', layout: Layout): string {
  const bytes = goBytes(text).subarray(0, layout.precision);
  const pairs = [...bytes].map((byte) => byte.toString(16).padStart(2, '0'));
  if (pairs.length === 0) return pad('', layout);
  const prefix = layout.sharp ? '0x' : '';
  const hex = layout.space ? pairs.map((pair) => prefix + pair).join(' ') : prefix + pairs.join('');
  return pad(verb === 'X' ? hex.toUpperCase() : hex, layout);
}
