import type { JsonDocument, JsonNode } from '../domain/index.js';

/** Tells of each value of a document whether it, or one below it, is among some. */
export function anyBelow(document: JsonDocument, some: Iterable<JsonNode>): (node: JsonNode) => boolean {
  const ascending = Int32Array.from(some).sort();
  return (node) => {
    let [low, high] = [0, ascending.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ascending[middle] ?? 0) < node) low = middle + 1;
      else high = middle;
    }
    return low < ascending.length && (ascending[low] ?? 0) < document.next(node);
  };
}
