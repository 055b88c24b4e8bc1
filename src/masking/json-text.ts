const BACKSLASH = 0x5c;
const QUOTE = 0x22;
/** What a JSON number or word is made of. */
const TOKEN = /[\w.+-]/;

/** Whether a string is itself the JSON text of an object or array. */
export function isJsonText(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false; // prose that starts with a bracket
  }
}

/** In JSON: strings, those that are names with the colon behind them, and numbers. */
export const SCALARS = /"(?:[^"\\]|\\.)*"(\s*:)?|-?\d[\d.eE+-]*/g;

/** For each of the ascending offsets into a JSON text, whether it lies outside all string literals. */
export function outsideStrings(text: string, offsets: readonly number[]): boolean[] {
  let inside = false;
  let index = 0;
  return offsets.map((offset) => {
    for (; index < offset; index++) {
      const unit = text.charCodeAt(index);
      if (unit === QUOTE) inside = !inside;
      else if (unit === BACKSLASH && inside) index += 1;
    }
    return !inside;
  });
}

/** Whether a text has nothing but what numbers are written with. */
export function isNumberText(text: string): boolean {
  return /^[\d.eE+-]+$/.test(text);
}

/** Whether a JSON number or word goes on at an offset. */
export function continuesToken(text: string, offset: number): boolean {
  return TOKEN.test(text.charAt(offset));
}

/** Whether a JSON number or word stands from `start` to `end`, and no part of a longer one. */
export function isWholeToken(text: string, start: number, end: number): boolean {
  return !continuesToken(text, start - 1) && !continuesToken(text, end);
}
