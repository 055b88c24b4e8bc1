/**
 * Finds the few members of a JSON-RPC message by which a road routes it, and where their bytes stand.
 *
 * This is no decoder and nothing is trusted because of it: what goes to a server was decoded strictly before, what
 * comes from one is decoded strictly by the pipeline afterwards. What it makes of a malformed text decides at most
 * which caller is told that the text is malformed.
 */
import { createHash } from 'node:crypto';

/** Where a value stands in a text: the offset of its first byte, and the one past its last. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A string or number that two messages have in common, such as an id. */
export interface Mark extends Span {
  /** Equal for equal values however they were escaped, different for `1` and `"1"`; compares digits, not doubles. */
  readonly key: string;
}

/** What a road needs to know of a message. */
export interface Envelope {
  /** Undefined on a response. */
  readonly method: string | undefined;
  readonly id: Mark | undefined;
  /** Whether it is a response that is no error. */
  readonly hasResult: boolean;
  /** A request's `params._meta.progressToken`, or that which a progress notification carries. */
  readonly progressToken: Mark | undefined;
  /** The request that a `notifications/cancelled` is about. */
  readonly cancels: Mark | undefined;
  /** Whether it asks for a task: what it begins goes on after its answer (MCP 2025-11-25, tasks). */
  readonly beginsTask: boolean;
}

/** A message that wants an answer. */
export type Request = Envelope & { readonly id: Mark };

const SUBSCRIPTION_ID = 'io.modelcontextprotocol/subscriptionId';

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
/** A longer key is replaced by its digest, so that a table of unanswered ids stays small. */
const LONGEST_KEY = 128;

/** Reads what stands in a JSON-RPC message for routing; undefined where the text is no JSON object. */
export function readEnvelope(text: Buffer): Envelope | undefined {
  const members = membersOf(text, { start: 0, end: text.length });
  if (members === undefined) return undefined;
  const method = stringAt(text, members.get('method'));
  const params = method === undefined ? undefined : membersOf(text, members.get('params'));
  const holder = method === 'notifications/progress' ? params : membersOf(text, params?.get('_meta'));
  return {
    method,
    id: markAt(text, members.get('id')),
    hasResult: members.has('result'),
    progressToken: markAt(text, holder?.get('progressToken')),
    cancels: method === 'notifications/cancelled' ? markAt(text, params?.get('requestId')) : undefined,
    beginsTask: params?.has('task') === true,
  };
}

/** Whether a message wants an answer. */
export function isRequest<Message extends Envelope>(
  message: Message,
): message is Message & { readonly id: Mark } {
  return message.method !== undefined && message.id !== undefined;
}

/**
 * The id of the `subscriptions/listen` on whose stream a notification or an answer belongs (MCP 2026-07-28,
 * subscriptions).
 */
export function readSubscription(text: Buffer): Mark | undefined {
  const members = membersOf(text, { start: 0, end: text.length });
  const holder = membersOf(text, members?.get('params') ?? members?.get('result'));
  return markAt(text, membersOf(text, holder?.get('_meta'))?.get(SUBSCRIPTION_ID));
}

/** The code of the error that a response is; undefined where it is none, or has none. */
export function readErrorCode(text: Buffer): string | undefined {
  const members = membersOf(text, { start: 0, end: text.length });
  return markAt(text, membersOf(text, members?.get('error'))?.get('code'))?.key;
}

/** A text with some of its values replaced by other JSON; the rest stays byte for byte. */
export function splice(text: Buffer, replacements: readonly (readonly [Span, string])[]): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (const [span, json] of [...replacements].sort(([one], [other]) => one.start - other.start)) {
    parts.push(text.subarray(at, span.start), Buffer.from(json));
    at = span.end;
  }
  return Buffer.concat([...parts, text.subarray(at)]);
}

/** A value's own text. */
export function literalAt(text: Buffer, span: Span): string {
  return text.toString('utf8', span.start, span.end);
}

/** A string's value; undefined for anything else. */
export function stringAt(text: Buffer, span: Span | undefined): string | undefined {
  if (span === undefined || text[span.start] !== QUOTE) return undefined;
  try {
    return JSON.parse(literalAt(text, span)) as string;
  } catch {
    return undefined; // no JSON string: whoever decodes the message says so
  }
}

function markAt(text: Buffer, span: Span | undefined): Mark | undefined {
  if (span === undefined) return undefined;
  const first = text[span.start] ?? 0;
  if (first === MINUS || (first >= ZERO && first <= NINE)) {
    const digits = literalAt(text, span);
    return { ...span, key: bounded(digits === '-0' ? '0' : digits) };
  }
  const value = stringAt(text, span);
  return value === undefined ? undefined : { ...span, key: bounded(JSON.stringify(value)) };
}

function bounded(key: string): string {
  return key.length <= LONGEST_KEY ? key : `sha256:${createHash('sha256').update(key).digest('hex')}`;
}

/** The members of an object by their unescaped names; undefined where nothing but one object stands there. */
function membersOf(text: Buffer, span: Span | undefined): ReadonlyMap<string, Span> | undefined {
  if (span === undefined) return undefined;
  const members = new Map<string, Span>();
  let at = skipSpace(text, span.start);
  if (text[at] !== OPEN_BRACE) return undefined;
  at = skipSpace(text, at + 1);
  while (text[at] !== CLOSE_BRACE) {
    const nameEnd = endOfValue(text, at);
    const name = stringAt(text, { start: at, end: nameEnd });
    at = skipSpace(text, nameEnd);
    if (name === undefined || text[at] !== COLON) return undefined;
    const start = skipSpace(text, at + 1);
    const end = endOfValue(text, start);
    if (end === start) return undefined;
    members.set(name, { start, end });
    at = skipSpace(text, end);
    if (text[at] === COMMA) at = skipSpace(text, at + 1);
    else if (text[at] !== CLOSE_BRACE) return undefined;
  }
  return skipSpace(text, at + 1) >= span.end ? members : undefined;
}

/** The offset past the value that begins at `at`, in one pass; that of the text's end where it is cut off. */
function endOfValue(text: Buffer, at: number): number {
  let depth = 0;
  let end = at;
  while (end < text.length) {
    const byte = text[end];
    if (byte === QUOTE) end = endOfString(text, end);
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
      end += 1;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (depth === 0) return end;
      depth -= 1;
      end += 1;
    } else if (depth === 0) return endOfWord(text, end);
    else end += 1;
    if (depth === 0) return end;
  }
  return text.length;
}

function endOfWord(text: Buffer, at: number): number {
  let end = at;
  while (end < text.length && !isSpace(text[end]) && !isPunctuation(text[end])) end += 1;
  return end;
}

function isPunctuation(byte: number | undefined): boolean {
  return byte === COMMA || byte === COLON || byte === CLOSE_BRACE || byte === CLOSE_BRACKET;
}

function endOfString(text: Buffer, opening: number): number {
  let at = opening + 1;
  for (;;) {
    const quote = text.indexOf(QUOTE, at);
    if (quote === -1) return text.length;
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}

function skipSpace(text: Buffer, at: number): number {
  let after = at;
  while (isSpace(text[after])) after += 1;
  return after;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
