import {
  type Arrival,
  type JsonDocument,
  type JsonNode,
  type Message,
  type ProtocolVersion,
  STATELESS,
} from '../domain/index.js';
import { ProtocolError } from './error.js';
import { toolCall } from './jsonrpc/params.js';
import { decodedHeader } from './mirrored-headers.js';

/** An argument of a tool that a call repeats in a header, so that others can route by it. */
export interface MirroredArgument {
  /** The header's name in lower case. */
  readonly header: string;
  /** The members that lead to it from the call's arguments. */
  readonly path: readonly string[];
}

const ANNOTATION = 'x-mcp-header';
const PREFIX = 'mcp-param-';
/** A header's name (RFC 9110, section 5.6.2). */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;
/** What a header can repeat. MCP says integers, and clients are met that repeat any number. */
const REPEATABLE = ['string', 'integer', 'number', 'boolean'];

/**
 * Which arguments a tool wants repeated (MCP 2026-07-28, streamable HTTP, custom headers from tool parameters): those
 * marked in its input schema, at any depth of properties. A mark that stands elsewhere, or is no header's name, says
 * nothing.
 *
 * @param tool where the tool's definition stands, as `tools/list` gave it
 */
export function mirroredArguments(document: JsonDocument, tool: JsonNode): readonly MirroredArgument[] {
  const schema = document.member(tool, 'inputSchema');
  return schema === undefined ? [] : markedIn(document, schema, []);
}

function markedIn(document: JsonDocument, schema: JsonNode, path: readonly string[]): MirroredArgument[] {
  const properties = document.member(schema, 'properties');
  if (properties === undefined) return [];
  return [...document.members(properties)].flatMap(([key, property]) => {
    const inner = [...path, document.string(key)];
    const mark = textAt(document, property, ANNOTATION);
    if (mark === undefined || !TOKEN.test(mark)) return markedIn(document, property, inner);
    const isRepeatable = REPEATABLE.includes(textAt(document, property, 'type') ?? '');
    return isRepeatable ? [{ header: PREFIX + mark.toLowerCase(), path: inner }] : [];
  });
}

function textAt(document: JsonDocument, object: JsonNode, name: string): string | undefined {
  const node = document.member(object, name);
  return node !== undefined && document.kind(node) === 'string' ? document.string(node) : undefined;
}

/**
 * Checks that the headers which repeat a call's arguments say what these say. MCP 2026-07-28 demands one for each
 * marked argument that is there, and none for one that is missing or null; in every version one that is there must be
 * true. Headers for arguments that nobody marked pass.
 *
 * @param mirrored of the tool that is called
 * @throws ProtocolError `header_mismatch`
 */
export function mustMirrorArguments(
  message: Message,
  headers: Arrival['headers'],
  mirrored: readonly MirroredArgument[],
  version: ProtocolVersion,
): void {
  const { document } = message;
  const given = toolCall(message)?.arguments;
  for (const { header, path } of mirrored) {
    const value = argumentAt(document, given, path);
    const said = decodedHeader(header, headers[header]);
    if (value === undefined || document.kind(value) === 'null') {
      if (said !== undefined) refuse(`${header} repeats an argument that is not there`);
    } else if (said === undefined) {
      if (version === STATELESS) refuse(`${header} is missing`);
    } else if (typeof said !== 'string' || !says(document, value, said)) {
      refuse(`${header} does not say what the body says`);
    }
  }
}

function argumentAt(
  document: JsonDocument,
  given: JsonNode | undefined,
  path: readonly string[],
): JsonNode | undefined {
  return path.reduce<JsonNode | undefined>((node, name) => node && document.member(node, name), given);
}

function says(document: JsonDocument, value: JsonNode, said: string): boolean {
  const kind = document.kind(value);
  if (kind === 'string') return document.string(value) === said;
  const text = document.text(value);
  if (text === said) return kind !== 'object' && kind !== 'array';
  return kind === 'number' && isSameNumber(text, said);
}

const NUMBER = /^-?\d{1,400}(?:\.\d{1,400})?$/;

/** `42.0` is 42. Of numbers so long that a double rounds them only the same digits are the same. */
function isSameNumber(one: string, other: string): boolean {
  if (!NUMBER.test(one) || !NUMBER.test(other)) return false;
  return Number(one) === Number(other) && Math.abs(Number(one)) <= Number.MAX_SAFE_INTEGER;
}

function refuse(what: string): never {
  throw new ProtocolError('header_mismatch', what);
}
