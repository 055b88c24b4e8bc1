import type { JsonDocument, JsonNode, Message, RequestId } from '../../domain/index.js';
import { ProtocolError } from '../error.js';
import { isInteger } from './integer.js';

/**
 * Reads a string or an integer literal of any length as an id.
 *
 * The key is the id's canonical JSON text: a string's with only the escapes that JSON.stringify needs, so that
 * `"\u0061"` and `"a"` have one key; an integer's digits, so that `1` and `"1"` have two. `-0` is 0.
 *
 * @throws ProtocolError bad_id
 */
export function readId(document: JsonDocument, node: JsonNode): RequestId {
  const text = document.text(node);
  if (document.kind(node) === 'string') return { key: JSON.stringify(document.string(node)), text };
  if (isInteger(document, node)) return { key: text === '-0' ? '0' : text, text };
  throw new ProtocolError('bad_id', 'an id is neither a string nor an integer', document.start(node));
}

/**
 * The id under which a refused body can be answered: that of a request, however broken the rest of it is. Undefined
 * where there is none, and for answers, whose ids belong to the other side's requests.
 */
export function idToAnswer(document: JsonDocument): RequestId | undefined {
  const id = document.at('id');
  if (id === undefined || document.at('method') === undefined) return undefined;
  return document.kind(id) === 'string' || isInteger(document, id) ? readId(document, id) : undefined;
}

/** The request that a `notifications/cancelled` takes back; undefined where it names none, and for all else. */
export function cancelledId(message: Message): RequestId | undefined {
  if (message.kind !== 'notification' || message.method !== 'notifications/cancelled') return undefined;
  const { document, params } = message;
  const id = params && document.member(params, 'requestId');
  if (id === undefined) return undefined;
  return document.kind(id) === 'string' || isInteger(document, id) ? readId(document, id) : undefined;
}
