import type { JsonDocument, JsonNode, Message } from '../../domain/index.js';
import { ProtocolError } from '../error.js';
import { membersNamed } from './members.js';

const VERSION = 'io.modelcontextprotocol/protocolVersion';
const CLIENT = 'io.modelcontextprotocol/clientInfo';

/** What a message of MCP 2026-07-28 says of whoever sends it; before, a session's `initialize` said it. */
export interface RequestMeta {
  readonly protocolVersion: string | undefined;
  /** Empty where the client does not say. */
  readonly clientName: string;
  readonly clientVersion: string;
}

/**
 * Reads `params._meta` of a request or notification.
 *
 * @throws ProtocolError `invalid_params`
 */
export function requestMeta(message: Message): RequestMeta {
  const nothing = { protocolVersion: undefined, clientName: '', clientVersion: '' };
  if (message.kind === 'response' || message.params === undefined) return nothing;
  const { document } = message;
  const meta = membersNamed(document, message.params, ['_meta'], 'invalid_params').get('_meta');
  if (meta === undefined) return nothing;
  if (document.kind(meta) !== 'object')
    throw new ProtocolError('invalid_params', 'params._meta is an object', document.start(meta));
  const members = membersNamed(document, meta, [VERSION, CLIENT], 'invalid_params');
  const version = members.get(VERSION);
  if (version !== undefined && document.kind(version) !== 'string')
    throw new ProtocolError('invalid_params', 'a version of MCP is a string', document.start(version));
  const client = members.get(CLIENT);
  return {
    protocolVersion: version && document.string(version),
    clientName: textAt(document, client, 'name'),
    clientVersion: textAt(document, client, 'version'),
  };
}

function textAt(document: JsonDocument, object: JsonNode | undefined, name: string): string {
  const node = object && document.member(object, name);
  return node !== undefined && document.kind(node) === 'string' ? document.string(node) : '';
}
