/** A JSON escape that stands for one UTF-16 unit (RFC 8259, section 7). */
const SHORT: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
const UNICODE = /u([0-9a-f]{4})/iy;

/** A text with its escapes resolved, which still knows where each of its parts came from. */
export interface WithoutEscapes {
  readonly text: string;
  /** The offset in the escaped text of an offset in this one. */
  origin(offset: number): number;
}

/** Resolves JSON escapes. What is no escape stays: the text need not come from inside a JSON string. */
export function withoutEscapes(escaped: string): WithoutEscapes {
  let at = escaped.indexOf('\\');
  if (at === -1) return { text: escaped, origin: (offset) => offset };
  /** For each escape in turn, where the text goes on after it: here and in the escaped text. */
  const here: number[] = [0];
  const there: number[] = [0];
  let text = '';
  let past = 0;
  for (; at !== -1; at = escaped.indexOf('\\', past)) {
    const [character, width] = escapeAt(escaped, at);
    text += escaped.slice(past, at) + character;
    past = at + width;
    here.push(text.length);
    there.push(past);
  }
  text += escaped.slice(past);
  return {
    text,
    origin(offset) {
      const piece = lastNotAbove(here, offset);
      return (there[piece] ?? 0) + offset - (here[piece] ?? 0);
    },
  };
}

/** Writes a text as it stands inside a JSON string, without the quotes, `times` over. */
export function withEscapes(text: string, times: number): string {
  let escaped = text;
  for (let round = 0; round < times; round++) escaped = JSON.stringify(escaped).slice(1, -1);
  return escaped;
}

/** What a backslash and what follows stand for, and how many units they take. */
function escapeAt(text: string, backslash: number): [character: string, width: number] {
  const short = SHORT[text[backslash + 1] ?? ''];
  if (short !== undefined) return [short, 2];
  UNICODE.lastIndex = backslash + 1;
  const unit = UNICODE.exec(text)?.[1];
  return unit === undefined ? ['\\', 1] : [String.fromCharCode(Number.parseInt(unit, 16)), 6];
}

/** The index of the last number that is not above `limit`, in an ascending list that starts at 0. */
function lastNotAbove(ascending: readonly number[], limit: number): number {
  let [low, high] = [0, ascending.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((ascending[middle] ?? 0) <= limit) low = middle;
    else high = middle - 1;
  }
  return low;
}
