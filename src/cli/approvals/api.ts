import { callGateway, type GatewayOptions, sendToGateway } from '../gateway-api.js';

const API = '/api/approvals';

/**
 * Asks the gateway's API for approvals.
 *
 * @param path below `/api/approvals`
 * @throws UsageError `unreachable`, `refused`
 */
export function call(
  options: GatewayOptions,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
): Promise<unknown> {
  return callGateway(options, method, API + path, body);
}

/**
 * Opens the stream of changes.
 *
 * @returns each event's name and data
 * @throws UsageError `unreachable`, `refused`
 */
export async function* changes(
  options: GatewayOptions,
  signal: AbortSignal,
): AsyncGenerator<{ readonly event: string; readonly data: string }> {
  const response = await sendToGateway(options, `${API}/events`, signal);
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n');
      text = text.slice(end + 2);
      const [event, data] = ['event: ', 'data: '].map((field) =>
        lines.find((line) => line.startsWith(field))?.slice(field.length),
      );
      if (event !== undefined && data !== undefined) yield { event, data };
    }
  }
}
