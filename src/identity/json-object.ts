import type { JsonObject, JsonValue } from '../domain/index.js';

/** Deeper than any issuer's claims, and nothing that recursion cannot take. */
const MAX_DEPTH = 32;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Alternatives that begin differently, so it is linear. */
const STRING = /"(?:[^"\\]|\\.)*"/g;
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * The one JSON object (RFC 8259) of some bytes. Refuses whatever two readers could read differently: bad UTF-8, a
 * member named twice, half of a surrogate pair, a number beyond a double's range, nesting deeper than 32.
 *
 * @throws SyntaxError that says what is wrong, without any of the text
 */
export function readJsonObject(bytes: Uint8Array): JsonObject {
  const [text, value] = parse(bytes);
  if (!isObject(value)) throw new SyntaxError('it is no JSON object');
  if (countMembers(value, 0) !== text.replace(STRING, '').split(':').length - 1)
    throw new SyntaxError('a member stands twice');
  return value;
}

/** Whether a value is an object, and neither an array nor null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(bytes: Uint8Array): [string, JsonValue] {
  try {
    const text = UTF8.decode(bytes);
    return [text, JSON.parse(text) as JsonValue];
  } catch {
    throw new SyntaxError('it is not JSON in UTF-8'); // the reason would repeat some of the text
  }
}

/** How many members all objects in a value have; outside of strings, each has one colon in the text. */
function countMembers(value: JsonValue, depth: number): number {
  if (depth > MAX_DEPTH) throw new SyntaxError(`it is nested deeper than ${MAX_DEPTH}`);
  if (typeof value === 'string') return sound(!LONE_SURROGATE.test(value), 'half of a surrogate pair');
  if (typeof value === 'number') return sound(Number.isFinite(value), 'a number that is too large');
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value))
    return value.reduce((sum: number, entry: JsonValue) => sum + countMembers(entry, depth + 1), 0);
  return Object.entries(value).reduce(
    (sum, [name, member]) => sum + 1 + countMembers(name, depth) + countMembers(member, depth + 1),
    0,
  );
}

function sound(isSound: boolean, otherwise: string): 0 {
  if (!isSound) throw new SyntaxError(`it holds ${otherwise}`);
  return 0;
}
