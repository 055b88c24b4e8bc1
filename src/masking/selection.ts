import type { JsonDocument, JsonNode } from '../domain/index.js';
import { MaskedValues, spreads } from './consistency.js';
import { MaskingError } from './error.js';
import { type Mask, prevailing } from './masks.js';
import { arrivals, departures, onward, type Step } from './paths.js';
import type { Sighting } from './sighting.js';

/** What the masks' own paths and matches take in, before any value is looked for elsewhere. */
export interface Selection {
  /** Values that a mask takes as a whole. */
  readonly wholes: ReadonlyMap<JsonNode, Mask>;
  /** Strings, numbers and members' names in which matches were found. */
  readonly matches: ReadonlyMap<JsonNode, readonly Sighting[]>;
  readonly values: MaskedValues;
}

/** What holds for a value because of where it stands. */
interface Situation {
  readonly steps: readonly Step<Mask>[];
  /** The name of the member whose value it is. */
  readonly name: JsonNode | undefined;
  /** The mask that takes in a whole value around it, if that spreads. */
  readonly covering: Mask | undefined;
  /** The masks that look for matches in it and all below. */
  readonly searching: readonly Mask[];
}

/**
 * Walks the document once along all masks' paths. A mask with `match` looks into the value at its path and everything
 * below, names of members included; and into the name of the value itself where a wildcard ends the path, as that
 * name is then as little known as the value.
 *
 * @throws MaskingError `root_masked`, or `pattern_timeout`
 */
export function select(document: JsonDocument, masks: readonly Mask[]): Selection {
  const wholes = new Map<JsonNode, Mask>();
  const matches = new Map<JsonNode, Sighting[]>();
  const values = new MaskedValues();
  visit(document.root, {
    steps: departures(masks),
    name: undefined,
    covering: undefined,
    searching: [],
  });
  return { wholes, matches, values };

  function visit(node: JsonNode, above: Situation): void {
    if (above.steps.length === 0 && above.covering === undefined && above.searching.length === 0) return;
    const { name, covering, searching } = settle(node, above);
    const kind = document.kind(node);
    const into = onward(above.steps);
    if (kind === 'object') {
      for (const [key, value] of document.members(node)) {
        const steps = into(() => document.string(key));
        const alsoByName = arrivals(steps).filter(
          (mask) => endsInWildcard(mask) && !searching.includes(mask),
        );
        findMatches(key, undefined, [...searching, ...alsoByName]);
        visit(value, { steps, name: key, covering, searching });
      }
    } else if (kind === 'array') {
      let index = 0;
      for (const element of document.elements(node)) {
        const steps = into(() => String(index));
        visit(element, { steps, name: undefined, covering, searching });
        index += 1;
      }
    } else {
      if (covering !== undefined) {
        const text = kind === 'string' ? document.string(node) : document.text(node);
        values.add({ kind, text }, covering, name === undefined ? undefined : document.string(name));
      }
      if (kind === 'string' || kind === 'number') findMatches(node, name, searching);
    }
  }

  /** Notes the masks whose path ends at a value, and tells what they mean for all below. */
  function settle(node: JsonNode, { steps, name, covering, searching }: Situation): Situation {
    let covers = covering;
    const searches = [...searching];
    for (const mask of arrivals(steps)) {
      if (mask.find === undefined) {
        if (node === document.root) throw rootMasked();
        wholes.set(node, prevailing(wholes.get(node), mask));
        if (spreads(mask)) covers = prevailing(covers, mask);
      } else if (!searches.includes(mask)) searches.push(mask);
    }
    return { steps, name, covering: covers, searching: searches };
  }

  function findMatches(node: JsonNode, name: JsonNode | undefined, searching: readonly Mask[]): void {
    if (searching.length === 0) return;
    const text = document.kind(node) === 'string' ? document.string(node) : document.text(node);
    const label = name === undefined ? undefined : document.string(name);
    for (const mask of searching.toSorted((one, other) => (prevailing(one, other) === one ? -1 : 1))) {
      for (const { start, end } of mask.find?.(text, label) ?? []) {
        const found = { kind: 'string', text: text.slice(start, end) } as const;
        const match: Sighting = { start, end, mask, replacement: mask.conceal(found), as: 'match' };
        const known = matches.get(node);
        if (known === undefined) matches.set(node, [match]);
        else known.push(match);
        values.add(found, mask, undefined);
      }
    }
  }
}

function endsInWildcard({ find, path }: Mask): boolean {
  return find !== undefined && path.at(-1)?.kind !== 'name';
}

function rootMasked(): MaskingError {
  return new MaskingError(
    'root_masked',
    'a mask without match takes in the whole message',
    'Deny the message instead, or give the mask a narrower path or a match.',
  );
}
