/**
 * Numbers the names that another member of the object already has: `[redacted]`, `[redacted] 2`, `[redacted] 3`.
 *
 * @param taken names of members that keep theirs
 * @param names new names, in the order of their members
 */
export function namesApart(taken: readonly string[], names: readonly string[]): string[] {
  const used = new Set(taken);
  const last = new Map<string, number>();
  return names.map((name) => {
    let apart = name;
    let count = last.get(name) ?? 1;
    while (used.has(apart)) {
      count += 1;
      apart = `${name} ${count}`;
    }
    last.set(name, count);
    used.add(apart);
    return apart;
  });
}
