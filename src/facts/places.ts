import type { JsonDocument, JsonNode } from '../domain/index.js';

/** A value in the arguments. */
export interface Found {
  /** JSON Pointer from the arguments. */
  readonly argument: string;
  readonly node: JsonNode;
}

const ANY = '*';

/** The values that a JSON Pointer (RFC 6901) leads to, in which a segment may be `*`, each child. */
export function placesAt(document: JsonDocument, root: JsonNode, pointer: string): Found[] {
  const segments = pointer.split('/').slice(1);
  let found: Found[] = [{ argument: '', node: root }];
  for (const segment of segments) found = found.flatMap((place) => childrenOf(document, place, segment));
  return found;
}

function childrenOf(document: JsonDocument, { argument, node }: Found, segment: string): Found[] {
  const kind = document.kind(node);
  const named = (name: string, child: JsonNode): Found => ({ argument: `${argument}/${name}`, node: child });
  if (kind === 'array') {
    const elements = [...document.elements(node)].map((child, index) => named(String(index), child));
    return segment === ANY ? elements : elements.filter((_, index) => String(index) === segment);
  }
  if (kind !== 'object') return [];
  if (segment === ANY) {
    return [...document.members(node)].map(([key, child]) => named(escaped(document.string(key)), child));
  }
  const child = document.member(node, segment.replaceAll('~1', '/').replaceAll('~0', '~'));
  return child === undefined ? [] : [named(segment, child)];
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
