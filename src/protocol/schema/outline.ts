import type { JsonDocument, JsonNode, JsonValue } from '../../domain/index.js';
import type { Interest } from './interest.js';

/** Longer than any word that a schema of MCP compares a string with. */
const LONGEST_WORD = 64;

/**
 * A value as far as a schema looks at it: members and elements that it does not look at are left out, and of a string
 * too long to be any of its words only that it is a string remains. So the cost of a check does not grow with what a
 * message carries (arguments, structured content, a megabyte of text), only with what MCP says of it.
 */
export function outline(document: JsonDocument, node: JsonNode, interest: Interest | undefined): JsonValue {
  switch (document.kind(node)) {
    case 'object':
      return outlineObject(document, node, interest);
    case 'array': {
      const elements = interest?.elements;
      if (elements === undefined) return [];
      return [...document.elements(node)].map((element) => outline(document, element, elements));
    }
    case 'string':
      return document.end(node) - document.start(node) > LONGEST_WORD ? '' : document.string(node);
    case 'number':
      return Number(document.text(node));
    case 'true':
      return true;
    case 'false':
      return false;
    case 'null':
      return null;
  }
}

function outlineObject(document: JsonDocument, node: JsonNode, interest: Interest | undefined): JsonValue {
  // No prototype: what is not there must not be found, and `__proto__` is a name like any other.
  const outlined: Record<string, JsonValue> = Object.create(null);
  if (interest === undefined || (interest.members.size === 0 && interest.others === undefined))
    return outlined;
  for (const [key, value] of document.members(node)) {
    const name = document.string(key);
    const looksAt = interest.members.get(name) ?? interest.others;
    if (looksAt !== undefined) outlined[name] = outline(document, value, looksAt);
  }
  return outlined;
}
