import { keyText } from '../../rego/json.js';
import { formatValue, parseValue } from '../../rego/text.js';
import { compareStrings, isArray, isNumber, RegoObject, RegoSet, type RegoValue } from '../../rego/value.js';
import { BuiltinError } from '../builtin.js';

/** Enough for any token or key, and less than would exhaust the stack. */
const DEEPEST = 1_000;

/**
 * Reads JSON as `json.unmarshal` does: strictly, with every digit of numbers, and of members with one name the last.
 *
 * @throws BuiltinError where the text is no JSON
 */
export function parseJson(text: string): RegoValue {
  if (nesting(text) > DEEPEST) throw new BuiltinError('the JSON is nested too deeply');
  try {
    JSON.parse(text);
  } catch (cause) {
    throw new BuiltinError('invalid JSON', { cause });
  }
  const value = parseValue(text);
  return /\\u[dD][89a-fA-F]/.test(text) ? withoutSurrogates(value) : value;
}

/** @throws BuiltinError where the text is no JSON object */
export function parseJsonObject(text: string): RegoObject {
  const value = parseJson(text);
  if (value instanceof RegoObject) return value;
  throw new BuiltinError('decoded JSON type was not an Object');
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Writes JSON as Go does: no spaces, members in the order of their names, what HTML gives a meaning escaped.
 *
 * Source: https://pkg.go.dev/encoding/json#Marshal
 */
export function writeJson(value: RegoValue): string {
  if (typeof value === 'string') return writeString(value);
  if (value instanceof RegoSet) return `[${value.elements.map(writeJson).join(',')}]`;
  if (value instanceof RegoObject) {
    const members = new Map(value.entries.map(([key, item]) => [keyText(key), item]));
    const sorted = [...members].sort(([left], [right]) => compareStrings(left, right));
    return `{${sorted.map(([name, item]) => `${writeString(name)}:${writeJson(item)}`).join(',')}}`;
  }
  if (value !== null && typeof value === 'object' && !isNumber(value) && isArray(value)) {
    return `[${value.map(writeJson).join(',')}]`;
  }
  return formatValue(value);
}

function writeString(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** How deep brackets stand in one another, at most; those in strings don't count. */
function nesting(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (quoted) {
      if (character === '\\') at += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '[' || character === '{') deepest = Math.max(deepest, ++depth);
    else if (character === ']' || character === '}') depth -= 1;
  }
  return deepest;
}

/** With U+FFFD in place of halves of surrogate pairs, which JSON can write and UTF-8 cannot. */
function withoutSurrogates(value: RegoValue): RegoValue {
  if (typeof value === 'string') return Buffer.from(value).toString();
  if (value instanceof RegoObject) {
    return RegoObject.of(
      value.entries.map(([key, item]) => [withoutSurrogates(key), withoutSurrogates(item)]),
    );
  }
  if (value !== null && typeof value === 'object' && isArray(value)) return value.map(withoutSurrogates);
  return value;
}
