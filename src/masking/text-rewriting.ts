import type { Search } from './consistency.js';
import { withEscapes, withoutEscapes } from './escapes.js';
import { isJsonText, isNumberText, isWholeToken, outsideStrings } from './json-text.js';
import type { Mask } from './masks.js';
import type { Sighting } from './sighting.js';
import type { Span } from './span.js';
import { aloneAs } from './strategies/index.js';

/** JSON text in a string of JSON text in a string …: how often escapes are resolved to find a value. */
const MAX_LEVELS = 8;

/** A string that was changed. */
export interface Rewritten {
  /** As it stands between its quotes. */
  readonly inner: string;
  /** One entry for each replacement: the mask that caused it. */
  readonly causes: readonly Mask[];
}

/** A part of a string, as it stands between the quotes, and the text that goes there, escaped to fit. */
interface Change extends Span {
  readonly mask: Mask;
  readonly text: string;
}

/**
 * Replaces the matches in a string and every masked value that stands in it, in plain or escaped form. What lies
 * between keeps its escapes.
 *
 * @param inner the string as it stands between its quotes
 * @param matches offsets into its unescaped value
 * @returns undefined where nothing changes
 */
export function rewriteText(
  inner: string,
  matches: readonly Sighting[],
  search: Search | undefined,
): Rewritten | undefined {
  const changes: Change[] = [];
  let text = inner;
  let origin = (offset: number) => offset;
  for (let level = 1; level <= MAX_LEVELS && (level === 1 || text.includes('\\')); level++) {
    const view = withoutEscapes(text);
    const outer = origin;
    origin = (offset) => outer(view.origin(offset));
    text = view.text;
    const found = search?.find(text) ?? [];
    // Without an escape in it a value was seen, and judged, a level above.
    const isNew = ({ start, end, as }: Sighting) =>
      as === 'member' || view.origin(end) - view.origin(start) > end - start;
    const sightings = level === 1 ? [...matches, ...found] : found.filter(isNew);
    for (const { start, end, ...rest } of changesAt(level, text, sightings)) {
      changes.push({ ...rest, start: origin(start), end: origin(end) });
    }
  }
  return changes.length === 0 ? undefined : apply(inner, prevailingChanges(changes));
}

/** The changes to a text that shows after `level` rounds of resolving escapes; offsets into that text. */
function changesAt(level: number, text: string, sightings: readonly Sighting[]): Change[] {
  if (level === 1 && sightings.length > 0 && isJsonText(text)) return changesInJson(text, sightings);
  return sightings.map((seen) => change(seen, seen.as === 'member', level));
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
  return { start, end, mask, text: withEscapes(aloneAs('number', replacement), 1) };
}

function change({ start, end, mask, replacement }: Sighting, alone: boolean, escapes: number): Change {
  return { start, end, mask, text: withEscapes(alone ? replacement.json : replacement.text, escapes) };
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
  const pieces: string[] = [];
  let past = 0;
  for (const { start, end, text } of changes) {
    pieces.push(inner.slice(past, start), text);
    past = end;
  }
  pieces.push(inner.slice(past));
  return { inner: pieces.join(''), causes: changes.map(({ mask }) => mask) };
}
