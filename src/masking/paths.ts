import { MaskingError } from './error.js';

/** One segment of a path: a name or index, each child (`*`), or this value and all below (`**`). */
export type Segment =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'each' }
  | { readonly kind: 'below' };

/** Whatever has a path to follow. */
interface Traveller {
  readonly path: readonly Segment[];
}

/** How far a traveller has come: `reached` segments of its path are behind. */
export interface Step<Someone extends Traveller> {
  readonly traveller: Someone;
  readonly reached: number;
}

/**
 * Reads a JSON Pointer (RFC 6901) in which a segment may also be `*` or `**`. The empty pointer is refused: no mask
 * may take the whole message. There is no way to name a member called `*` alone: the wildcard takes it in.
 *
 * @throws MaskingError `path_invalid`
 */
export function compilePath(path: string): readonly Segment[] {
  if (!path.startsWith('/') || /~(?![01])/.test(path)) {
    throw new MaskingError(
      'path_invalid',
      `the mask path ${JSON.stringify(path)} is no JSON Pointer below the message's root`,
      'Start the path with "/" and write "~" as "~0" and "/" as "~1" inside a name.',
    );
  }
  return path.slice(1).split('/').map(segment);
}

function segment(text: string): Segment {
  if (text === '*') return { kind: 'each' };
  if (text === '**') return { kind: 'below' };
  return { kind: 'name', name: nameIn(text) };
}

/** The names that a JSON Pointer leads through. */
export function pointerSegments(pointer: string): string[] {
  return pointer.split('/').slice(1).map(nameIn);
}

function nameIn(text: string): string {
  return text.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** A pointer's segment for a member's name. */
export function pointerSegment(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The steps with which a walk starts at the root. */
export function departures<Someone extends Traveller>(
  travellers: readonly Someone[],
): readonly Step<Someone>[] {
  return settled(travellers.map((traveller) => ({ traveller, reached: 0 })));
}

/**
 * The steps that lead from a value into its children, as a function of the child's name or index. Sorted by name once
 * for all children, and names are asked for only where a path gives one.
 */
export function onward<Someone extends Traveller>(
  steps: readonly Step<Someone>[],
): (name: () => string) => readonly Step<Someone>[] {
  const intoAll: Step<Someone>[] = [];
  const byName = new Map<string, Step<Someone>[]>();
  for (const step of steps) {
    const { traveller, reached } = step;
    const segment = traveller.path[reached];
    const further = { traveller, reached: reached + 1 };
    if (segment?.kind === 'below') intoAll.push(step);
    else if (segment?.kind === 'each') intoAll.push(further);
    else if (segment?.kind === 'name') {
      const sameName = byName.get(segment.name);
      if (sameName === undefined) byName.set(segment.name, [further]);
      else sameName.push(further);
    }
  }
  const otherwise = settled(intoAll);
  if (byName.size === 0) return () => otherwise;
  return (name) => {
    const named = byName.get(name());
    return named === undefined ? otherwise : settled([...intoAll, ...named]);
  };
}

/** The travellers whose path ends here. */
export function arrivals<Someone extends Traveller>(steps: readonly Step<Someone>[]): Someone[] {
  return steps
    .filter(({ traveller, reached }) => reached === traveller.path.length)
    .map(({ traveller }) => traveller);
}

/** Adds what `**` reaches without a step down, and keeps each step once, or a second `**` would multiply them. */
function settled<Someone extends Traveller>(steps: readonly Step<Someone>[]): readonly Step<Someone>[] {
  const all: Step<Someone>[] = [];
  const known = new Map<Someone, Set<number>>();
  for (const start of steps) {
    const { traveller } = start;
    const reached = known.get(traveller) ?? new Set();
    known.set(traveller, reached);
    for (let step = start; !reached.has(step.reached); step = { traveller, reached: step.reached + 1 }) {
      reached.add(step.reached);
      all.push(step);
      if (traveller.path[step.reached]?.kind !== 'below') break;
    }
  }
  return all;
}
