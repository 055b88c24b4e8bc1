import type { JsonObject, RequestId } from '../../domain/index.js';

/** Words a JSON-RPC response with a result (section 5) as UTF-8; the id is echoed as it was written. */
export function resultMessage(id: RequestId, result: JsonObject): Buffer {
  return Buffer.from(`{"jsonrpc":"2.0","id":${id.text},"result":${JSON.stringify(result)}}`);
}

/** Words `notifications/progress` as UTF-8. @param token - as JSON, just as the request has it */
export function progressMessage(token: string, progress: number, message?: string): Buffer {
  const rest = JSON.stringify({ progress, message }).slice(1);
  const params = `{"progressToken":${token},${rest}`;
  return Buffer.from(`{"jsonrpc":"2.0","method":"notifications/progress","params":${params}}`);
}

/** Words a JSON-RPC notification as UTF-8. */
export function notificationMessage(method: string, params: JsonObject): Buffer {
  return Buffer.from(JSON.stringify({ jsonrpc: '2.0', method, params }));
}
