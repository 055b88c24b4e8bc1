import type { JsonObject, JsonValue } from '../../domain/index.js';
import { follow, isSchemaObject } from './weight.js';

/** Values of formats that say nothing of anybody (RFC 2606, RFC 5737, RFC 3849). */
const SAMPLES: Readonly<Record<string, string>> = {
  email: 'redacted@regate.example',
  'idn-email': 'redacted@regate.example',
  hostname: 'redacted.example',
  uri: 'https://redacted.example/',
  'uri-reference': 'https://redacted.example/',
  url: 'https://redacted.example/',
  iri: 'https://redacted.example/',
  date: '1970-01-01',
  time: '00:00:00Z',
  'date-time': '1970-01-01T00:00:00Z',
  duration: 'P0D',
  uuid: '00000000-0000-0000-0000-000000000000',
  ipv4: '192.0.2.0',
  ipv6: '2001:db8::',
  'json-pointer': '/redacted',
  byte: '',
};
const WORD = '[redacted]';
const FILLING = '*';
const DEEPEST = 8;
const MOST_ITEMS = 100;
const LONGEST_TEXT = 10_000;

/** A value that fits a schema, as far as is simply told, and says nothing of any other; the same each time. */
export function neutral(schema: JsonValue | undefined, root: JsonObject, depth = 0): JsonValue {
  const wanted = resolved(schema, root, depth);
  const { const: only, enum: choices } = wanted;
  if (only !== undefined) return only;
  if (Array.isArray(choices) && choices.length > 0) return (choices as readonly JsonValue[])[0] ?? null;
  switch (typeOf(wanted)) {
    case 'object':
      return depth > DEEPEST ? {} : objectOf(wanted, root, depth);
    case 'array':
      return depth > DEEPEST ? [] : arrayOf(wanted, root, depth);
    case 'number':
      return numberWithin(wanted, 0);
    case 'integer':
      return numberWithin(wanted, 1);
    case 'boolean':
      return false;
    case 'null':
      return null;
    default:
      return textWithin(wanted);
  }
}

/** References followed, and the parts of a schema put together, the first of those among which there is a choice. */
function resolved(schema: JsonValue | undefined, root: JsonObject, depth: number): JsonObject {
  if (!isSchemaObject(schema) || depth > DEEPEST) return {};
  const { $ref: reference, allOf, anyOf, oneOf } = schema;
  const parts = [
    typeof reference === 'string' ? follow(root, reference) : undefined,
    ...(Array.isArray(allOf) ? (allOf as readonly JsonValue[]) : []),
    Array.isArray(anyOf) ? (anyOf as readonly JsonValue[])[0] : undefined,
    Array.isArray(oneOf) ? (oneOf as readonly JsonValue[])[0] : undefined,
  ];
  const known = parts.filter((part) => part !== undefined).map((part) => resolved(part, root, depth + 1));
  return Object.assign({}, ...known.reverse(), schema) as JsonObject;
}

function typeOf({ type, properties, items, minimum, maximum }: JsonObject): JsonValue | undefined {
  if (Array.isArray(type)) return (type as readonly JsonValue[])[0];
  if (type !== undefined) return type;
  if (properties !== undefined) return 'object';
  if (items !== undefined) return 'array';
  return minimum === undefined && maximum === undefined ? 'string' : 'number';
}

function objectOf({ properties, required }: JsonObject, root: JsonObject, depth: number): JsonObject {
  const names = Array.isArray(required) ? (required as readonly JsonValue[]) : [];
  const members = names
    .filter((name) => typeof name === 'string')
    .map((name) => {
      const schema = isSchemaObject(properties) && Object.hasOwn(properties, name) ? properties[name] : {};
      return [name, neutral(schema, root, depth + 1)] as const;
    });
  return Object.fromEntries(members);
}

function arrayOf({ items, minItems }: JsonObject, root: JsonObject, depth: number): JsonValue[] {
  const length = typeof minItems === 'number' ? Math.min(minItems, MOST_ITEMS) : 0;
  return Array.from({ length }, () => neutral(items, root, depth + 1));
}

/** The number nearest to none within bounds; `step` is 1 for whole ones. */
function numberWithin(schema: JsonObject, step: 0 | 1): number {
  const bound = (name: string) => (typeof schema[name] === 'number' ? schema[name] : undefined);
  const least = bound('minimum') ?? above(bound('exclusiveMinimum'), step);
  const most = bound('maximum') ?? below(bound('exclusiveMaximum'), step);
  const of = bound('multipleOf') ?? step;
  if (least !== undefined && least > 0) return of > 0 ? Math.ceil(least / of) * of : least;
  if (most !== undefined && most < 0) return of > 0 ? Math.floor(most / of) * of : most;
  return 0;
}

function above(bound: number | undefined, step: 0 | 1): number | undefined {
  return bound === undefined ? undefined : step === 1 ? Math.floor(bound) + 1 : bound + 0.5;
}

function below(bound: number | undefined, step: 0 | 1): number | undefined {
  return bound === undefined ? undefined : step === 1 ? Math.ceil(bound) - 1 : bound - 0.5;
}

function textWithin({ format, minLength, maxLength }: JsonObject): string {
  const sample = typeof format === 'string' && Object.hasOwn(SAMPLES, format) ? SAMPLES[format] : undefined;
  if (sample !== undefined) return sample;
  const least = typeof minLength === 'number' ? Math.min(minLength, LONGEST_TEXT) : 0;
  const most = typeof maxLength === 'number' ? maxLength : Number.POSITIVE_INFINITY;
  return WORD.padEnd(least, FILLING).slice(0, most);
}
