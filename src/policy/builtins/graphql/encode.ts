import { RegoObject, type RegoValue } from '../../rego/value.js';

/** A syntax tree as policies see it: without places, and without anything that is empty. */
export function encode(document: object): RegoObject {
  const value = encodeNode(document);
  return value instanceof RegoObject ? value : RegoObject.of([]);
}

function encodeNode(node: unknown): RegoValue | undefined {
  if (typeof node === 'string' || typeof node === 'number' || typeof node === 'boolean') return node;
  if (Array.isArray(node)) {
    const items = node.map(encodeNode).filter((item) => item !== undefined);
    return items.length === 0 ? undefined : items;
  }
  if (typeof node !== 'object' || node === null) return undefined;
  const entries: [string, RegoValue][] = [];
  for (const [name, member] of Object.entries(node)) {
    const value = name === 'position' ? undefined : encodeNode(member);
    if (value !== undefined) entries.push([name.charAt(0).toUpperCase() + name.slice(1), value]);
  }
  return entries.length === 0 ? undefined : RegoObject.of(entries);
}
