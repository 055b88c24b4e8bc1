import type { JsonObject, JsonValue } from '../../domain/index.js';

/** More subschemas than this, references followed, are not checked. */
const MOST = 5_000;
/** What a pattern weighs against a subschema: `x{1000}` is a thousand steps. */
const PATTERN = 100;
const LONGEST_PATTERN = 256;
/** Keywords by which a reference leads where cannot be told from here. */
const ELSEWHERE = ['$dynamicRef', '$recursiveRef', '$anchor', '$dynamicAnchor', '$recursiveAnchor'];

/**
 * How many subschemas a value may have to be held against at most, references followed; undefined where that is too
 * many, or without end, since a schema that branches and refers can take time beyond all bounds.
 */
export function weigh(root: JsonObject): number | undefined {
  const known = new Map<JsonValue, number | 'underway'>();
  const total = weightOf(root);
  return total <= MOST ? total : undefined;

  function weightOf(value: JsonValue): number {
    if (typeof value !== 'object' || value === null) return 0;
    const before = known.get(value);
    if (before === 'underway') return Number.POSITIVE_INFINITY;
    if (before !== undefined) return before;
    known.set(value, 'underway');
    const weight = Array.isArray(value)
      ? value.reduce<number>((sum, element) => sum + weightOf(element), 0)
      : objectWeight(value as JsonObject);
    known.set(value, weight);
    return weight;
  }

  function objectWeight(schema: JsonObject): number {
    let weight = 1;
    for (const [keyword, value] of Object.entries(schema)) {
      if (typeof value !== 'string') weight += weightOf(value);
      else if (keyword === '$ref') weight += referenceWeight(value);
      else if (keyword === 'pattern')
        weight += value.length > LONGEST_PATTERN ? Number.POSITIVE_INFINITY : PATTERN;
      else if (ELSEWHERE.includes(keyword) || (keyword === '$id' && schema !== root))
        return Number.POSITIVE_INFINITY;
      if (keyword === 'patternProperties' && isSchemaObject(value))
        weight += PATTERN * Object.keys(value).length;
    }
    return weight;
  }

  function referenceWeight(reference: string): number {
    const target = follow(root, reference);
    return target === undefined ? Number.POSITIVE_INFINITY : weightOf(target);
  }
}

/** What a reference within a schema names: `#` and a JSON Pointer (RFC 6901, section 6). */
export function follow(root: JsonObject, reference: string): JsonValue | undefined {
  if (!/^#(?:\/|$)/.test(reference) || reference.includes('%')) return undefined;
  let value: JsonValue | undefined = root;
  for (const segment of reference.split('/').slice(1)) {
    const name = segment.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(value)) value = (value as readonly JsonValue[])[Number(name)];
    else value = isSchemaObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  }
  return value;
}

export function isSchemaObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
