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
/** What JSON.stringify writes in another way. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are escaped
const ESCAPED = /["\\\x00-\x1f\ud800-\udfff]/;
const UNICODE = /u([0-9a-fA-F]{4})/y;

/** A text in another form, which still knows where each of its parts came from. */
export interface View {
  readonly text: string;
  /** The offset in the original of an offset in this text. */
  origin(offset: number): number;
}

/** Of so many pieces of a view one is remembered: where it begins, here and in the original. */
const PIECES_PER_MARK = 16;
/** So many are put together at once: millions of pieces take far more memory than the text that they are. */
const PIECES_PER_CHUNK = 4_096;

/** Resolves JSON escapes. What is no escape stays: the text need not come from inside a JSON string. */
export function withoutEscapes(escaped: string): View {
  return viewOf(escaped, '\\', escapeAt);
}

/** Reads percent-encoded UTF-8 (RFC 3986, section 2.1). What is none stays. */
export function withoutPercents(encoded: string): View {
  return viewOf(encoded, '%', percentAt);
}

/** Resolves escapes, and the escapes that this makes, until there is none; linear, however deep they go. */
export function resolved(escaped: string): string {
  const units: string[] = [];
  for (const unit of escaped) {
    units.push(unit);
    for (
      let short = SHORT[unit];
      short !== undefined && units.at(-2) === '\\';
      short = SHORT[units.at(-1) ?? '']
    ) {
      units.splice(-2, 2, short);
    }
    while (units.at(-6) === '\\' && units.at(-5) === 'u') {
      const code = units.slice(-4).join('');
      if (!/^[0-9a-fA-F]{4}$/.test(code)) break;
      units.splice(-6, 6, String.fromCharCode(Number.parseInt(code, 16)));
    }
  }
  return units.join('');
}

/** Writes a text as it stands inside a JSON string, without the quotes, `times` over. */
export function withEscapes(text: string, times: number): string {
  if (!ESCAPED.test(text)) return text;
  let escaped = text;
  for (let round = 0; round < times; round++) escaped = JSON.stringify(escaped).slice(1, -1);
  return escaped;
}

/** Writes a text with everything percent-encoded that is not sure to be plain in a URI. */
export function withPercents(text: string): string {
  return encodeURIComponent(Buffer.from(text, 'utf8').toString('utf8')); // half a surrogate pair would throw
}

/** What stands at an offset where a piece may begin, and how many units of the original it takes. */
type PieceAt = (original: string, at: number) => [stands: string, width: number];

function viewOf(original: string, sign: string, pieceAt: PieceAt): View {
  const first = original.indexOf(sign);
  if (first === -1) return { text: original, origin: (offset) => offset };
  const chunks: string[] = [];
  let pieces: string[] = [];
  const heres: number[] = [0];
  const theres: number[] = [0];
  let [here, past, count] = [0, 0, 0];
  for (let at = first; at !== -1; at = original.indexOf(sign, past)) {
    const [stands, width] = pieceAt(original, at);
    pieces.push(original.slice(past, at), stands);
    here += at - past + stands.length;
    past = at + width;
    count += 1;
    if (count % PIECES_PER_CHUNK === 0) {
      chunks.push(pieces.join(''));
      pieces = [];
    }
    if (count % PIECES_PER_MARK === 0) {
      heres.push(here);
      theres.push(past);
    }
  }
  pieces.push(original.slice(past));
  const text = [...chunks, pieces.join('')].join('');
  return { text, origin: (offset) => originFrom(lastNotAbove(heres, offset), offset) };

  /** Goes on from a mark piece by piece. */
  function originFrom(mark: number, offset: number): number {
    let at = heres[mark] ?? 0;
    let there = theres[mark] ?? 0;
    for (;;) {
      const next = original.indexOf(sign, there);
      if (next === -1 || at + (next - there) >= offset) return there + (offset - at);
      const [stands, width] = pieceAt(original, next);
      at += next - there + stands.length;
      there = next + width;
      // Inside of what one piece stands for there is no other place than its end.
      if (at > offset) return there;
    }
  }
}

/** What a backslash and what follows stand for. */
function escapeAt(text: string, backslash: number): [stands: string, width: number] {
  const short = SHORT[text[backslash + 1] ?? ''];
  if (short !== undefined) return [short, 2];
  UNICODE.lastIndex = backslash + 1;
  const unit = UNICODE.exec(text)?.[1];
  return unit === undefined ? ['\\', 1] : [String.fromCharCode(Number.parseInt(unit, 16)), 6];
}

/** UTF-8 has at most four bytes for a character. */
const PERCENTS = /(?:%[0-9a-fA-F]{2}){1,4}/y;

/** What a percent sign and what follows stand for: one character. */
function percentAt(text: string, percent: number): [stands: string, width: number] {
  PERCENTS.lastIndex = percent;
  const bytes = Buffer.from(PERCENTS.exec(text)?.[0].replaceAll('%', '') ?? '', 'hex');
  const lead = bytes[0] ?? 0xff;
  const width = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  const character = bytes.toString('utf8', 0, width);
  const isOne = bytes.length >= width && !character.includes('\ufffd');
  return isOne ? [character, width * 3] : ['%', 1];
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
