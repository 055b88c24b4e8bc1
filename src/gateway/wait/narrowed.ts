import { type JsonDocument, Received } from '../../domain/index.js';
import {
  decodeMessage,
  knownVersion,
  mustFit,
  readJson,
  toolCall,
  withMember,
  withValue,
} from '../../protocol/index.js';
import type { GatewayParts } from '../parts.js';

/** Tells the caller, in the result's `_meta`, that other arguments ran than it had sent. */
const NARROWED_META = 'regate/narrowed';

/**
 * A tool call with the arguments that it was approved with, in place of its own; all else stays byte for byte. It is
 * read and held to its schema as any message.
 *
 * @param narrowed - JSON, as a text
 * @throws ProtocolError where it is then no call of a tool
 */
export function narrowedTo(
  parts: GatewayParts,
  { identified, session, message }: Received,
  narrowed: string,
): Received {
  const call = toolCall(message);
  const version = knownVersion(session.protocol_version);
  if (version === undefined) throw new TypeError('a session is of a version that is known');
  if (call === undefined || message.kind !== 'request' || message.params === undefined)
    throw new TypeError('only the arguments of a tool can be narrowed');
  const { document, params } = message;
  const bytes =
    call.arguments === undefined
      ? withMember(document, params, 'arguments', narrowed)
      : withValue(document, call.arguments, narrowed);
  const other = decodeMessage(readJson(bytes, { maxDepth: parts.settings.limits.depth }));
  toolCall(other);
  mustFit(other, version, undefined);
  return new Received(identified, session, 'to_server', other, undefined, 'rewritten');
}

/** A result that says that its call was narrowed, whatever it said of that before; what is no result stays as it is. */
export function tellNarrowed(document: JsonDocument): JsonDocument {
  const result = document.at('result');
  if (result === undefined || document.kind(result) !== 'object') return document;
  const meta = document.member(result, '_meta');
  const said = meta === undefined ? undefined : document.member(meta, NARROWED_META);
  if (meta === undefined)
    return readJson(withMember(document, result, '_meta', JSON.stringify({ [NARROWED_META]: true })));
  if (document.kind(meta) !== 'object') return document;
  return readJson(
    said === undefined
      ? withMember(document, meta, NARROWED_META, 'true')
      : withValue(document, said, 'true'),
  );
}
