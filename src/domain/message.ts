import type { JsonDocument, JsonNode } from './json.js';

/** Which way a message travels through the gateway. */
export type Direction = 'to_server' | 'to_client';

/** Every version of MCP that the gateway carries, oldest first. */
export const PROTOCOL_VERSIONS = [
  '2024-11-05',
  '2025-03-26',
  '2025-06-18',
  '2025-11-25',
  '2026-07-28',
] as const;

export type ProtocolVersion = (typeof PROTOCOL_VERSIONS)[number];

/** The version without sessions: each request says by itself what `initialize` said before it. */
export const STATELESS = '2026-07-28' satisfies ProtocolVersion;

/** The versions whose two sides keep a session, in which the server can ask too; oldest first. */
export const WITH_SESSIONS = PROTOCOL_VERSIONS.filter((version) => version !== STATELESS);

/**
 * A JSON-RPC id. `text` is the literal as it was sent, for echoing; `key` is the same for equal ids however they
 * were escaped, and differs between `1` and `"1"`, for matching an answer to its request.
 */
export interface RequestId {
  readonly key: string;
  readonly text: string;
}

interface Envelope {
  readonly document: JsonDocument;
}

/** A JSON-RPC request: it has an id and will be answered. */
export interface RequestMessage extends Envelope {
  readonly kind: 'request';
  readonly id: RequestId;
  readonly method: string;
  /** Where `params` stands in the document, where there are any; always an object. */
  readonly params: JsonNode | undefined;
}

/** A JSON-RPC notification: it has no id and is never answered. */
export interface NotificationMessage extends Envelope {
  readonly kind: 'notification';
  readonly method: string;
  readonly params: JsonNode | undefined;
}

/** A JSON-RPC response: the answer to the request of that id, or an error for a request that could not be read. */
export interface ResponseMessage extends Envelope {
  readonly kind: 'response';
  /** Undefined only on an error whose id is null or missing (JSON-RPC 2.0, section 5). */
  readonly id: RequestId | undefined;
  readonly outcome: 'result' | 'error';
  /** Where `result` or `error` stands in the document. */
  readonly body: JsonNode;
}

/** Exactly one JSON-RPC 2.0 message, read strictly. Made by `protocol`'s decoder only. */
export type Message = RequestMessage | NotificationMessage | ResponseMessage;
