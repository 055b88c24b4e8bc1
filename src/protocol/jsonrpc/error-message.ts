import type { JsonObject, RequestId } from '../../domain/index.js';

/**
 * Words a JSON-RPC error response (section 5.1) as UTF-8.
 *
 * @param id the id of the request that it answers, echoed as it was written; null stands where there is none
 */
export function errorMessage(
  id: RequestId | undefined,
  code: number,
  message: string,
  data?: JsonObject,
): Buffer {
  const error = JSON.stringify({ code, message, data });
  return Buffer.from(`{"jsonrpc":"2.0","id":${id?.text ?? 'null'},"error":${error}}`);
}
