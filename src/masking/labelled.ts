import type { Span } from './span.js';

/** A name and its value in text that need not be JSON: `"password": "x"` in a log line, in half a document. */
export interface Labelled {
  readonly label: string;
  /** The value, quotes left out. */
  readonly value: Span;
  readonly isNumber: boolean;
}

const COLON = /"\s{0,8}:\s{0,8}/g;
const NUMBER = /-?\d[\d.eE+-]{0,63}/y;
/** Names are no longer. */
const MAX_NAME = 128;

/** Finds every member that a text shows. */
export function* labelled(text: string): Iterable<Labelled> {
  COLON.lastIndex = 0;
  for (let colon = COLON.exec(text); colon !== null; colon = COLON.exec(text)) {
    const past = COLON.lastIndex;
    const nameStart = text.lastIndexOf('"', colon.index - 1) + 1;
    if (nameStart === 0 || colon.index - nameStart > MAX_NAME) continue;
    const label = text.slice(nameStart, colon.index);
    if (text[past] === '"') {
      const end = closingQuote(text, past + 1);
      if (end > past + 1) yield { label, value: { start: past + 1, end }, isNumber: false };
      COLON.lastIndex = Math.max(past, end);
    } else {
      NUMBER.lastIndex = past;
      const number = NUMBER.exec(text)?.[0];
      if (number !== undefined)
        yield { label, value: { start: past, end: past + number.length }, isNumber: true };
      COLON.lastIndex = past;
    }
  }
}

function closingQuote(text: string, from: number): number {
  for (let at = from; ; ) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return text.length;
    let backslashes = 0;
    while (quote - backslashes > from && text[quote - backslashes - 1] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return quote;
    at = quote + 1;
  }
}
