import type { JsonDocument, JsonNode } from '../domain/index.js';
import type { Discovery } from './discovery.js';
import { readable } from './readable.js';
import type { Span } from './span.js';
import { noBits, scanner, suspecting } from './watch.js';

/** Strings that receivers read as one text, in order. */
export type Chain = readonly JsonNode[];

/** Where one of the strings of a chain stands in the text that they are together. */
interface Part extends Span {
  readonly node: JsonNode;
}

/**
 * Secrets of no certain length, of which a beginning looks whole. Any other value that is whole in one string only seems to
 * go on in the next: `["alice@example.com", "Thanks"]`.
 */
const OPEN_ENDED: ReadonlySet<string> = new Set(['jwt', 'private_key', 'api_key', 'high_entropy']);

/**
 * Values that stand in several strings of a chain: `["4111 1111 ", "1111 1111"]`. Each of these strings gets a discovery of
 * its part; what takes the value's place stands in the first.
 *
 * @param known - what was found in single strings, which is not found again; of a secret that goes on beyond it the rest is
 */
export function splitDiscoveries(
  document: JsonDocument,
  chain: Chain,
  known: ReadonlyMap<JsonNode, readonly Discovery[]>,
): Map<JsonNode, Discovery[]> {
  const found = new Map<JsonNode, Discovery[]>();
  const detectors = suspecting(bitsOfChain(document, chain));
  if (detectors.length === 0) return found;
  const { text, parts } = joined(document, chain);
  const reads = readable(text);
  for (const { name, find } of detectors) {
    for (const span of find(reads.text)) {
      const whole = reads.original(span);
      const covered = partsIn(parts, whole);
      if (covered.length < 2) continue;
      if (!OPEN_ENDED.has(name) && covered.some((part) => touches(known, name, part, whole))) continue;
      const rest = covered.filter((part) => !covers(known, name, part, whole));
      rest.forEach((part, index) => {
        const discovery = partOf(whole, part, name, text.slice(whole.start, whole.end), index);
        found.set(part.node, [...(found.get(part.node) ?? []), discovery]);
      });
    }
  }
  return found;
}

function bitsOfChain(document: JsonDocument, chain: Chain): Int32Array {
  const bits = noBits();
  scanner.begin();
  for (const node of chain) scanner.feed(document.bytes, document.start(node) + 1, document.end(node) - 1);
  scanner.addTo(bits);
  return bits;
}

function joined(document: JsonDocument, chain: Chain): { text: string; parts: readonly Part[] } {
  const texts: string[] = [];
  let end = 0;
  const parts = chain.map((node) => {
    const text = document.string(node);
    const start = end;
    texts.push(text);
    end += text.length;
    return { node, start, end };
  });
  return { text: texts.join(''), parts };
}

/** The parts in which something of a value stands. */
function partsIn(parts: readonly Part[], whole: Span): Part[] {
  let [low, high] = [0, parts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((parts[middle]?.end ?? 0) <= whole.start) low = middle + 1;
    else high = middle;
  }
  const covered: Part[] = [];
  for (let index = low; (parts[index]?.start ?? whole.end) < whole.end; index++) {
    const part = parts[index];
    if (part !== undefined && part.end > part.start) covered.push(part);
  }
  return covered;
}

type Known = ReadonlyMap<JsonNode, readonly Discovery[]>;

/** Whether the detector found something in a part alone that overlaps the value. */
function touches(known: Known, name: string, { node, start: offset }: Part, { start, end }: Span): boolean {
  return (known.get(node) ?? []).some(
    (one) => one.detector === name && offset + one.start < end && offset + one.end > start,
  );
}

/** Whether what the detector found in a part alone holds all of the value that stands there. */
function covers(known: Known, name: string, part: Part, whole: Span): boolean {
  const start = Math.max(whole.start, part.start) - part.start;
  const end = Math.min(whole.end, part.end) - part.start;
  return (known.get(part.node) ?? []).some(
    (one) => one.detector === name && one.region === undefined && one.start <= start && one.end >= end,
  );
}

function partOf({ start, end }: Span, part: Part, detector: string, text: string, index: number): Discovery {
  return {
    start: Math.max(start, part.start) - part.start,
    end: Math.min(end, part.end) - part.start,
    detector,
    text,
    isNumber: false,
    write: index === 0 ? (replacement) => replacement : () => '',
    region: undefined,
  };
}
