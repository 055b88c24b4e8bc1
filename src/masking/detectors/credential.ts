import type { Span } from '../span.js';
import type { Detector } from './detector.js';
import { labelWords } from './label-words.js';
import { isPlaceholder } from './placeholder.js';

/** What says that a password follows: it may be any word. */
const PASSWORD = ['password', 'passwd', 'passphrase', 'passcode', 'pwd'] as const;
/** What says that a secret follows, one made by a machine. */
const SECRET = [
  'secret',
  'token',
  'apikey',
  'api_key',
  'api-key',
  'access_key',
  'access-key',
  'private_key',
  'credential',
] as const;
/** Ways to send one (RFC 7617, RFC 6750). */
const SCHEMES = ['bearer', 'basic'] as const;

/** Tokens of these kinds are positions in a list or in a conversation, and open nothing. */
const HARMLESS = new Set([
  'page',
  'next',
  'previous',
  'prev',
  'continuation',
  'continue',
  'cursor',
  'sync',
  'progress',
  'cancel',
  'cancellation',
  'resume',
  'delta',
  'paging',
  'pagination',
  'design',
  'mention',
  'max',
  'min',
  'total',
  'input',
  'output',
  'prompt',
  'completion',
  'stop',
  'end',
  'start',
  'public',
  'idempotency',
]);
/** The last words of a label whose value is a password. */
const PASSWORD_LABELS = new Set<string>(PASSWORD);
/** The last words of a label whose value is a secret. */
const SECRET_LABELS = new Set([
  'secret',
  'token',
  'apikey',
  'api key',
  'access key',
  'secret key',
  'private key',
  'signing key',
  'encryption key',
  'master key',
  'account key',
  'auth key',
  'session key',
  'service key',
  'authorization',
  'credential',
  'credentials',
]);

/** A longer one is data. A token may be as long as this, of a password only so much is looked at. */
const MAX_VALUE = 4_096;
const MAX_LOOK = 512;
const LEAST_PASSWORD = 4;
const LEAST_SECRET = 8;
const LEAST_SENT = 12;
/** What may stand between a name and its value: quotes, an equals sign or a colon, a few spaces. */
const PARTING = /^[\\"'`\]]{0,3} {0,4}(:=|=>|==?|:)?(?: {0,4}|\s)\\?["'`]?/;
const VALUE = /[^\s"'`,;&<>(){}[\]|\\]/;

/**
 * Passwords, tokens and other secrets, by the name that stands before them: of a member, `{"clientSecret": …}`, or in the
 * text, `password=…`, `--token …`, `Authorization: Bearer …`. Placeholders and the tokens of paging are none.
 */
export const credential: Detector = {
  name: 'credential',
  signs: [
    ...PASSWORD,
    ...SECRET,
    ...SCHEMES,
    'secret key',
    'apiKey',
    'accessKey',
    'privateKey',
    'signing',
    'encryption',
    'masterKey',
    'master_key',
    'accountKey',
    'account_key',
    'authKey',
    'auth_key',
    'session',
    'serviceKey',
    'service_key',
    'authorization',
  ].map((word) => ({ word })),

  find(text, label) {
    const kind = label === undefined ? undefined : kindOf(labelWords(label));
    if (kind !== undefined && isLabelled(text, kind)) return [{ start: 0, end: text.length }];
    return findNamed(text);
  },
};

type Kind = 'password' | 'secret';

/** What the value of a member of this name is. */
function kindOf(words: readonly string[]): Kind | undefined {
  const last = words.at(-1) ?? '';
  const before = words.at(-2) ?? '';
  if (PASSWORD_LABELS.has(last)) return 'password';
  if (HARMLESS.has(before)) return undefined;
  return SECRET_LABELS.has(last) || SECRET_LABELS.has(`${before} ${last}`) ? 'secret' : undefined;
}

function isLabelled(text: string, kind: Kind): boolean {
  if (text.length > MAX_VALUE || isPlaceholder(text.trim())) return false;
  if (kind === 'password') return text.length >= LEAST_PASSWORD && text.length <= 128;
  const bare = text.replace(/^(?:bearer|basic|token) +/i, '');
  return bare.length >= LEAST_SECRET && !/\s/.test(bare);
}

function findNamed(text: string): Span[] {
  const found: Span[] = [];
  const lowered = text.toLowerCase();
  // A few characters become longer in lower case; then offsets would not be those of the text.
  if (lowered.length !== text.length) return found;
  const values = valuesOf(text);
  for (const word of PASSWORD) collect(word, (from, name) => passwordAt(text, values, from, name));
  for (const word of SECRET) collect(word, (from) => secretAt(text, values, from));
  for (const word of SCHEMES) collect(word, (from) => sentAt(text, values, from));
  return apart(found);

  function collect(word: string, valueAt: (from: number, name: number) => Span | undefined): void {
    for (let at = lowered.indexOf(word); at !== -1; ) {
      const value = valueAt(at + word.length, at);
      if (value !== undefined) found.push(value);
      at = lowered.indexOf(word, value?.end ?? at + word.length);
    }
  }
}

/** `password=x`, `password: x`, `--password x`. */
function passwordAt(text: string, values: Values, from: number, name: number): Span | undefined {
  const option = /(?:^|\s)--?[\w-]*$/.test(text.slice(Math.max(0, name - 24), name));
  const assigned = assignment(text, from, option);
  if (assigned === undefined) return undefined;
  const value = values(assigned.at);
  if (value === undefined || value.end - value.start < LEAST_PASSWORD) return undefined;
  // After a colon and a space a sentence may go on; after an equals sign or an option none does.
  return assigned.isTight || option || isUncommon(said(text, value)) ? value : undefined;
}

function secretAt(text: string, values: Values, from: number): Span | undefined {
  const assigned = assignment(text, from, false);
  if (assigned === undefined) return undefined;
  const value = values(assigned.at);
  if (value === undefined || value.end - value.start < LEAST_SECRET) return undefined;
  return isMachineMade(said(text, value)) ? value : undefined;
}

/** What follows the name of an authentication scheme, without an equals sign. */
function sentAt(text: string, values: Values, from: number): Span | undefined {
  const value = text.charAt(from) === ' ' ? values(from + 1) : undefined;
  if (value === undefined || value.end - value.start < LEAST_SENT) return undefined;
  return isMachineMade(said(text, value)) ? value : undefined;
}

/** Where the value begins that is assigned to a name which ends at `from`, and whether no space parts them. */
function assignment(
  text: string,
  from: number,
  option: boolean,
): { at: number; isTight: boolean } | undefined {
  const parting = PARTING.exec(text.slice(from, from + 24));
  if (parting === null) return undefined;
  const at = from + parting[0].length;
  const sign = parting[1];
  if (sign === undefined) return option && parting[0].startsWith(' ') ? { at, isTight: true } : undefined;
  return { at, isTight: sign !== ':' || !parting[0].includes(' ') };
}

/** The value that stands at an offset, without the dot of its sentence; undefined for none, and for a placeholder. */
type Values = (start: number) => Span | undefined;

function valuesOf(text: string): Values {
  /** Values that overlap end together, and need be walked along once only. */
  let walked: Span = { start: 0, end: 0 };
  return (start) => {
    if (start < walked.start || start >= walked.end) walked = { start, end: valueEnd(text, start) };
    let end = Math.min(walked.end, start + MAX_VALUE);
    while (end > start && /[.!?:]/.test(text.charAt(end - 1))) end -= 1;
    if (end <= start || /[<({[$]/.test(text.charAt(start)) || /[<({[]/.test(text.charAt(start - 1)))
      return undefined;
    const value = { start, end };
    return isPlaceholder(said(text, value)) ? undefined : value;
  };
}

function valueEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length && VALUE.test(text.charAt(end))) end += 1;
  return end;
}

/** What has to be looked at to judge a value. */
function said(text: string, { start, end }: Span): string {
  return text.slice(start, Math.min(end, start + MAX_LOOK));
}

/** Whether it is no plain word: it has a digit, a sign between others, or a capital letter behind a small one. */
function isUncommon(value: string): boolean {
  return /\d|[a-z][A-Z]|\w[^\w\s.'’-]+\w|[!@#$%^*]$/.test(value);
}

/** Whether it is more than words: digits among other characters, or capital and small letters that change at least twice. */
function isMachineMade(value: string): boolean {
  if (/^[a-z]+(?:[-_./][a-z]+)*[-_.v]*\d{0,3}$/i.test(value) && !/[a-z][A-Z]/.test(value)) return false;
  return /\d/.test(value) ? isUncommon(value) : (value.match(/[a-z][A-Z]/g)?.length ?? 0) >= 2;
}

function apart(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of spans.toSorted((one, other) => one.start - other.start || other.end - one.end)) {
    if (span.start >= (result.at(-1)?.end ?? 0)) result.push(span);
  }
  return result;
}
