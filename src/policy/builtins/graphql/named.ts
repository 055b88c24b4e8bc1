/** The first item of a list that has a name. Lists are indexed once, when they are first asked. */
export function named<Item extends { readonly name: string }>(
  list: readonly Item[],
  name: string,
): Item | undefined {
  // What stands under a list is an index of this very list, so the types agree.
  let index = indexes.get(list) as Map<string, Item> | undefined;
  if (index === undefined) {
    index = new Map();
    for (const item of list) if (!index.has(item.name)) index.set(item.name, item);
    indexes.set(list, index);
  }
  return index.get(name);
}

const indexes = new WeakMap<object, Map<string, unknown>>();

/** The first item whose name an earlier one has already. */
export function repeated<Item extends { readonly name: string }>(items: readonly Item[]): Item | undefined {
  const seen = new Set<string>();
  return items.find((item) => seen.size === seen.add(item.name).size);
}
