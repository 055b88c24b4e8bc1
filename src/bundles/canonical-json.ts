import { JsonNumber, type StrictJson } from './strict-json.js';

/**
 * The text that OPA hashes in place of a structured file: members in the order of their names' UTF-8 bytes, no
 * white space, numbers as written, strings as Go's encoding/json writes them without its HTML escapes.
 */
export function canonicalJson(value: StrictJson): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return canonicalString(value);
  if (value instanceof JsonNumber) return value.text;
  if (isObject(value)) {
    const members = [...value]
      .map(([name, member]) => ({ name, bytes: Buffer.from(name), member }))
      .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
      .map(({ name, member }) => `${canonicalString(name)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  return `[${value.map(canonicalJson).join(',')}]`;
}

/** Whether a value that was read strictly is an object. */
export function isObject(value: StrictJson): value is ReadonlyMap<string, StrictJson> {
  return value instanceof Map;
}

/** Go escapes the two line separators that JavaScript leaves as they are; in all else they agree. */
function canonicalString(value: string): string {
  return JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}
