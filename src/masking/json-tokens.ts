const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const LETTER_E = 0x65;
const OPENING: readonly number[] = [0x7b, 0x5b];
const WORDS = ['true', 'false', 'null'].map((word) => Buffer.from(word));

/**
 * Hears of each string, number and name of a JSON text: where it stands, quotes left out, and where the name stands of the
 * member whose value it is; that of all others is empty.
 */
export type TokenListener = (
  kind: 'string' | 'number' | 'name',
  start: number,
  end: number,
  nameStart: number,
  nameEnd: number,
) => void;

/**
 * Whether a text is an object or array by its looks: nothing stands in it outside of strings and numbers but what JSON is
 * held together by. Whether brackets match does not matter here.
 */
export function isJson(bytes: Buffer): boolean {
  return OPENING.includes(bytes[afterSpace(bytes, 0)] ?? 0) && readTokens(bytes, undefined);
}

/** Goes over the tokens of a text that `isJson`. */
export function eachToken(bytes: Buffer, listener: TokenListener): void {
  readTokens(bytes, listener);
}

function readTokens(bytes: Buffer, listener: TokenListener | undefined): boolean {
  let [nameStart, nameEnd] = [0, 0];
  let mayBegin = true;
  for (let at = afterSpace(bytes, 0); at < bytes.length; at = afterSpace(bytes, at)) {
    const byte = bytes[at] ?? 0;
    if (isPunctuation(byte)) {
      [nameStart, nameEnd] = [0, 0];
      mayBegin = true;
      at += 1;
      continue;
    }
    // Two values with nothing between them are prose.
    if (!mayBegin) return false;
    mayBegin = false;
    if (byte === QUOTE) {
      const [start, end] = [at + 1, closingQuote(bytes, at + 1)];
      if (end >= bytes.length) return false;
      at = afterSpace(bytes, end + 1);
      const isName = bytes[at] === COLON;
      listener?.(isName ? 'name' : 'string', start, end, nameStart, nameEnd);
      [nameStart, nameEnd] = isName ? [start, end] : [0, 0];
      if (!isName) continue;
      mayBegin = true;
      at += 1;
    } else {
      const end = numberEnd(bytes, at);
      if (end > at) listener?.('number', at, end, nameStart, nameEnd);
      const past = end > at ? end : wordEnd(bytes, at);
      if (past === at) return false;
      at = past;
    }
  }
  return true;
}

/** `{ } [ ] : ,` */
function isPunctuation(byte: number): boolean {
  return byte === 0x2c || byte === COLON || byte === 0x7b || byte === 0x7d || byte === 0x5b || byte === 0x5d;
}

function afterSpace(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && isSpace(bytes[at] ?? 0)) at += 1;
  return at;
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** The offset of the quote that ends a string; the text's length, or more, where there is none. */
function closingQuote(bytes: Buffer, from: number): number {
  let at = from;
  for (; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) break;
    if (byte === BACKSLASH) at += 1;
  }
  return at;
}

/** Where a number that begins at an offset ends (RFC 8259, section 6); there itself where none does. */
function numberEnd(bytes: Buffer, from: number): number {
  const integer = bytes[from] === MINUS ? from + 1 : from;
  let end = digitsEnd(bytes, integer);
  if (end === integer) return from;
  if (bytes[end] === POINT) end = digitsEnd(bytes, end + 1);
  if (((bytes[end] ?? 0) | 0x20) === LETTER_E) {
    const sign = bytes[end + 1];
    end = digitsEnd(bytes, sign === PLUS || sign === MINUS ? end + 2 : end + 1);
  }
  return end;
}

function digitsEnd(bytes: Buffer, from: number): number {
  let at = from;
  while ((bytes[at] ?? 0) >= 0x30 && (bytes[at] ?? 0) <= 0x39) at += 1;
  return at;
}

function wordEnd(bytes: Buffer, at: number): number {
  const word = WORDS.find(
    (one) => bytes.compare(one, 0, one.length, at, Math.min(at + one.length, bytes.length)) === 0,
  );
  return at + (word?.length ?? 0);
}
