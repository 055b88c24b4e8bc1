import type { JsonDocument, JsonNode } from '../domain/index.js';
import { MaskedValues, spreads } from './consistency.js';
import { MaskingError } from './error.js';
import { type Inspection, inspect } from './inspection.js';
import { type Mask, prevailing } from './masks.js';
import { arrivals, departures, onward, type Step } from './paths.js';
import type { Sighting } from './sighting.js';
import type { Span } from './span.js';

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
  const { discoveries, holds } = masks.some(isByDetector) ? inspect(document) : NOTHING_FOUND;
  visit(document.root, {
    steps: departures(masks),
    name: undefined,
    covering: undefined,
    searching: [],
  });
  return { wholes, matches, values };

  function visit(node: JsonNode, above: Situation): void {
    if (above.steps.length === 0 && above.covering === undefined && above.searching.length === 0) return;
    if (!holds(node) && above.covering === undefined && onlyDetectors(above)) return;
    const { name, covering, searching } = settle(node, above);
    const kind = document.kind(node);
    const into = onward(above.steps);
    if (kind === 'object') {
      for (const [key, value] of document.members(node)) {
        const steps = into(() => document.string(key));
        const alsoByName = arrivals(steps).filter(
          (mask) => endsInWildcard(mask) && !searching.includes(mask),
        );
        findMatches(key, [...searching, ...alsoByName]);
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
      if (kind === 'string' || kind === 'number') findMatches(node, searching);
    }
  }

  /** Notes the masks whose path ends at a value, and tells what they mean for all below. */
  function settle(node: JsonNode, { steps, name, covering, searching }: Situation): Situation {
    let covers = covering;
    const searches = [...searching];
    for (const mask of arrivals(steps)) {
      if (mask.match === undefined) {
        if (node === document.root) throw rootMasked();
        wholes.set(node, prevailing(wholes.get(node), mask));
        if (spreads(mask)) covers = prevailing(covers, mask);
      } else if (!searches.includes(mask)) searches.push(mask);
    }
    return { steps, name, covering: covers, searching: searches };
  }

  function findMatches(node: JsonNode, searching: readonly Mask[]): void {
    if (searching.length === 0) return;
    const matching = searching.flatMap((mask) => matchesOf(mask, node));
    if (matching.length === 0) return;
    // The sort is stable: of masks that prevail alike, the earlier stays first.
    matching.sort(({ mask: one }, { mask: other }) =>
      one === other ? 0 : prevailing(one, other) === one ? -1 : 1,
    );
    matches.set(node, matching);
    for (const { mask, text } of matching) values.add({ kind: 'string', text }, mask, undefined);
  }

  function matchesOf(mask: Mask, node: JsonNode): (Sighting & { readonly text: string })[] {
    if (mask.match === undefined) return [];
    if ('detector' in mask.match) {
      const { detector } = mask.match;
      const own = (discoveries.get(node) ?? []).filter((one) => one.detector === detector);
      return own.map((discovery) => ({ ...matchOf(mask, discovery, discovery.text), discovery }));
    }
    const text = document.kind(node) === 'string' ? document.string(node) : document.text(node);
    return mask.match.find(text).map((span) => matchOf(mask, span, text.slice(span.start, span.end)));
  }
}

function matchOf(mask: Mask, { start, end }: Span, text: string) {
  return {
    start,
    end,
    mask,
    replacement: mask.conceal({ kind: 'string', text }),
    as: 'match',
    text,
  } as const;
}

/** Stands for the look of detectors where no mask asks for one: nothing may be skipped on its word. */
const NOTHING_FOUND: Inspection = { discoveries: new Map(), holds: () => true };

function isByDetector({ match }: Mask): boolean {
  return match !== undefined && 'detector' in match;
}

/** Whether nothing is looked for but what detectors found. */
function onlyDetectors({ steps, searching }: Situation): boolean {
  return searching.every(isByDetector) && steps.every(({ traveller }) => isByDetector(traveller));
}

function endsInWildcard({ match, path }: Mask): boolean {
  return match !== undefined && path.at(-1)?.kind !== 'name';
}

function rootMasked(): MaskingError {
  return new MaskingError(
    'root_masked',
    'a mask without match takes in the whole message',
    'Deny the message instead, or give the mask a narrower path or a match.',
  );
}
