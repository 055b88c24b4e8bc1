import type { EncodedRegion } from './encoded-regions.js';
import type { Span } from './span.js';

/** What a detector found in a string or number: where it stands in its value, and how something else is written there. */
export interface Discovery extends Span {
  readonly detector: string;
  /** What was found, as it reads where it was found. */
  readonly text: string;
  /** Whether it is a whole number of JSON text: a JSON value can take its place, not only text. */
  readonly isNumber: boolean;
  /** Writes a text as it has to stand there: with the escapes of JSON text in a string, or percent-encoded. */
  write(text: string): string;
  /** Where it was found in what the value holds in base64: then offsets are of that region's text. */
  readonly region: EncodedRegion | undefined;
}

/** Those of further discoveries that overlap none that the same detector already made: found anew in another reading. */
export function newAmong(further: readonly Discovery[], known: readonly Discovery[]): Discovery[] {
  if (known.length === 0) return [...further];
  const taken = byKind(known);
  return [...byKind(further)].flatMap(([kind, ones]) => apartFrom(taken.get(kind) ?? [], ones));
}

/** What one detector found in one text, ascending. */
function byKind(discoveries: readonly Discovery[]): Map<string, Discovery[]> {
  const kinds = new Map<string, Discovery[]>();
  for (const one of discoveries) {
    const kind = `${one.detector} ${one.region?.start ?? ''}`;
    const same = kinds.get(kind);
    if (same === undefined) kinds.set(kind, [one]);
    else same.push(one);
  }
  for (const same of kinds.values()) same.sort((one, other) => one.start - other.start);
  return kinds;
}

function apartFrom(known: readonly Span[], further: readonly Discovery[]): Discovery[] {
  let index = 0;
  return further.filter(({ start, end }) => {
    while (index < known.length && (known[index]?.end ?? 0) <= start) index += 1;
    return (known[index]?.start ?? end) >= end;
  });
}
