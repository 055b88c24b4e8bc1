import ipaddr from 'ipaddr.js';
import type { Span } from '../span.js';
import { isDigit, isLetterOrDigit } from './characters.js';
import { words } from './context.js';
import type { Detector } from './detector.js';
import { longestRow } from './rows.js';

/** An IPv4 address has so many digits at least; of an IPv6 address that is not shortened they are asked for as well. */
const MIN_DIGITS = 4;
const LONGEST = 45;
const DOT = 0x2e;
const COLON = 0x3a;
const VERSION = words('version', 'ver', 'release', 'build', 'firmware', 'assembly', 'oid', 'v');
const ADDRESS = words('ip', 'ipv', 'address', 'addr', 'host');
/** How far before four numbers a word says that they are a version. */
const VERSION_REACH = 12;
/** Global, unique local, link-local, or with an IPv4 address in it (RFC 4291, RFC 4193, RFC 6052). */
const SOMEONES = /^(?:[23][0-9a-f]{3}|f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]|::ffff|64:ff9b):/i;
const OCTET = /^(?:0|[1-9]\d{0,2})$/;

/**
 * IP addresses that can be someone's: IPv4 in four decimal parts, from 1. to 239. but for the loopback, and IPv6 that is
 * global, unique local, link-local or holds an IPv4 address. What a word or a sign calls a version is none.
 */
export const ipAddress: Detector = {
  name: 'ip_address',

  signs: [{ digits: MIN_DIGITS }, { word: '::' }],

  find(text, label) {
    const found: Span[] = [];
    const isVersion = label !== undefined && VERSION.inName(label) && !ADDRESS.inName(label);
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      if (!isOfAddress(unit)) continue;
      const end = runEnd(text, index);
      const begin = index;
      index = end;
      if (end - begin < 3 || end - begin > LONGEST + 1) continue;
      const run = text.slice(begin, end);
      const start = begin + namedStart(run);
      const length = addressLength(text.slice(start, end));
      if (length === 0 || !standsAlone(text, start, start + length)) continue;
      const isFour = text.slice(start, start + length).indexOf(':') === -1;
      if (isFour && (isVersion || followsVersion(text, start) || precedesBuild(text, start + length)))
        continue;
      found.push({ start, end: start + length });
    }
    return found;
  },
};

/** Hexadecimal digits, dots and colons. */
function isOfAddress(unit: number): boolean {
  const lower = unit | 0x20;
  return isDigit(unit) || unit === DOT || unit === COLON || (lower >= 0x61 && lower <= 0x66);
}

function runEnd(text: string, start: number): number {
  let end = start;
  while (isOfAddress(text.charCodeAt(end))) end += 1;
  return end;
}

/** Where four parts begin behind a colon, as in `ip:192.0.2.1`, whose colon may seem to be one of IPv6. */
function namedStart(run: string): number {
  const named = /^[a-f]{0,8}:(?=\d{1,3}(?:\.\d{1,3}){3}(?:[.:]|$))/i.exec(run);
  return named?.[0].length ?? 0;
}

/** How much of a run is an address: not a sentence's dot at its end, nor a colon and a port. 0 where it is none. */
function addressLength(run: string): number {
  const bare = run.endsWith('::') ? run : run.replace(/[.:]$/, '');
  const four = bare.replace(/:\d{1,5}$/, '');
  if (isFourParts(four)) return four.length;
  return bare.includes(':') && isSixteenBytes(bare) ? bare.length : 0;
}

function isFourParts(text: string): boolean {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => OCTET.test(part) && Number(part) < 256)) return false;
  const first = Number(parts[0]);
  return first > 0 && first < 240 && first !== 127;
}

function isSixteenBytes(text: string): boolean {
  if (!SOMEONES.test(text) || !ipaddr.IPv6.isValid(text)) return false;
  return text.includes('::') || longestRow(text) >= MIN_DIGITS;
}

/** Whether no word, number or dotted name goes on at either side. */
function standsAlone(text: string, start: number, end: number): boolean {
  const previous = text.charAt(start - 1);
  if (isLetterOrDigit(text.charCodeAt(start - 1)) || /[\p{L}_.]/u.test(previous)) return false;
  return !/[\p{L}\p{N}_]/u.test(text.charAt(end));
}

/** Whether four parts are followed by what versions are: `-beta`, `+build`. */
function precedesBuild(text: string, end: number): boolean {
  return /^[-+~][A-Za-z]/.test(text.slice(end, end + 2));
}

/** Whether a version is spoken of right before: `version 1.2.3.4`, `Chrome/120.0.0.0`, `>=1.2.3.4`. */
function followsVersion(text: string, start: number): boolean {
  const before = text.slice(Math.max(0, start - VERSION_REACH), start);
  if (/[A-Za-z]\/$|[<>=~^!]=\s?$|[~^]$/.test(before)) return true;
  const word = /([A-Za-z]+)[^A-Za-z0-9]{0,4}$/.exec(before)?.[1];
  return word !== undefined && VERSION.inName(word);
}
