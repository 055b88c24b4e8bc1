import type { Finding, JsonDocument, JsonNode } from '../domain/index.js';
import type { Detector } from './detectors/detector.js';
import { detectors } from './detectors/index.js';
import { pointerSegment } from './paths.js';
import { readable } from './readable.js';
import { mayHave } from './signs.js';

/** Stands in a finding's path for a name that is itself a finding, and takes in that member when used in a mask. */
const HIDDEN_NAME = '*';

/** The way from the root to a value, innermost first: a member's key or an element's index, and the way to there. */
type Way = { readonly at: { key: JsonNode } | { index: number }; readonly from: Way } | undefined;

/**
 * Runs every detector over all strings, numbers and members' names of a document. Says where and how many, never
 * what: a name that holds a finding appears in every path as `*`, so findings in the names of an object are reported
 * together at `<its path>/*`. As a mask's path each leads to what was found.
 *
 * @returns in the order of the text; none, after one look at the bytes, for almost every message
 */
export function findSensitive(document: JsonDocument): Finding[] {
  const findings = new Map<string, Finding>();
  const segments = new Map<JsonNode, string>();
  const all = Object.values<Detector>(detectors);
  visit(document.root, undefined, all, Number.POSITIVE_INFINITY);
  return [...findings.values()];

  /** `examined` is the size of the nearest value around that `active` have looked at as a whole. */
  function visit(node: JsonNode, way: Way, active: readonly Detector[], examined: number): void {
    const kind = document.kind(node);
    if (kind === 'string' || kind === 'number') inspect(node, way, active);
    if (kind !== 'object' && kind !== 'array') return;
    const size = document.end(node) - document.start(node);
    // Looking again only at parts half as large keeps the sum of all looks in bounds however deep the nesting.
    const again = size <= examined / 2;
    const looking = again ? active.filter(({ signs }) => mayHave(document.slice(node), signs)) : active;
    if (looking.length > 0) descend(node, way, looking, again ? size : examined);
  }

  function descend(node: JsonNode, way: Way, active: readonly Detector[], examined: number): void {
    for (const [key, value] of document.members(node)) {
      const below = { at: { key }, from: way };
      inspect(key, below, active);
      visit(value, below, active, examined);
    }
    let index = 0;
    for (const element of document.elements(node)) {
      visit(element, { at: { index }, from: way }, active, examined);
      index += 1;
    }
  }

  function inspect(node: JsonNode, way: Way, active: readonly Detector[]): void {
    const { text } = readable(document.kind(node) === 'string' ? document.string(node) : document.text(node));
    const label = labelOf(node, way);
    for (const { name: detector, find } of active) {
      const found = find(text, label).length;
      if (found === 0) continue;
      const path = pointer(way);
      const place = `${detector} ${path}`;
      const before = findings.get(place)?.count ?? 0;
      findings.set(place, { path, detector, count: before + found });
    }
  }

  /** The name of the member whose value it is, as detectors read it; a name itself has none. */
  function labelOf(node: JsonNode, way: Way): string | undefined {
    if (way === undefined || 'index' in way.at || way.at.key === node) return undefined;
    return readable(document.string(way.at.key)).text;
  }

  function pointer(way: Way): string {
    const path: string[] = [];
    for (let step = way; step !== undefined; step = step.from) {
      path.push('index' in step.at ? String(step.at.index) : nameSegment(step.at.key));
    }
    return path.reverse().reduce((pointer, segment) => `${pointer}/${segment}`, '');
  }

  function nameSegment(key: JsonNode): string {
    const known = segments.get(key);
    if (known !== undefined) return known;
    const name = document.string(key);
    const { text } = readable(name);
    const segment = all.some(({ find }) => find(text).length > 0) ? HIDDEN_NAME : pointerSegment(name);
    segments.set(key, segment);
    return segment;
  }
}
