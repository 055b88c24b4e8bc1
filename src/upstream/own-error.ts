import type { JsonObject } from '../domain/index.js';
import { literalAt, type Mark } from './envelope.js';

/** JSON-RPC codes of the errors that a road words itself, as an MCP server or client in its place would. */
export const OWN_ERROR = {
  INVALID_REQUEST: -32600,
  METHOD_NOT_FOUND: -32601,
  UNSUPPORTED_VERSION: -32022,
} as const;

/** An error in answer to the request of that id; the id keeps its text. */
export function ownError(
  request: { readonly text: Buffer; readonly id: Mark } | undefined,
  code: number,
  message: string,
  data?: JsonObject,
): Buffer {
  const id = request === undefined ? 'null' : literalAt(request.text, request.id);
  return Buffer.from(`{"jsonrpc":"2.0","id":${id},"error":${JSON.stringify({ code, message, data })}}`);
}
