import { readable } from '../../masking/index.js';

/** What a name has in common with one of another upstream. */
export type NameSuspicion = 'same_name' | 'lookalike_name';

/** Names of so few characters differ by one for honest reasons: `get` and `set`. */
const SHORTEST_NEAR = 5;
/** Longer names are compared as a whole only. */
const LONGEST_NEAR = 64;
/** Of one upstream; further names are not compared. */
const MOST_NAMES = 2_000;
/** Of one upstream that are alike; each of them would be found by any of them. */
const MOST_ALIKE = 16;

interface Name {
  readonly upstream: string;
  readonly name: string;
  readonly folded: string;
}

/** The names of all tools that the gateway fronts, to find those that somebody could take for another upstream's. */
export class ToolNames {
  /** By what is left of a folded name without any one of its characters, and by the whole of it. */
  readonly #near = new Map<string, Name[]>();
  /** By upstream. */
  readonly #names = new Map<string, Set<string>>();

  /** Counts the names that were added: what was found before may be incomplete when it has changed. */
  size = 0;

  add(upstream: string, name: string): void {
    const known = this.#names.get(upstream) ?? new Set<string>();
    this.#names.set(upstream, known);
    if (known.has(name) || known.size >= MOST_NAMES) return;
    known.add(name);
    this.size += 1;
    const entry = { upstream, name, folded: folded(name) };
    for (const key of keysOf(entry.folded)) {
      const others = this.#near.get(key);
      if (others === undefined) this.#near.set(key, [entry]);
      else if (others.filter((other) => other.upstream === upstream).length < MOST_ALIKE) others.push(entry);
    }
  }

  /** What a tool's name has in common with tools of other upstreams. */
  suspicionsOf(upstream: string, name: string): readonly NameSuspicion[] {
    const isSame = [...this.#names].some(([other, names]) => other !== upstream && names.has(name));
    return [
      ...(this.#hasLookalike(upstream, name) ? (['lookalike_name'] as const) : []),
      ...(isSame ? (['same_name'] as const) : []),
    ];
  }

  #hasLookalike(upstream: string, name: string): boolean {
    const own = folded(name);
    for (const key of keysOf(own))
      for (const other of this.#near.get(key) ?? [])
        if (other.upstream !== upstream && other.name !== name && isNear(own, other.folded)) return true;
    return false;
  }
}

/** A name as people read it: without styled letters, invisible characters, case and what stands between words. */
function folded(name: string): string {
  return readable(name.slice(0, 1_000))
    .text.toLowerCase()
    .replace(/[-_. ]/g, '');
}

function keysOf(name: string): Set<string> {
  const keys = new Set([name]);
  if (name.length < SHORTEST_NEAR - 1 || name.length > LONGEST_NEAR) return keys;
  for (let at = 0; at < name.length; at += 1) keys.add(name.slice(0, at) + name.slice(at + 1));
  return keys;
}

/** Equal, or equal but for one character that was put in, left out or replaced, or two that changed places. */
function isNear(one: string, other: string): boolean {
  if (one === other) return true;
  if (Math.max(one.length, other.length) < SHORTEST_NEAR || Math.abs(one.length - other.length) > 1)
    return false;
  let from = 0;
  while (from < one.length && one[from] === other[from]) from += 1;
  const rest = [one.slice(from), other.slice(from)] as const;
  const [left, right] = rest;
  if (left.slice(1) === right || left === right.slice(1) || left.slice(1) === right.slice(1)) return true;
  return left[0] === right[1] && left[1] === right[0] && left.slice(2) === right.slice(2);
}
