/** How many are looked through for one answer, so that whoever may read little asks for no more than others. */
const MOST_LOOKED_AT = 1_000;
const FEWEST_AT_ONCE = 50;

/** What is asked for of a list, by number. */
export interface PageWanted {
  readonly limit: number;
  /** Only what is older than that number. */
  readonly cursor?: number;
}

/** A part of a list, and where the next one begins, where there may be more. */
export interface ReadablePage<T> {
  readonly found: readonly T[];
  readonly next?: string;
}

/**
 * A page of what a viewer may read of a list.
 *
 * @param read - reads the list, newest first
 */
export async function readablePage<T extends { readonly number: number }>(
  { limit, cursor }: PageWanted,
  read: (part: { readonly limit: number; readonly before?: number }) => Promise<readonly T[]>,
  isReadable: (one: T) => boolean,
): Promise<ReadablePage<T>> {
  const found: T[] = [];
  const atOnce = Math.max(limit, FEWEST_AT_ONCE);
  let before = cursor;
  for (let looked = 0; looked < MOST_LOOKED_AT; looked += atOnce) {
    const some = await read({ limit: atOnce, ...(before !== undefined && { before }) });
    for (const one of some) {
      before = one.number;
      if (isReadable(one)) found.push(one);
      if (found.length === limit) return { found, next: String(before) };
    }
    if (some.length < atOnce) return { found };
  }
  return { found, next: String(before) };
}
