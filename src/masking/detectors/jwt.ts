import type { Span } from '../span.js';
import type { Detector } from './detector.js';

/** What the base64url of `{"` begins with, and so every header of a token. */
const BEGIN = 'eyJ';
/** A longer header is none that anybody sends. */
const MAX_HEADER = 8_192;
const DOT = 0x2e;
/** Parts of a signed token (RFC 7515, section 7.1) and of an encrypted one (RFC 7516, section 7.1). */
const SIGNED = 3;
const ENCRYPTED = 5;

/**
 * JSON Web Tokens, signed or encrypted, also with a signature that is empty or was cut off: what begins with a header that
 * names an algorithm, and goes on with a part.
 */
export const jwt: Detector = {
  name: 'jwt',
  signs: [{ word: BEGIN }],

  find(text) {
    const found: Span[] = [];
    for (let start = text.indexOf(BEGIN); start !== -1; ) {
      const headerEnd = partEnd(text, start);
      const parts = partsOf(text, start, headerEnd);
      const end = parts === undefined ? undefined : tokenEnd(text, headerEnd, parts);
      if (end !== undefined) found.push({ start, end });
      start = text.indexOf(BEGIN, end ?? headerEnd);
    }
    return found;
  },
};

/** Where the characters of base64url end that stand at an offset. */
function partEnd(text: string, from: number): number {
  let end = from;
  while (end < text.length && isBase64Url(text.charCodeAt(end))) end += 1;
  return end;
}

function isBase64Url(unit: number): boolean {
  const lower = unit | 0x20;
  const isLetter = unit < 0x80 && lower >= 0x61 && lower <= 0x7a;
  return isLetter || (unit >= 0x30 && unit <= 0x39) || unit === 0x2d || unit === 0x5f;
}

/** Of how many parts a token is that has this header; undefined where it is none. */
function partsOf(text: string, start: number, end: number): number | undefined {
  if (end - start > MAX_HEADER || text.charCodeAt(end) !== DOT) return undefined;
  const header = Buffer.from(text.slice(start, end), 'base64url').toString('utf8');
  if (/"enc"\s*:/.test(header)) return ENCRYPTED;
  return /"alg"\s*:/.test(header) ? SIGNED : undefined;
}

/** Where a token ends; undefined where nothing but dots follows the header. */
function tokenEnd(text: string, headerEnd: number, parts: number): number | undefined {
  let end = headerEnd;
  for (let part = 1; part < parts && text.charCodeAt(end) === DOT; part++) end = partEnd(text, end + 1);
  while (end > headerEnd && text.charCodeAt(end - 1) === DOT) end -= 1;
  return end === headerEnd ? undefined : end;
}
