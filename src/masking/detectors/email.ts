import type { Span } from '../span.js';
import type { Detector } from './detector.js';

const DOT = 0x2e;
const EQUALS = 0x3d;
const HYPHEN = 0x2d;
/** Signs that RFC 5322 allows in a local part beside letters, digits and the dot. */
const LOCAL_SIGNS = new Set([..."!#$%&'*+-/=?^_`{|}~"].map((sign) => sign.charCodeAt(0)));
/** Limits of a domain name and of one label (RFC 1035, section 2.3.4). */
const MAX_DOMAIN = 253;
const MAX_LABEL = 63;
const TOP_LEVEL = /^(?:xn--[a-z0-9-]+|[\p{L}\p{M}]{2,})$/iu;
/** Files such as `logo@2x.png`, which have the form of an address. */
const SCALED_IMAGE = /^[1-9]x\.(?:avif|gif|jpe?g|png|svg|webp)$/i;
/** A name before an equals sign, behind what parts fields. */
const KEY = /[\s?&;,|([{<"'`][a-z_]+$/i;
const MAX_KEY = 32;
const WORD = /[\p{L}\p{M}\p{N}]/u;

/** E-mail addresses with a domain of at least two labels; no quoted local parts and no address literals. */
export const email: Detector = {
  name: 'email',

  signs: [{ at: true }],

  find(text) {
    const found: Span[] = [];
    let past = 0;
    for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
      const start = localStart(text, at, past);
      if (start === at) continue;
      const end = domainEnd(text, at + 1);
      if (end === undefined) continue;
      found.push({ start, end });
      past = end;
    }
    return found;
  },
};

/** Letters and digits of any script; half of a surrogate pair counts, as most letters beyond the first plane do. */
function isWord(unit: number): boolean {
  if (unit < 0x80) {
    return (unit >= 0x30 && unit <= 0x39) || (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x61 && unit <= 0x7a);
  }
  return (unit >= 0xd800 && unit <= 0xdfff) || WORD.test(String.fromCharCode(unit));
}

/** Where the local part before an `@` starts, not before `floor`; `at` itself where there is none. */
function localStart(text: string, at: number, floor: number): number {
  let start = at;
  for (let index = at - 1; index >= floor; index--) {
    const unit = text.charCodeAt(index);
    if (isWord(unit)) start = index;
    else if (unit !== DOT && !LOCAL_SIGNS.has(unit)) break;
    else if (unit === EQUALS && start > index && endsKey(text, index, floor)) break;
    // A sign is taken along only once a letter or digit stands before it: quotes and brackets around stay outside.
  }
  return start;
}

/** Whether a word ends at an offset by which something is named, as in `mail=` and `?contact=`; not as in `bounce+user=`. */
function endsKey(text: string, end: number, floor: number): boolean {
  const from = Math.max(floor, end - MAX_KEY);
  return KEY.test(text.slice(from, end)) || (from === floor && /^[a-z_]+$/i.test(text.slice(from, end)));
}

/** Where the longest sensible domain that starts at `from` ends, or undefined. */
function domainEnd(text: string, from: number): number | undefined {
  let end: number | undefined;
  let label = from;
  let labels = 0;
  for (let index = from; index - from <= MAX_DOMAIN; index++) {
    const unit = index < text.length ? text.charCodeAt(index) : DOT;
    if (isWord(unit) || unit === HYPHEN) continue;
    const stop = withoutHyphens(text, label, index);
    if (stop === label || stop - label > MAX_LABEL || text.charCodeAt(label) === HYPHEN) break;
    labels += 1;
    if (labels > 1 && TOP_LEVEL.test(text.slice(label, stop))) end = stop;
    if (unit !== DOT || stop !== index || index >= text.length) break;
    label = index + 1;
  }
  return end !== undefined && SCALED_IMAGE.test(text.slice(from, end)) ? undefined : end;
}

/** The end of a label without the hyphens that a sentence may have put after it. */
function withoutHyphens(text: string, start: number, end: number): number {
  let stop = end;
  while (stop > start && text.charCodeAt(stop - 1) === HYPHEN) stop -= 1;
  return stop;
}
