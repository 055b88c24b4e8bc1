import type { JsonDocument, JsonNode } from '../domain/index.js';
import { anyBelow } from './below.js';
import { continuedDiscoveries } from './continued-values.js';
import type { Discovery } from './discovery.js';
import { splitDiscoveries } from './split-values.js';
import type { StreamMemory } from './stream-memory.js';
import { inspectNumber, inspectText } from './text-inspection.js';
import { noBits, scanner } from './watch.js';

/** The member in which MCP sends the text of one part of a content: `{"type": "text", "text": …}`. */
const TEXT = 'text';

/** What all detectors found in a document. */
export interface Inspection {
  /** By string, number or member's name, in the order of the text. */
  readonly discoveries: ReadonlyMap<JsonNode, readonly Discovery[]>;
  /** Whether anything was found in a value or below it. */
  holds(node: JsonNode): boolean;
}

/** A document is looked through once, however many ask: for findings, for each mask, for the record of what policy saw. */
const inspected = new WeakMap<JsonDocument, Inspection>();

/**
 * Looks through every string, number and name of a document, and through strings that are read as one.
 *
 * @param memory - of the stream that it is a message of; asked the first time only
 */
export function inspect(document: JsonDocument, memory?: StreamMemory): Inspection {
  const before = inspected.get(document);
  if (before !== undefined) return before;
  const found = lookThrough(document);
  if (memory !== undefined) add(found, continuedDiscoveries(document, memory, found));
  const nodes = [...found.keys()].sort((one, other) => one - other);
  const inspection = {
    discoveries: new Map(nodes.map((node) => [node, found.get(node) ?? []])),
    holds: anyBelow(document, nodes),
  };
  inspected.set(document, inspection);
  return inspection;
}

function lookThrough(document: JsonDocument): Map<JsonNode, readonly Discovery[]> {
  const found = new Map<JsonNode, readonly Discovery[]>();
  const nameBits = noBits();
  const bits = noBits();
  visit(document.root, false);
  return found;

  /** @returns the text that it adds to a list of such: a string itself, or the text of a part of a content */
  function visit(node: JsonNode, isElement: boolean): JsonNode | undefined {
    const kind = document.kind(node);
    if (kind === 'object') return visitMembers(node);
    if (kind === 'array') visitElements(node, isElement);
    else if (kind === 'string' || kind === 'number') {
      look(node, undefined, false);
      if (kind === 'string') return node;
    }
    return undefined;
  }

  /** A list that is itself an element of a list is a row of a table, whose cells are no text together. */
  function visitElements(node: JsonNode, isRow: boolean): void {
    const past = document.next(node);
    let chain: JsonNode[] = [];
    for (let child = (node + 1) as JsonNode; child < past; child = document.next(child)) {
      const text = visit(child, true);
      if (isRow) continue;
      if (text !== undefined) chain.push(text);
      else {
        lookAcross(chain);
        chain = [];
      }
    }
    lookAcross(chain);
  }

  function visitMembers(node: JsonNode): JsonNode | undefined {
    const past = document.next(node);
    let text: JsonNode | undefined;
    for (let key = (node + 1) as JsonNode; key < past; ) {
      const isTelling = look(key, undefined, false);
      if (isTelling) nameBits.set(bits);
      const value = (key + 1) as JsonNode;
      const kind = document.kind(value);
      if (kind === 'string' || kind === 'number') look(value, key, isTelling);
      else visit(value, false);
      if (kind === 'string' && document.isNamed(key, TEXT)) text = value;
      key = document.next(value);
    }
    return text;
  }

  /**
   * @param isNameTelling - whether its name has signs, which `nameBits` then hold
   * @returns whether it has any itself; `bits` then hold them
   */
  function look(node: JsonNode, name: JsonNode | undefined, isNameTelling: boolean): boolean {
    scanner.begin();
    scanner.feed(document.bytes, document.start(node), document.end(node));
    const hasOwn = scanner.hasSeen; // another text may be scanned below
    if (!hasOwn && !isNameTelling) return false;
    if (isNameTelling) bits.set(nameBits);
    else bits.fill(0);
    scanner.addTo(bits);
    const label = name === undefined ? undefined : document.string(name);
    const discoveries =
      document.kind(node) === 'string'
        ? inspectText(document.string(node), label, bits)
        : inspectNumber(document.text(node), label, bits);
    if (discoveries.length > 0) found.set(node, discoveries);
    return hasOwn;
  }

  function lookAcross(chain: readonly JsonNode[]): void {
    if (chain.length < 2) return;
    add(found, splitDiscoveries(document, chain, found));
  }
}

function add(
  found: Map<JsonNode, readonly Discovery[]>,
  further: ReadonlyMap<JsonNode, readonly Discovery[]>,
): void {
  for (const [node, discoveries] of further) found.set(node, [...(found.get(node) ?? []), ...discoveries]);
}
