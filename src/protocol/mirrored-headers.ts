import { type Arrival, type Message, type ProtocolVersion, STATELESS } from '../domain/index.js';
import { ProtocolError } from './error.js';

/** What `Mcp-Name` repeats, by method: the member of `params` that names what the request is about. */
const NAMED_BY: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

/** How a header carries a value that HTTP's fields cannot (MCP 2026-07-28, streamable HTTP, value encoding). */
const ENCODED = { start: '=?base64?', end: '?=' } as const;

/**
 * Checks that the headers which repeat a message say what it says, so that whoever routes by the headers and whoever
 * runs the body cannot be told different things. MCP 2026-07-28 demands them; in every version one that is there must
 * be true.
 *
 * @throws ProtocolError `header_mismatch`
 */
export function mustMirror(message: Message, headers: Arrival['headers'], version: ProtocolVersion): void {
  const demanded = version === STATELESS;
  if (demanded && headers['mcp-protocol-version'] === undefined) refuse('MCP-Protocol-Version is missing');
  const method = message.kind === 'response' ? undefined : message.method;
  compare('Mcp-Method', headers['mcp-method'], method, demanded);
  compare('Mcp-Name', decodedHeader('Mcp-Name', headers['mcp-name']), nameOf(message), demanded);
}

function compare(
  header: string,
  said: string | readonly string[] | undefined,
  body: string | undefined,
  demanded: boolean,
): void {
  if (said === undefined) {
    if (demanded && body !== undefined) refuse(`${header} is missing`);
  } else if (said !== body) refuse(`${header} does not say what the body says`);
}

/** What a request is about; undefined where its method has no such member, or the member is no string. */
function nameOf(message: Message): string | undefined {
  if (message.kind !== 'request' || message.params === undefined) return undefined;
  const { document, params } = message;
  const member = NAMED_BY.get(message.method);
  const node = member === undefined ? undefined : document.member(params, member);
  return node !== undefined && document.kind(node) === 'string' ? document.string(node) : undefined;
}

/**
 * What a header says that repeats a value of the body, which may be encoded.
 *
 * @throws ProtocolError `header_mismatch` where it cannot be read
 */
export function decodedHeader(
  name: string,
  header: string | readonly string[] | undefined,
): string | readonly string[] | undefined {
  if (typeof header !== 'string') return header;
  if (!header.startsWith(ENCODED.start) || !header.endsWith(ENCODED.end)) {
    // Node reads a header's bytes as Latin-1, the upstream may read them as UTF-8.
    if (!/^[\t\x20-\x7e]*$/.test(header)) refuse(`${name} holds what no header may hold`);
    return header;
  }
  const base64 = header.slice(ENCODED.start.length, -ENCODED.end.length);
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.toString('base64') !== base64) refuse(`${name} is not the Base64 that it says it is`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return refuse(`${name} does not hold UTF-8`);
  }
}

/** A value as a header carries it (MCP 2026-07-28, streamable HTTP, value encoding). */
export function encodedHeader(value: string): string {
  const isPlain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value);
  if (isPlain && !value.startsWith(ENCODED.start)) return value;
  return `${ENCODED.start}${Buffer.from(value).toString('base64')}${ENCODED.end}`;
}

function refuse(what: string): never {
  throw new ProtocolError('header_mismatch', what);
}
