import type {
  JsonDocument,
  JsonNode,
  Message,
  NotificationMessage,
  RequestMessage,
  ResponseMessage,
} from '../../domain/index.js';
import { ProtocolError } from '../error.js';
import { methodRule } from '../methods.js';
import { isInteger } from './integer.js';
import { membersNamed } from './members.js';
import { readId } from './request-id.js';

const ENVELOPE = ['jsonrpc', 'id', 'method', 'params', 'result', 'error'] as const;
/**
 * A method's name goes into logs, the audit and reasons, and may be one that nobody knows: it is short, and holds no
 * character that is not seen or that looks like another.
 */
const METHOD_NAME = /^[!-~]+$/;
const LONGEST_METHOD = 128;
type Envelope = ReadonlyMap<(typeof ENVELOPE)[number], JsonNode>;

/**
 * Reads a document as exactly one JSON-RPC 2.0 message, in the narrower form that MCP gives it: params and result
 * are objects, an id is a string or an integer. Members that JSON-RPC does not name are passed over.
 *
 * @throws ProtocolError batch, not_jsonrpc, envelope_case, mixed_envelope, bad_method, bad_id, missing_id,
 *   unexpected_id, invalid_params
 */
export function decodeMessage(document: JsonDocument): Message {
  const envelope = readEnvelope(document);
  const method = envelope.get('method');
  return method === undefined ? response(document, envelope) : call(document, envelope, method);
}

function readEnvelope(document: JsonDocument): Envelope {
  const kind = document.kind(document.root);
  if (kind === 'array') throw new ProtocolError('batch', 'a batch is not one message');
  if (kind !== 'object') throw new ProtocolError('not_jsonrpc', 'a message is an object');
  const envelope = membersNamed(document, document.root, ENVELOPE, 'envelope_case');
  const version = envelope.get('jsonrpc');
  if (version === undefined || document.kind(version) !== 'string' || document.string(version) !== '2.0')
    throw new ProtocolError('not_jsonrpc', 'a message has a member "jsonrpc", which is "2.0"');
  return envelope;
}

function call(
  document: JsonDocument,
  envelope: Envelope,
  methodNode: JsonNode,
): RequestMessage | NotificationMessage {
  if (envelope.has('result') || envelope.has('error'))
    throw new ProtocolError('mixed_envelope', 'a message with a method has neither result nor error');
  const params = envelope.get('params');
  if (params !== undefined && document.kind(params) !== 'object')
    throw new ProtocolError('invalid_params', 'params are an object', document.start(params));

  const method = readMethod(document, methodNode);
  const expected =
    methodRule(method)?.kind ?? (method.startsWith('notifications/') ? 'notification' : undefined);
  const idNode = envelope.get('id');
  if (idNode === undefined) {
    if (expected === 'request')
      throw new ProtocolError('missing_id', `${method} is a request, which has an id`);
    return { kind: 'notification', document, method, params };
  }
  const id = readId(document, idNode);
  if (expected === 'notification') throw new ProtocolError('unexpected_id', 'a notification has no id');
  return { kind: 'request', document, id, method, params };
}

function readMethod(document: JsonDocument, node: JsonNode): string {
  const at = document.start(node);
  if (document.kind(node) !== 'string') throw new ProtocolError('not_jsonrpc', 'a method is a string', at);
  const method = document.string(node);
  if (method.length > LONGEST_METHOD || !METHOD_NAME.test(method))
    throw new ProtocolError('bad_method', 'a method is not named by a few printable characters', at);
  return method;
}

function response(document: JsonDocument, envelope: Envelope): ResponseMessage {
  const result = envelope.get('result');
  const error = envelope.get('error');
  if (envelope.has('params') || (result !== undefined && error !== undefined))
    throw new ProtocolError('mixed_envelope', 'an answer has either a result or an error, and no params');
  const idNode = envelope.get('id');
  if (result !== undefined) {
    if (document.kind(result) !== 'object')
      throw new ProtocolError('not_jsonrpc', 'a result is an object', document.start(result));
    if (idNode === undefined) throw new ProtocolError('missing_id', 'a result has an id');
    return { kind: 'response', document, id: readId(document, idNode), outcome: 'result', body: result };
  }
  if (error !== undefined) {
    mustBeError(document, error);
    const unanswerable = idNode === undefined || document.kind(idNode) === 'null';
    const id = unanswerable ? undefined : readId(document, idNode);
    return { kind: 'response', document, id, outcome: 'error', body: error };
  }
  throw new ProtocolError('not_jsonrpc', 'a message has a method, a result or an error');
}

function mustBeError(document: JsonDocument, error: JsonNode): void {
  if (document.kind(error) === 'object') {
    const members = membersNamed(document, error, ['code', 'message', 'data'], 'envelope_case');
    const code = members.get('code');
    const message = members.get('message');
    if (
      code !== undefined &&
      isInteger(document, code) &&
      message !== undefined &&
      document.kind(message) === 'string'
    )
      return;
  }
  throw new ProtocolError(
    'not_jsonrpc',
    'an error is an object with an integer as its code and a string as its message',
    document.start(error),
  );
}
