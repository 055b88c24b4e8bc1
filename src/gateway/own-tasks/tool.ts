import type { RequestMessage } from '../../domain/index.js';
import { memberAt, readJson, toolCall } from '../../protocol/index.js';
import type { GatewayParts } from '../parts.js';

/** When a server makes a task of a call: never, where it is asked to, or of none but such calls. */
export type ServersTask = 'never' | 'on_request' | 'only_on_request';

/** What the server last listed of the tool that is called, `execution.taskSupport` (MCP 2025-11-25, tools). */
export async function serversTask(
  parts: GatewayParts,
  upstream: string,
  call: RequestMessage,
): Promise<ServersTask> {
  const name = toolCall(call)?.name;
  const listed = name === undefined ? undefined : await parts.tools.recall(upstream, name);
  if (listed?.definition === undefined) return 'never';
  const document = readJson(Buffer.from(listed.definition), { maxDepth: parts.settings.limits.depth });
  const node = memberAt(document, document.root, 'execution', 'taskSupport');
  const said = node === undefined ? undefined : document.value(node);
  if (said === 'required') return 'only_on_request';
  return said === 'optional' ? 'on_request' : 'never';
}
