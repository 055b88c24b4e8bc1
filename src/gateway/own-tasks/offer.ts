import type { JsonDocument, JsonNode, JsonObject, JsonValue, RequestMessage } from '../../domain/index.js';
import { memberAt, readJson, withMember, withValue } from '../../protocol/index.js';
import type { GatewayParts } from '../parts.js';
import { ASKS_FOR_TASKS } from './task.js';

const EXTENSION = 'io.modelcontextprotocol/tasks';

/**
 * Says in a server's answer that calls may be tasks: in what it can do, and with each tool that it lists. Where it says so
 * itself, nothing is changed.
 */
export function offerTasks(
  { settings }: GatewayParts,
  { id, method }: RequestMessage,
): (document: JsonDocument) => JsonDocument {
  const read = (bytes: Buffer) => readJson(bytes, { maxDepth: settings.limits.depth });
  return (document) => {
    const answered = document.at('id');
    const result = document.at('result');
    if (answered === undefined || document.text(answered) !== id.text || result === undefined)
      return document;
    if (method === 'tools/list') return inTools(document, result, read);
    return method === 'initialize' ? inSession(document, result, read) : inDiscovery(document, result, read);
  };
}

type Read = (bytes: Buffer) => JsonDocument;

/** MCP 2025-11-25, tasks, server capabilities. */
function inSession(document: JsonDocument, result: JsonNode, read: Read): JsonDocument {
  const version = document.member(result, 'protocolVersion');
  const capabilities = document.member(result, 'capabilities');
  if (version === undefined || document.value(version) !== ASKS_FOR_TASKS) return document;
  if (capabilities === undefined || document.kind(capabilities) !== 'object') return document;
  const tasks = document.member(capabilities, 'tasks');
  if (memberAt(document, tasks, 'requests', 'tools', 'call') !== undefined) return document;
  const said = tasks === undefined ? {} : objectOf(document.value(tasks));
  const requests = objectOf(said['requests']);
  const text = JSON.stringify({
    ...said,
    list: {},
    cancel: {},
    requests: { ...requests, tools: { ...objectOf(requests['tools']), call: {} } },
  });
  return read(
    tasks === undefined
      ? withMember(document, capabilities, 'tasks', text)
      : withValue(document, tasks, text),
  );
}

/** The tasks extension of MCP 2026-07-28, capability negotiation. */
function inDiscovery(document: JsonDocument, result: JsonNode, read: Read): JsonDocument {
  const capabilities = document.member(result, 'capabilities');
  if (capabilities === undefined || document.kind(capabilities) !== 'object') return document;
  const extensions = document.member(capabilities, 'extensions');
  if (extensions === undefined)
    return read(withMember(document, capabilities, 'extensions', JSON.stringify({ [EXTENSION]: {} })));
  if (document.kind(extensions) !== 'object' || document.member(extensions, EXTENSION) !== undefined)
    return document;
  return read(withMember(document, extensions, EXTENSION, '{}'));
}

/** MCP 2025-11-25, tasks, tool-level negotiation: what is not said is `forbidden`. */
function inTools(document: JsonDocument, result: JsonNode, read: Read): JsonDocument {
  const tools = document.member(result, 'tools');
  if (tools === undefined) return document;
  const texts = [...document.elements(tools)].map((tool) => withSupport(read(document.slice(tool))));
  return read(withValue(document, tools, `[${texts}]`));
}

function withSupport(tool: JsonDocument): string {
  if (tool.kind(tool.root) !== 'object') return tool.text(tool.root);
  const execution = tool.at('execution');
  if (execution === undefined)
    return withMember(tool, tool.root, 'execution', '{"taskSupport":"optional"}').toString();
  if (tool.kind(execution) !== 'object') return tool.text(tool.root);
  const support = tool.member(execution, 'taskSupport');
  if (support === undefined) return withMember(tool, execution, 'taskSupport', '"optional"').toString();
  if (tool.value(support) !== 'forbidden') return tool.text(tool.root);
  return withValue(tool, support, '"optional"').toString();
}

function objectOf(value: JsonValue | undefined): JsonObject {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as JsonObject) : {};
}
