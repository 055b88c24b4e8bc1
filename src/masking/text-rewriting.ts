import type { Search } from './consistency.js';
import type { Discovery } from './discovery.js';
import { type EncodedRegion, encodedRegions } from './encoded-regions.js';
import { type View, withEscapes, withoutEscapes, withoutPercents, withPercents } from './escapes.js';
import { isJsonText, isNumberText, isWholeToken, outsideStrings } from './json-text.js';
import type { Mask } from './masks.js';
import type { Sighting } from './sighting.js';
import type { Span } from './span.js';
import { aloneAs } from './strategies/index.js';

/** JSON text in a string of JSON text in a string …: how often escapes are resolved to find a value. */
const MAX_LEVELS = 8;

/** A string that was changed. */
export interface Rewritten {
  /** As it stood between its quotes. */
  readonly before: string;
  /** As it stands there now. */
  inner(): string;
  /** What differs, as offsets into what it was, ascending: all that has to be written of a long one. */
  readonly changes: readonly (Span & { readonly text: string })[];
  /** The texts in base64 that changed, as they read. */
  readonly encoded: readonly string[];
  /** One entry for each replacement: the mask that caused it. */
  readonly causes: readonly Mask[];
}

/** A part of a string, as it stands between the quotes, and the text that goes there, escaped to fit. */
interface Change extends Span {
  readonly causes: readonly Mask[];
  /** What `text` says, where it is in base64. */
  readonly says?: string;
  readonly text: string;
}

/**
 * Replaces the matches in a string and every masked value that stands in it, in plain or escaped form, percent-encoded or
 * in base64. What lies between stays as it is.
 *
 * @param inner the string as it stands between its quotes
 * @param matches offsets into its unescaped value
 * @param label the name of the member whose value it is
 * @returns undefined where nothing changes
 */
export function rewriteText(
  inner: string,
  matches: readonly Sighting[],
  search: Search | undefined,
  label?: string,
): Rewritten | undefined {
  const value = withoutEscapes(inner);
  const own = matches.filter(({ discovery }) => discovery?.region === undefined);
  const changes = [
    ...changesInLevels(value, own, search),
    ...changesInPercents(value, search),
    ...changesInRegions(value, matches, search, label),
  ];
  return changes.length === 0 ? undefined : apply(inner, prevailingChanges(changes));
}

/** What changes in the string's value, in the value of JSON text in it, and so on. */
function changesInLevels(value: View, matches: readonly Sighting[], search: Search | undefined): Change[] {
  const changes: Change[] = [];
  let view = value;
  let origin = (offset: number) => value.origin(offset);
  for (let level = 1; level <= MAX_LEVELS; level++) {
    const { text } = view;
    const found = search?.find(text) ?? [];
    // Without an escape in it a value was seen, and judged, a level above.
    const isNew = ({ start, end, as }: Sighting) =>
      as === 'member' || view.origin(end) - view.origin(start) > end - start;
    const others = level === 1 ? withoutDiscovered(found, matches) : found.filter(isNew);
    const hasJson = level === 1 && others.length > 0 && isJsonText(text);
    const changed = hasJson
      ? changesInJson(text, others)
      : others.map((seen) => change(seen, seen.as === 'member', level));
    const discovered = level === 1 ? matches.flatMap(asDiscovered) : [];
    for (const { start, end, causes, text: instead } of [...discovered, ...changed])
      changes.push({ start: origin(start), end: origin(end), causes, text: instead });
    if (search === undefined || !text.includes('\\')) break;
    const outer = origin;
    const deeper = withoutEscapes(text);
    origin = (offset) => outer(deeper.origin(offset));
    view = deeper;
  }
  return changes;
}

/** What is still to be changed but for what detectors found: most values of a text are found twice, as these and anew. */
function withoutDiscovered(found: readonly Sighting[], matches: readonly Sighting[]): Sighting[] {
  const ends = new Map<number, number>();
  for (const { start, end, discovery } of matches) if (discovery !== undefined) ends.set(start, end);
  const others = matches.filter(({ discovery }) => discovery === undefined);
  return [...others, ...found.filter(({ start, end, as }) => as === 'member' || ends.get(start) !== end)];
}

/** Masked values in the percent-encoded parts of a string's value, which URIs are. */
function changesInPercents(value: View, search: Search | undefined): Change[] {
  const view = search === undefined ? value : withoutPercents(value.text);
  if (search === undefined || view.text === value.text) return [];
  return search.find(view.text).map(({ start, end, mask, replacement }) => ({
    start: value.origin(view.origin(start)),
    end: value.origin(view.origin(end)),
    causes: [mask],
    text: withEscapes(withPercents(replacement.text), 1),
  }));
}

/** What changes in the text that a string's value holds in base64: it is rewritten as any text, and encoded again. */
function changesInRegions(
  value: View,
  matches: readonly Sighting[],
  search: Search | undefined,
  label: string | undefined,
): Change[] {
  const regions = new Map<number, EncodedRegion>();
  for (const region of search === undefined ? [] : encodedRegions(value.text, label))
    regions.set(region.start, region);
  for (const { discovery } of matches)
    if (discovery?.region !== undefined) regions.set(discovery.region.start, discovery.region);
  return [...regions.values()].flatMap(({ start, end, text, encode }) => {
    const own = matches.filter(({ discovery }) => discovery?.region?.start === start);
    const plain = own.map((seen) => ({
      ...seen,
      discovery: seen.discovery && { ...seen.discovery, region: undefined },
    }));
    const rewritten = rewriteText(withEscapes(text, 1), plain as readonly Sighting[], search);
    if (rewritten === undefined) return [];
    const says = withoutEscapes(rewritten.inner()).text;
    const again = withEscapes(encode(says), 1);
    return [
      { start: value.origin(start), end: value.origin(end), causes: rewritten.causes, text: again, says },
    ];
  });
}

function asDiscovered(seen: Sighting): Change[] {
  return seen.discovery === undefined ? [] : [asWritten(seen, seen.discovery)];
}

function asWritten({ start, end, mask, replacement }: Sighting, { isNumber, write }: Discovery): Change {
  return {
    start,
    end,
    causes: [mask],
    text: withEscapes(write(isNumber ? aloneAs('number', replacement) : replacement.text), 1),
  };
}

/**
 * In JSON text a value that stands outside of quotes, a number, gives way to a JSON value, and what is put inside of
 * quotes is escaped once more: what was JSON stays JSON. A number that is only part of a longer one is another value.
 */
function changesInJson(text: string, sightings: readonly Sighting[]): Change[] {
  const ascending = sightings.toSorted((one, other) => one.start - other.start);
  const outside = outsideStrings(
    text,
    ascending.map(({ start }) => start),
  );
  return ascending.flatMap((seen, index) => {
    if (seen.as === 'member') return [change(seen, true, 1)];
    if (!outside[index]) return [change(seen, false, 2)];
    const whole = isWholeToken(text, seen.start, seen.end);
    const isNumber = isNumberText(text.slice(seen.start, seen.end));
    if (seen.as === 'value' && !whole && isNumber) return []; // a part of another number
    return [isNumber && whole ? changeNumber(seen) : change(seen, whole, 1)];
  });
}

/** A number in JSON text stays one where its replacement is one. */
function changeNumber({ start, end, mask, replacement }: Sighting): Change {
  return { start, end, causes: [mask], text: withEscapes(aloneAs('number', replacement), 1) };
}

function change({ start, end, mask, replacement }: Sighting, alone: boolean, escapes: number): Change {
  return {
    start,
    end,
    causes: [mask],
    text: withEscapes(alone ? replacement.json : replacement.text, escapes),
  };
}

/** Overlapping changes become one that covers them all and says what the longest of them says. */
function prevailingChanges(changes: readonly Change[]): Change[] {
  const result: Change[] = [];
  let longest = 0;
  // The sort is stable: of changes at the same place, the one found first stays first.
  for (const next of changes.toSorted((one, other) => one.start - other.start || other.end - one.end)) {
    const last = result.at(-1);
    if (last === undefined || next.start >= last.end) {
      result.push(next);
      longest = next.end - next.start;
      continue;
    }
    const says = next.end - next.start > longest ? next : last;
    longest = Math.max(longest, next.end - next.start);
    result[result.length - 1] = { ...says, start: last.start, end: Math.max(last.end, next.end) };
  }
  return result;
}

function apply(inner: string, changes: readonly Change[]): Rewritten {
  return {
    before: inner,
    inner: () => applied(inner, changes),
    changes,
    encoded: changes.flatMap(({ says }) => says ?? []),
    causes: changes.flatMap(({ causes }) => causes),
  };
}

function applied(inner: string, changes: readonly Change[]): string {
  const pieces: string[] = [];
  let past = 0;
  for (const { start, end, text } of changes) {
    pieces.push(inner.slice(past, start), text);
    past = end;
  }
  pieces.push(inner.slice(past));
  return pieces.join('');
}
