import { compileAutomaton } from '../automaton.js';
import type { Span } from '../span.js';
import { keyShapes } from './api-key-shapes.js';
import type { Detector } from './detector.js';

const beginnings = keyShapes.flatMap(({ begins, rest }) => begins.map((begin) => ({ begin, rest })));
const LETTER_OR_DIGIT = /[A-Za-z0-9]/;

/** A first part of the key itself stands before these: they are no beginning, but what only such keys have in their middle. */
const INNER: Readonly<Record<string, { readonly before: RegExp; readonly most: number }>> = {
  '.atlasv1.': { before: /[A-Za-z0-9]/, most: 14 },
  ':AA': { before: /[0-9]/, most: 10 },
};

/** Keys and tokens of cloud services and other vendors, by the beginnings that these give them. */
export const apiKey: Detector = {
  name: 'api_key',
  signs: beginnings.map(({ begin }) => ({ word: begin })),

  find(text) {
    occurrences ??= compileAutomaton(beginnings.map(({ begin }) => begin));
    const found: Span[] = [];
    for (const { word, start: begin, end: began } of occurrences(text)) {
      const rest = beginnings[word]?.rest;
      const start = startOf(text, begin, began);
      if (rest === undefined || start === undefined) continue;
      rest.lastIndex = began;
      if (!rest.test(text)) continue;
      take({ start, end: rest.lastIndex }, found);
    }
    return found;
  },
};

let occurrences: ReturnType<typeof compileAutomaton> | undefined;

/** Where a key starts that was recognised by what stands from `begin` to `began`; undefined where it is the end of a word. */
function startOf(text: string, begin: number, began: number): number | undefined {
  const inner = INNER[text.slice(begin, began)];
  if (inner === undefined) return LETTER_OR_DIGIT.test(text.charAt(begin - 1)) ? undefined : begin;
  let start = begin;
  while (begin - start < inner.most && inner.before.test(text.charAt(start - 1))) start -= 1;
  const isWhole = !LETTER_OR_DIGIT.test(text.charAt(start - 1));
  return isWhole && begin - start >= inner.most - 2 ? start : undefined;
}

/** Of keys that overlap, as `sk-` and `sk-proj-` do, what they cover together. */
function take(span: Span, found: Span[]): void {
  const last = found.at(-1);
  if (last === undefined || span.start >= last.end) found.push(span);
  else
    found[found.length - 1] = { start: Math.min(last.start, span.start), end: Math.max(last.end, span.end) };
}
