/** What is left of a JSON value where only some paths into it are read: slow, and plain to see. */
export function prune(value: unknown, paths: readonly (readonly string[])[]): unknown {
  const isWhole = paths.some((path) => path.length === 0);
  if (isWhole || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const under = (name: string) => paths.filter(([first]) => first === name).map(([, ...rest]) => rest);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => under(name).length > 0)
      .map(([name, member]) => [name, prune(member, under(name))]),
  );
}
