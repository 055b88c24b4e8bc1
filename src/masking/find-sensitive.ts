import type { Finding, JsonDocument, JsonNode } from '../domain/index.js';
import { bounded } from './bounded-findings.js';
import { type Inspection, inspect } from './inspection.js';
import { pointerSegment } from './paths.js';
import type { StreamMemory } from './stream-memory.js';
import { ALL } from './watch.js';

/** Stands in a finding's path for a name that is itself a finding, and takes in that member when used in a mask. */
const HIDDEN_NAME = '*';

/**
 * What detectors find in all strings, numbers and members' names of a document, however it is written. Says where and
 * how many, never what: a name that holds a finding appears in every path as `*`, so findings in the names of an object
 * are reported together at `<its path>/*`. As a mask's path each leads to what was found.
 *
 * @param memory of the stream that it is a message of
 * @returns in the order of the text; of very many those that are alike as one, see `bounded-findings.ts`
 */
export function findSensitive(document: JsonDocument, memory?: StreamMemory): Finding[] {
  const inspection = inspect(document, memory);
  if (inspection.discoveries.size === 0) return [];
  const findings = new Map<string, Finding>();
  for (const [node, segments] of placesOf(document, inspection)) {
    const path = segments.map((segment) => `/${segment}`).join('');
    for (const { name: detector } of ALL) {
      const found = inspection.discoveries.get(node)?.filter((one) => one.detector === detector).length ?? 0;
      if (found === 0) continue;
      const place = `${detector} ${path}`;
      findings.set(place, { path, detector, count: found + (findings.get(place)?.count ?? 0) });
    }
  }
  return bounded([...findings.values()]);
}

/** Where each value or name stands in which something was found: the segments of its path. */
function* placesOf(
  document: JsonDocument,
  { discoveries, holds }: Inspection,
  node = document.root,
  way: readonly string[] = [],
): Iterable<readonly [JsonNode, readonly string[]]> {
  if (discoveries.has(node)) yield [node, way];
  let index = 0;
  for (const element of document.elements(node)) {
    if (holds(element)) yield* placesOf(document, { discoveries, holds }, element, [...way, String(index)]);
    index += 1;
  }
  for (const [key, value] of document.members(node)) {
    if (!holds(key) && !holds(value)) continue;
    const below = [...way, discoveries.has(key) ? HIDDEN_NAME : pointerSegment(document.string(key))];
    if (discoveries.has(key)) yield [key, below];
    yield* placesOf(document, { discoveries, holds }, value, below);
  }
}
