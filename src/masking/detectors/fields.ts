import type { Span } from '../span.js';

/** A named value inside a text: `first_name: Alice`, `zip=10115`, `"street":"Main St 1"`. */
export interface Field extends Span {
  readonly name: string;
  /** Whether the value stands in quotes, and ends where they do. */
  readonly isQuoted: boolean;
}

/** Names and values of more units are read no further. */
const MAX_NAME = 40;
const MAX_VALUE = 160;
const SIGN = /[:=]/g;
/** Quotes, what escapes them where the text is JSON text in JSON text, and the stars of what is printed bold. */
const AROUND = /["'`*\\ \t]/;
const OF_NAME = /[\p{L}\p{M}\p{N}_ .-]/u;
const ENDS_VALUE = /[\n\r;|&\t"{}[\]<>]/;

/** The fields of a text whose names tell, in order. */
export function* fieldsOf(text: string, tells: (name: string) => boolean): Generator<Field> {
  let past = 0;
  const signs = new RegExp(SIGN);
  for (let sign = signs.exec(text); sign !== null; sign = signs.exec(text)) {
    const name = nameBefore(text, sign.index, past);
    const value = name !== '' && tells(name) ? valueAfter(text, sign.index + 1) : undefined;
    if (value === undefined) continue;
    yield { name, ...value };
    past = value.isQuoted ? value.end : sign.index + 1;
  }
}

function nameBefore(text: string, sign: number, floor: number): string {
  const lowest = Math.max(floor, sign - MAX_NAME);
  let end = sign;
  while (end > lowest && AROUND.test(text.charAt(end - 1))) end -= 1;
  let start = end;
  while (start > lowest && OF_NAME.test(text.charAt(start - 1))) start -= 1;
  return text.slice(start, end).trim();
}

function valueAfter(text: string, from: number): Omit<Field, 'name'> | undefined {
  let start = from;
  const furthest = Math.min(text.length, from + MAX_VALUE);
  while (start < furthest && AROUND.test(text.charAt(start))) start += 1;
  const quote = /["'`]/.test(text.charAt(start - 1)) ? text.charAt(start - 1) : undefined;
  let end = start;
  while (
    end < furthest &&
    text.charAt(end) !== quote &&
    !(quote === undefined && ENDS_VALUE.test(text.charAt(end)))
  ) {
    end += 1;
  }
  while (end > start && /[\s\\]/.test(text.charAt(end - 1))) end -= 1;
  return end === start ? undefined : { start, end, isQuoted: quote !== undefined };
}
