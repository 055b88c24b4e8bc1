import { isArray, RegoObject, RegoSet, type RegoValue } from '../rego/value.js';
import { BuiltinError, type BuiltinTable, objectOperand, stringOperand } from './builtin.js';
import { escapeQuery, unescapeQuery } from './go/query-escapes.js';
import { textOf } from './go/text.js';
import { membersOf } from './json.js';

/** Source: https://www.openpolicyagent.org/docs/policy-reference/builtins/encoding */
export const ENCODINGS = {
  'hex.encode': (_evaluation, text) => Buffer.from(stringOperand(text, 1)).toString('hex'),
  'hex.decode': (_evaluation, text) => decodeHex(stringOperand(text, 1)),
  'base64url.encode_no_pad': (_evaluation, text) => Buffer.from(stringOperand(text, 1)).toString('base64url'),
  'urlquery.encode': (_evaluation, text) => escapeQuery(stringOperand(text, 1)),
  'urlquery.decode': (_evaluation, text) => unescapeQuery(stringOperand(text, 1)),
  'urlquery.encode_object': (_evaluation, object) => encodeQuery(objectOperand(object, 1)),
  'urlquery.decode_object': (_evaluation, text) => decodeQuery(stringOperand(text, 1)),
} satisfies BuiltinTable;

function decodeHex(text: string): string {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) throw new BuiltinError('not hexadecimal');
  return textOf(Buffer.from(text, 'hex'));
}

function encodeQuery(object: RegoObject): string {
  return membersOf(object)
    .flatMap(([key, value]) => queryValues(value).map((text) => `${escapeQuery(key)}=${escapeQuery(text)}`))
    .join('&');
}

function queryValues(value: RegoValue): readonly string[] {
  if (typeof value === 'string') return [value];
  const items = value instanceof RegoSet ? value.elements : value;
  if (items !== null && typeof items === 'object' && isArray(items)) {
    const strings = items.filter((item) => typeof item === 'string');
    if (strings.length === items.length) return strings;
  }
  throw new BuiltinError('operand 1 values must be string, array[string], or set[string]');
}

/** Go's limit, against queries of nothing but separators. */
const MAX_PARAMETERS = 10_000;

function decodeQuery(query: string): RegoObject {
  const parameters = query.split('&');
  if (parameters.length > MAX_PARAMETERS) throw new BuiltinError('too many query parameters');
  const values = new Map<string, string[]>();
  for (const parameter of parameters) {
    if (parameter.includes(';')) throw new BuiltinError('invalid semicolon separator in query');
    if (parameter === '') continue;
    const at = parameter.indexOf('=');
    const key = unescapeQuery(at < 0 ? parameter : parameter.slice(0, at));
    const value = at < 0 ? '' : unescapeQuery(parameter.slice(at + 1));
    const known = values.get(key);
    if (known === undefined) values.set(key, [value]);
    else known.push(value);
  }
  return RegoObject.of(values);
}
