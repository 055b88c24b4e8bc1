import type { JsonDocument, JsonNode } from '../../domain/index.js';
import { memberAt, readJson, withValue } from '../../protocol/index.js';
import type { GatewayParts } from '../parts.js';
import { TASK_PLACES } from '../tasks.js';

/** A message in which a task has the name that its caller knows; all else stays byte for byte. */
export function renamed(
  { settings }: GatewayParts,
  message: JsonDocument,
  from: string,
  to: string,
): JsonDocument {
  let document = message;
  for (const place of TASK_PLACES) {
    const node = memberAt(document, document.root, ...place);
    if (!isText(document, node, from)) continue;
    document = readJson(withValue(document, node, JSON.stringify(to)), { maxDepth: settings.limits.depth });
  }
  return document;
}

/** Whether a value is this string. */
export function isText(document: JsonDocument, node: JsonNode | undefined, text: string): node is JsonNode {
  return node !== undefined && document.kind(node) === 'string' && document.string(node) === text;
}
