import type { Span } from '../span.js';
import type { Detector } from './detector.js';

const BEGIN = '-----BEGIN ';
const END = '-----END ';
const DASHES = '-----';
/** The label of a key may be as long as this: `PGP PRIVATE KEY BLOCK`. */
const MAX_LABEL = 64;
const PUTTY = 'PuTTY-User-Key-File-';
const PUTTY_KEY = 'Private-Lines:';
const AGE = 'AGE-SECRET-KEY-1';
/** Of a body that was cut off: base64, headers of old PEM files, ends of lines, also where these are escaped. */
const BODY = /[A-Za-z0-9+/=\s\\:,-]/;
const BECH32 = /[A-Z0-9]/i;
const AGE_LENGTH = 58;

/**
 * Private keys as text: PEM and its relatives (RFC 7468; OpenSSH, PGP, PuTTY), whole, or from their beginning to where they
 * were cut off; and keys of age.
 */
export const privateKey: Detector = {
  name: 'private_key',
  signs: [{ word: 'PRIVATE KEY' }, { word: PUTTY }, { word: AGE }],

  find(text) {
    const found: Span[] = [];
    collect(text, BEGIN, pemEnd, found);
    collectPutty(text, found);
    collect(text, AGE, ageEnd, found);
    return apart(found);
  },
};

function collect(
  text: string,
  begin: string,
  endOf: (text: string, start: number) => number | undefined,
  found: Span[],
): void {
  for (let start = text.indexOf(begin); start !== -1; ) {
    const end = endOf(text, start);
    if (end !== undefined) found.push({ start, end });
    start = text.indexOf(begin, end ?? start + begin.length);
  }
}

function pemEnd(text: string, start: number): number | undefined {
  const from = start + BEGIN.length;
  const close = text.slice(from, from + MAX_LABEL).indexOf(DASHES);
  if (close === -1) return undefined;
  const label = text.slice(from, from + close);
  if (!label.includes('PRIVATE KEY')) return undefined;
  const body = from + close + DASHES.length;
  return isBody(text, body) ? closingEnd(text, body, `${END}${label}${DASHES}`) : undefined;
}

/** Whether a key goes on where its first line ends: prose that only speaks of that line does not. */
function isBody(text: string, from: number): boolean {
  return /^(?:\s|\\[nr])*(?:[A-Za-z0-9+/=]{16}|(?:Proc-Type|Version|Comment|Hash): )/.test(
    text.slice(from, from + 64),
  );
}

/** Just past the closing line, or where what may stand in a key ends. */
function closingEnd(text: string, body: number, closing: string): number {
  let end = body;
  while (end < text.length && BODY.test(text.charAt(end))) {
    if (text.startsWith(closing, end)) return end + closing.length;
    end += 1;
  }
  return end;
}

function collectPutty(text: string, found: Span[]): void {
  for (let start = text.indexOf(PUTTY); start !== -1; ) {
    let end = text.indexOf(PUTTY_KEY, start);
    if (end === -1) return;
    while (end < text.length && BODY.test(text.charAt(end))) end += 1;
    found.push({ start, end });
    start = text.indexOf(PUTTY, end);
  }
}

function ageEnd(text: string, start: number): number | undefined {
  let end = start + AGE.length;
  while (end < text.length && BECH32.test(text.charAt(end))) end += 1;
  return end - start - AGE.length >= AGE_LENGTH ? end : undefined;
}

function apart(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of spans.toSorted((one, other) => one.start - other.start)) {
    if (span.start >= (result.at(-1)?.end ?? 0)) result.push(span);
  }
  return result;
}
