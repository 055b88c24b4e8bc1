/**
 * Finds something that needs itself, or needs what does. Whatever needs nothing that is left is taken away, until
 * nothing is left, or only circles and what leads into them.
 *
 * @param needs by name, the names of what it needs; those that are no keys themselves do not count
 */
export function findCircular(needs: ReadonlyMap<string, readonly string[]>): string | undefined {
  const left = new Map<string, number>();
  const neededBy = new Map<string, string[]>([...needs.keys()].map((name) => [name, []]));
  for (const [name, all] of needs) {
    const counted = all.filter((needed) => needs.has(needed));
    left.set(name, counted.length);
    for (const needed of counted) neededBy.get(needed)?.push(name);
  }
  const free = [...left].filter(([, count]) => count === 0).map(([name]) => name);
  for (let name = free.pop(); name !== undefined; name = free.pop()) {
    left.delete(name);
    for (const dependent of neededBy.get(name) ?? []) {
      const count = (left.get(dependent) ?? 0) - 1;
      left.set(dependent, count);
      if (count === 0) free.push(dependent);
    }
  }
  const [circular] = left.keys();
  return circular;
}
