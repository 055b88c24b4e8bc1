import type { JsonDocument, JsonNode, Message, RequestMessage } from '../../domain/index.js';
import { ProtocolError } from '../error.js';
import { membersNamed } from './members.js';

/** What a `tools/call` asks for. */
export interface ToolCall {
  readonly name: string;
  /** Where the arguments stand, where there are any; always an object. */
  readonly arguments: JsonNode | undefined;
}

/** What a client says of itself in `initialize`. */
export interface InitializeParams {
  /** As the client wrote it: it may be a version that nobody knows. */
  readonly protocolVersion: string;
  readonly clientName: string;
  readonly clientVersion: string;
}

/**
 * Reads which tool a message calls; undefined for every message but a `tools/call`.
 *
 * @throws ProtocolError invalid_params
 */
export function toolCall(message: Message): ToolCall | undefined {
  if (message.kind !== 'request' || message.method !== 'tools/call') return undefined;
  const { document } = message;
  const params = readObject(document, message.params, ['name', 'arguments'], 'params');
  const name = readString(document, params.get('name'), 'params.name');
  const given = params.get('arguments');
  if (given !== undefined && document.kind(given) !== 'object') refuse('params.arguments must be an object');
  return { name, arguments: given };
}

/** Requests about one task, which `params.taskId` names. */
const ABOUT_A_TASK = new Set(['tasks/get', 'tasks/result', 'tasks/update', 'tasks/cancel']);

/**
 * Reads which tasks a client's request is about, or wants to hear of; none for every other message.
 *
 * @throws ProtocolError invalid_params
 */
export function namedTasks(message: Message): readonly string[] {
  if (message.kind !== 'request') return [];
  const { document, method } = message;
  if (ABOUT_A_TASK.has(method)) {
    const params = readObject(document, message.params, ['taskId'], 'params');
    return [readString(document, params.get('taskId'), 'params.taskId')];
  }
  if (method !== 'subscriptions/listen') return [];
  const params = readObject(document, message.params, ['notifications'], 'params');
  const filter = readObject(document, params.get('notifications'), ['taskIds'], 'params.notifications');
  const ids = filter.get('taskIds');
  if (ids === undefined) return [];
  if (document.kind(ids) !== 'array') refuse('params.notifications.taskIds must be an array');
  return [...document.elements(ids)].map((id) => readString(document, id, 'a task id'));
}

/**
 * Reads the params of an `initialize` request.
 *
 * @throws ProtocolError invalid_params
 */
export function initializeParams(message: RequestMessage): InitializeParams {
  const { document } = message;
  const params = readObject(document, message.params, ['protocolVersion', 'clientInfo'], 'params');
  const client = readObject(document, params.get('clientInfo'), ['name', 'version'], 'params.clientInfo');
  return {
    protocolVersion: readString(document, params.get('protocolVersion'), 'params.protocolVersion'),
    clientName: readString(document, client.get('name'), 'params.clientInfo.name'),
    clientVersion: readString(document, client.get('version'), 'params.clientInfo.version'),
  };
}

function readObject<Name extends string>(
  document: JsonDocument,
  node: JsonNode | undefined,
  names: readonly Name[],
  what: string,
): ReadonlyMap<Name, JsonNode> {
  if (node === undefined || document.kind(node) !== 'object') refuse(`${what} must be an object`);
  return membersNamed(document, node, names, 'invalid_params');
}

function readString(document: JsonDocument, node: JsonNode | undefined, what: string): string {
  if (node === undefined || document.kind(node) !== 'string') refuse(`${what} must be a string`);
  return document.string(node);
}

function refuse(what: string): never {
  throw new ProtocolError('invalid_params', what);
}
