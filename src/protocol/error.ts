import { type JsonObject, RegateError } from '../domain/index.js';

const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;
const METHOD_NOT_FOUND = -32601;
const INVALID_PARAMS = -32602;
const INTERNAL_ERROR = -32603;
/** MCP's own, since 2026-07-28. */
const HEADER_MISMATCH = -32020;
const UNSUPPORTED_PROTOCOL_VERSION = -32022;

/**
 * Every reason for which bytes are no message of ours, and the JSON-RPC error (section 5.1) for whoever sent them.
 * What an upstream does wrong is an internal error to the client, whatever it was: that is the gateway's to say.
 */
export const JSON_RPC_CODE = {
  // These bytes are no JSON text.
  empty_body: PARSE_ERROR,
  byte_order_mark: PARSE_ERROR,
  not_utf8: PARSE_ERROR,
  not_json: PARSE_ERROR,
  // JSON, but not exactly one message that everybody reads the same.
  duplicate_member: INVALID_REQUEST,
  lone_surrogate: INVALID_REQUEST,
  number_range: INVALID_REQUEST,
  too_deep: INVALID_REQUEST,
  too_big: INVALID_REQUEST,
  batch: INVALID_REQUEST,
  not_jsonrpc: INVALID_REQUEST,
  envelope_case: INVALID_REQUEST,
  mixed_envelope: INVALID_REQUEST,
  bad_method: INVALID_REQUEST,
  bad_id: INVALID_REQUEST,
  missing_id: INVALID_REQUEST,
  unexpected_id: INVALID_REQUEST,
  // One message, but of which version of MCP?
  version_unknown: INVALID_REQUEST,
  version_mismatch: INVALID_REQUEST,
  version_unsupported: UNSUPPORTED_PROTOCOL_VERSION,
  header_mismatch: HEADER_MISMATCH,
  // One message, but not one that MCP lets this side send.
  method_unknown: METHOD_NOT_FOUND,
  method_direction: METHOD_NOT_FOUND,
  method_not_found: METHOD_NOT_FOUND,
  invalid_params: INVALID_PARAMS,
  invalid_result: INVALID_PARAMS,
  // Only an upstream sends events.
  event_too_big: INTERNAL_ERROR,
} as const satisfies Record<string, number>;

/** Stable; see {@link JSON_RPC_CODE} for what each is meant to become. */
export type ProtocolErrorCode = keyof typeof JSON_RPC_CODE;

const NEXT_STEP: Record<ProtocolErrorCode, string> = {
  empty_body: 'Send one JSON-RPC message as the body.',
  byte_order_mark: 'Send UTF-8 without a byte-order mark.',
  not_utf8: 'Encode the body as UTF-8.',
  not_json: 'Send exactly one JSON text as RFC 8259 defines it.',
  duplicate_member: 'Name each member of an object once.',
  lone_surrogate: 'Escape a character outside the basic plane as a pair of surrogates.',
  number_range: 'Send a number that fits a double, or send it as a string.',
  too_deep: 'Nest objects and arrays less deeply.',
  too_big: 'Send a smaller message.',
  batch: 'Send each message of the batch on its own.',
  not_jsonrpc: 'Send a JSON-RPC 2.0 message object.',
  envelope_case: 'Spell the names of JSON-RPC members as the specification does, in lower case.',
  mixed_envelope: 'Send either a method with its params, or a result, or an error.',
  bad_method: 'Name the method in at most 128 printable ASCII characters without spaces.',
  bad_id: 'Use a string or an integer as the id.',
  missing_id: 'Give the message an id.',
  unexpected_id: 'Send the notification without an id.',
  version_unknown: 'Name a version of MCP that the gateway knows, or start a new session.',
  version_mismatch: 'Name the version on which the session agreed.',
  version_unsupported: 'Choose one of the versions in error.data.supported.',
  header_mismatch: 'Send the headers that MCP 2026-07-28 demands, each with what the body says.',
  method_unknown: 'Use a method that this version of MCP defines.',
  method_direction: 'Let the side send it that MCP defines as its sender.',
  method_not_found: 'Use a method that this version of MCP defines.',
  invalid_params: "Send params as MCP's schema of the method defines them.",
  invalid_result: "Answer as MCP's schema of the request that is answered defines it.",
  event_too_big: 'Ask the server for less at once, or raise the limit on the size of a message.',
};

/**
 * Bytes that are no message, or a message that may not travel. Never holds any of the message's content, but for the
 * version in `data` that MCP wants repeated.
 */
export class ProtocolError extends RegateError<ProtocolErrorCode> {
  /** Offset in the bytes at which reading stopped, where there is one. */
  readonly offset: number | undefined;
  /** What the sender negotiates from: members of the JSON-RPC error's `data`. */
  readonly data: JsonObject;

  constructor(code: ProtocolErrorCode, message: string, offset?: number, data: JsonObject = {}) {
    super(code, offset === undefined ? message : `${message} at byte ${offset}`, NEXT_STEP[code]);
    this.offset = offset;
    this.data = data;
  }
}
