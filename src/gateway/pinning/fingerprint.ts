import { createHash } from 'node:crypto';
import { canonicalText } from '../../approvals/index.js';
import type { JsonDocument, JsonNode, ServerParts, ToolPart, ToolParts } from '../../domain/index.js';
import { memberAt } from '../../protocol/index.js';

/** Members of a definition (MCP, schema, Tool) by the part that they are. */
const TOOL_MEMBERS: Readonly<Record<Exclude<ToolPart, 'other'>, string>> = {
  title: 'title',
  description: 'description',
  input_schema: 'inputSchema',
  output_schema: 'outputSchema',
  annotations: 'annotations',
};
/** Which part tells tools apart is the name; `execution` says how a call is answered, and the gateway itself adds to it. */
const NO_PART = ['name', 'execution'];
/** Where a server says who it is since MCP 2026-07-28; before, it is the member `serverInfo`. */
const SERVER_INFO = 'io.modelcontextprotocol/serverInfo';

/** The member of a definition that is a part. */
export function memberOf(part: ToolPart): string {
  return part === 'other' ? '' : TOOL_MEMBERS[part];
}

/** The digests of a tool's parts. The order of members and the way a number is written do not matter. */
export function toolParts(document: JsonDocument, tool: JsonNode): ToolParts {
  const rest = canonicalText(document, tool, [...NO_PART, ...Object.values(TOOL_MEMBERS)]);
  return { ...membersOf(document, tool, TOOL_MEMBERS), ...(rest !== '{}' && { other: sha256(rest) }) };
}

/** The digests of what a server says of itself in its answer to `initialize` or `server/discover`. */
export function serverParts(document: JsonDocument, result: JsonNode): ServerParts {
  const { instructions, info } = serverMembers(document, result);
  const digest = (node: JsonNode) => sha256(canonicalText(document, node));
  return {
    ...(instructions !== undefined && { instructions: digest(instructions) }),
    ...(info !== undefined && { info: digest(info) }),
  };
}

/** What a server says of itself, in either era's place. */
export function serverMembers(
  document: JsonDocument,
  result: JsonNode,
): Partial<Record<keyof ServerParts, JsonNode | undefined>> {
  return {
    instructions: document.member(result, 'instructions'),
    info: document.member(result, 'serverInfo') ?? memberAt(document, result, '_meta', SERVER_INFO),
  };
}

/** One digest of all parts: the same exactly for tools that differ in nothing that counts. */
export function fingerprint(parts: ToolParts | ServerParts): string {
  return sha256(JSON.stringify(Object.entries(parts).sort(([one], [other]) => (one < other ? -1 : 1))));
}

/** The parts in which two definitions differ. */
export function changedParts(one: ToolParts, other: ToolParts): ToolPart[] {
  const names = Object.keys({ ...one, ...other }) as ToolPart[];
  return names.filter((part) => one[part] !== other[part]).sort();
}

/** `sha256:` and the hex digest of a text or of bytes. */
export function sha256(value: string | Buffer): string {
  return `sha256:${createHash('sha256').update(value).digest('hex')}`;
}

function membersOf<Part extends string>(
  document: JsonDocument,
  node: JsonNode,
  members: Readonly<Record<Part, string>>,
): Partial<Record<Part, string>> {
  const parts: Partial<Record<Part, string>> = {};
  for (const part of Object.keys(members) as Part[]) {
    const value = document.member(node, members[part]);
    if (value !== undefined) parts[part] = sha256(canonicalText(document, value));
  }
  return parts;
}
