import type { JsonDocument, JsonNode } from '../domain/index.js';
import { canonicalNumber } from './decimal.js';

/** What is still to be written: a value, or text that stands between values. */
type Part = JsonNode | string;

/**
 * The one text of a JSON value, however it was written: RFC 8785 (JSON Canonicalization Scheme), extended to values
 * that JavaScript cannot hold.
 *
 * No white space; members sorted by the UTF-16 code units of their names (section 3.2.3); strings as JSON.stringify
 * writes them; numbers as {@link canonicalNumber} does.
 *
 * @param omitted members of the value itself that are left out, as if they had not been sent
 */
export function canonicalText(
  document: JsonDocument,
  root: JsonNode,
  omitted: readonly string[] = [],
): string {
  const text: string[] = [];
  // A stack of its own: nesting costs memory, and cannot overflow the call stack.
  const stack: Part[] = [root];
  for (let part = stack.pop(); part !== undefined; part = stack.pop()) {
    if (typeof part === 'string') text.push(part);
    else if (document.kind(part) === 'object')
      pushReversed(stack, objectParts(document, part, part === root ? omitted : []));
    else if (document.kind(part) === 'array') pushReversed(stack, arrayParts(document, part));
    else text.push(scalarText(document, part));
  }
  return text.join('');
}

function scalarText(document: JsonDocument, node: JsonNode): string {
  switch (document.kind(node)) {
    case 'string':
      return JSON.stringify(document.string(node));
    case 'number':
      return canonicalNumber(document.text(node));
    default:
      return document.text(node);
  }
}

function objectParts(document: JsonDocument, node: JsonNode, omitted: readonly string[]): Part[] {
  const members = [...document.members(node)]
    .map(([key, value]) => ({ name: document.string(key), value }))
    .filter(({ name }) => !omitted.includes(name))
    .sort((one, other) => (one.name < other.name ? -1 : 1)); // no two names are equal
  const parts = members.flatMap(({ name, value }, index): Part[] => [
    `${index === 0 ? '' : ','}${JSON.stringify(name)}:`,
    value,
  ]);
  return ['{', ...parts, '}'];
}

function arrayParts(document: JsonDocument, node: JsonNode): Part[] {
  const parts = [...document.elements(node)].flatMap((element, index): Part[] =>
    index === 0 ? [element] : [',', element],
  );
  return ['[', ...parts, ']'];
}

function pushReversed(stack: Part[], parts: Part[]): void {
  for (const part of parts.reverse()) stack.push(part);
}
