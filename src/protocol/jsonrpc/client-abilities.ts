import type { JsonDocument, JsonNode, RequestMessage } from '../../domain/index.js';

const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';
const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';

/** What of a client's capabilities the gateway itself makes use of. */
export interface ClientAbilities {
  /** Takes a person to a page (`elicitation.url`). */
  readonly elicitsByUrl: boolean;
  /** Polls a task that it did not ask for (the tasks extension of 2026-07-28). */
  readonly takesTasks: boolean;
}

/**
 * What a client says that it can do: with `initialize` in its params, since 2026-07-28 in the `_meta` of each request.
 * What is not said in the form that MCP gives it is not said.
 */
export function clientAbilities({ document, method, params }: RequestMessage): ClientAbilities {
  const capabilities =
    method === 'initialize'
      ? memberAt(document, params, 'capabilities')
      : memberAt(document, params, '_meta', CAPABILITIES);
  const isObject = (...names: string[]) => {
    const node = memberAt(document, capabilities, ...names);
    return node !== undefined && document.kind(node) === 'object';
  };
  return {
    elicitsByUrl: isObject('elicitation', 'url'),
    takesTasks: isObject('extensions', TASKS_EXTENSION),
  };
}

/** The token by which a request asks to hear of its progress, as JSON, just as it was written. */
export function progressToken({ document, params }: RequestMessage): string | undefined {
  const token = memberAt(document, params, '_meta', 'progressToken');
  if (token === undefined || !['string', 'number'].includes(document.kind(token))) return undefined;
  return document.text(token);
}

/** A string that stands in a request's params by that name, or undefined. */
export function paramText({ document, params }: RequestMessage, name: string): string | undefined {
  const node = memberAt(document, params, name);
  return node !== undefined && document.kind(node) === 'string' ? document.string(node) : undefined;
}

/** The value at a chain of member names, or undefined. */
export function memberAt(
  document: JsonDocument,
  from: JsonNode | undefined,
  ...names: readonly string[]
): JsonNode | undefined {
  let node = from;
  for (const name of names) {
    if (node === undefined) return undefined;
    node = document.member(node, name);
  }
  return node;
}
