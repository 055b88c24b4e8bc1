import type { Span } from '../span.js';
import type { Detector } from './detector.js';

/** Fewer characters are an identifier as likely as a secret. */
const LEAST = 32;
/** More are data: an image, a compressed text. */
const MOST = 256;
/** Of two neighbours among random letters and digits six in ten are of different kinds; in words and names two or three. */
const LEAST_CHANGES = 0.4;
/** A digest says what a file is, and opens nothing (Subresource Integrity, OCI descriptors). */
const DIGEST = /(?:sha(?:1|256|384|512)|md5)[-:=]$/i;

type Kind = 'upper' | 'lower' | 'digit' | undefined;

/**
 * What looks drawn at random: 32 to 256 characters of base64 or base62 without a gap, in which capital and small letters and
 * digits change often. Hexadecimal digests and UUIDs are none; long random identifiers cannot be told from secrets.
 */
export const highEntropy: Detector = {
  name: 'high_entropy',
  signs: [{ run: LEAST }],

  find(text) {
    const found: Span[] = [];
    for (let start = 0; start < text.length; ) {
      let end = start;
      while (end < text.length && isOfToken(text.charCodeAt(end))) end += 1;
      if (looksRandom(text, start, end)) found.push({ start, end });
      start = end + 1;
    }
    return found;
  },
};

function isOfToken(unit: number): boolean {
  return kindOf(unit) !== undefined || unit === 0x2b || unit === 0x2f || unit === 0x2d || unit === 0x5f;
}

function kindOf(unit: number): Kind {
  if (unit >= 0x30 && unit <= 0x39) return 'digit';
  if (unit >= 0x41 && unit <= 0x5a) return 'upper';
  return unit >= 0x61 && unit <= 0x7a ? 'lower' : undefined;
}

function looksRandom(text: string, start: number, end: number): boolean {
  const length = end - start;
  if (length < LEAST || length > MOST || DIGEST.test(text.slice(Math.max(0, start - 8), start))) return false;
  const prefix = /^(?:sha(?:1|256|384|512)|md5)-/i.test(text.slice(start, start + 8));
  return !prefix && changesOften(text, start, end);
}

function changesOften(text: string, start: number, end: number): boolean {
  const counts = { upper: 0, lower: 0, digit: 0 };
  let changes = 0;
  let pairs = 0;
  let before: Kind;
  for (let index = start; index < end; index++) {
    const kind = kindOf(text.charCodeAt(index));
    if (kind !== undefined) counts[kind] += 1;
    if (kind !== undefined && before !== undefined) {
      pairs += 1;
      if (kind !== before) changes += 1;
    }
    before = kind;
  }
  const isMixed = counts.upper >= 3 && counts.lower >= 3 && counts.digit >= 1;
  return isMixed && changes >= pairs * LEAST_CHANGES;
}
