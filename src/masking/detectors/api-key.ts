import type { Span } from '../span.js';
import { type KeyShape, keyShapes } from './api-key-shapes.js';
import { isLetterOrDigit } from './characters.js';
import type { Detector } from './detector.js';

/** Almost all keys have so many characters without a gap; these beginnings are of the others. */
const LEAST_RUN = 20;
const SHORTER = ['LTAI', 'access_token$'];

/** A first part of the key itself stands before these: they are no beginning, but what only such keys have in their middle. */
const INNER: Readonly<Record<string, { readonly before: RegExp; readonly most: number }>> = {
  '.atlasv1.': { before: /[A-Za-z0-9]/, most: 14 },
  ':AA': { before: /[0-9]/, most: 10 },
};

interface Beginning {
  readonly begin: string;
  readonly rest: KeyShape['rest'];
}

const beginnings: readonly Beginning[] = keyShapes.flatMap(({ begins, rest }) =>
  begins.map((begin) => ({ begin, rest })),
);
const inner = beginnings.filter(({ begin }) => Object.hasOwn(INNER, begin));
/** All others by their first character. */
const byFirst = new Map<number, Beginning[]>();
for (const beginning of beginnings) {
  if (inner.includes(beginning)) continue;
  const first = beginning.begin.charCodeAt(0);
  byFirst.set(first, [...(byFirst.get(first) ?? []), beginning]);
}

/** Keys and tokens of cloud services and other vendors, by the beginnings that these give them. */
export const apiKey: Detector = {
  name: 'api_key',
  signs: [{ run: LEAST_RUN }, ...SHORTER.map((word) => ({ word }))],

  find(text) {
    const found = inner.flatMap((beginning) => aroundInner(text, beginning));
    let isInWord = false;
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      if (!isInWord) {
        for (const beginning of byFirst.get(unit) ?? []) {
          const key = text.startsWith(beginning.begin, index) ? keyAt(text, index, beginning) : undefined;
          if (key !== undefined) found.push(key);
        }
      }
      isInWord = isLetterOrDigit(unit);
    }
    return together(found);
  },
};

/** The key that starts where its beginning does. */
function keyAt(text: string, start: number, { begin, rest }: Beginning): Span | undefined {
  rest.lastIndex = start + begin.length;
  return rest.test(text) ? { start, end: rest.lastIndex } : undefined;
}

function aroundInner(text: string, beginning: Beginning): Span[] {
  const { begin } = beginning;
  const found: Span[] = [];
  for (let at = text.indexOf(begin); at !== -1; at = text.indexOf(begin, at + begin.length)) {
    const start = firstPart(text, at, begin);
    const end = start === undefined ? undefined : keyAt(text, at, beginning)?.end;
    if (start !== undefined && end !== undefined) found.push({ start, end });
  }
  return found;
}

/** Where the part before an inner one starts; undefined where it is too short, or the end of a word. */
function firstPart(text: string, at: number, begin: string): number | undefined {
  const form = INNER[begin];
  if (form === undefined) return undefined;
  let start = at;
  while (at - start < form.most && form.before.test(text.charAt(start - 1))) start -= 1;
  const isWhole = !isLetterOrDigit(text.charCodeAt(start - 1));
  return isWhole && at - start >= form.most - 2 ? start : undefined;
}

/** Of keys that overlap, as `sk-` and `sk-proj-` do, what they cover together. */
function together(spans: readonly Span[]): Span[] {
  const found: Span[] = [];
  for (const span of spans.toSorted((one, other) => one.start - other.start)) {
    const last = found.at(-1);
    if (last === undefined || span.start >= last.end) found.push(span);
    else found[found.length - 1] = { start: last.start, end: Math.max(last.end, span.end) };
  }
  return found;
}
