import { isIPv4, isIPv6 } from 'node:net';
import { BuiltinError } from '../builtin.js';
import { parseUrl, type Url } from '../go/url.js';
import { isTime } from '../time/parse.js';
import { compilePattern } from './patterns.js';

/** Whether a text has a format; formats that OPA doesn't know have no rules. */
export function hasFormat(name: string, text: string): boolean {
  return FORMATS.get(name)?.(text) ?? true;
}

/**
 * As lenient, and as strict, as Go's own parsers are.
 *
 * Source: https://json-schema.org/draft-07/draft-handrews-json-schema-validation-01#rfc.section.7
 */
const FORMATS: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ['date', (text) => isTime('2006-01-02', text)],
  ['time', isTimeOfDay],
  [
    'date-time',
    (text) => isTimeOfDay(text) || ['2006-01-02', 'RFC3339'].some((layout) => isTime(layout, text)),
  ],
  ['hostname', isHostname],
  ['email', isEmail],
  ['idn-email', isEmail],
  ['ipv4', (text) => isAddress(text) && text.includes('.')],
  ['ipv6', (text) => isAddress(text) && text.includes(':')],
  ['uri', (text) => (urlOf(text)?.scheme ?? '') !== ''],
  ['iri', (text) => (urlOf(text)?.scheme ?? '') !== ''],
  ['uri-reference', (text) => urlOf(text) !== undefined],
  ['iri-reference', (text) => urlOf(text) !== undefined],
  ['uri-template', isUriTemplate],
  ['uuid', (text) => /^[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}$/i.test(text)],
  ['regex', (text) => compilePattern(text) !== undefined],
  ['json-pointer', isPointer],
  ['relative-json-pointer', isRelativePointer],
]);

function isTimeOfDay(text: string): boolean {
  return isTime('15:04:05', text) || isTime('15:04:05Z07:00', text);
}

function isHostname(text: string): boolean {
  return (
    text.length < 256 &&
    text.split('.').every((label) => /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/.test(label))
  );
}

const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\u0080-\\uffff-]";
const QUOTED = '"(?:[^"\\\\\\u0000-\\u0008\\u000a-\\u001f\\u007f]|\\\\[\\t -~\\u0080-\\uffff])*"';
const SPECIFICATION = `(?:${ATOM}+(?:\\.${ATOM}+)*|${QUOTED})@(?:${ATOM}+(?:\\.${ATOM}+)*|\\[[!-Z^-~]*\\])`;
const EMAIL = new RegExp(`^(?:${SPECIFICATION}|(?:${ATOM}|[. \\t]|${QUOTED})*<${SPECIFICATION}>)$`);
const LONGEST_EMAIL = 10_000;

/** Go takes a name before the address too: `Ann <ann@example.com>`. */
function isEmail(text: string): boolean {
  const hasOddSpace = /[^\S \t]/.test(text);
  return text.length <= LONGEST_EMAIL && !hasOddSpace && EMAIL.test(text.trim());
}

function isAddress(text: string): boolean {
  return isIPv4(text) || (isIPv6(text) && !text.includes('%'));
}

function urlOf(text: string): Url | undefined {
  if (text.includes('\\')) return undefined;
  try {
    return parseUrl(text);
  } catch (error) {
    if (error instanceof BuiltinError) return undefined;
    throw error;
  }
}

/** What opens is closed. */
function isUriTemplate(text: string): boolean {
  const path = urlOf(text)?.path;
  if (path === undefined) return false;
  for (let open = path.indexOf('{'); open >= 0; ) {
    const close = path.indexOf('}', open);
    if (close < 0) return false;
    open = path.indexOf('{', close);
  }
  return true;
}

function isPointer(text: string): boolean {
  return (text === '' || text.startsWith('/')) && !/~(?![01])/.test(text);
}

function isRelativePointer(text: string): boolean {
  const start = /^(?:0|[1-9][0-9]*)/.exec(text)?.[0];
  if (start === undefined) return false;
  const rest = text.slice(start.length);
  return rest === '#' || isPointer(rest);
}
