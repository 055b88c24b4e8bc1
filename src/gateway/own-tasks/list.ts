import type { Identified, JsonDocument, JsonNode, RequestMessage } from '../../domain/index.js';
import { JSON_RPC_CODE, memberAt, readJson, withValue } from '../../protocol/index.js';
import type { GatewayParts } from '../parts.js';
import type { Session } from '../sessions.js';
import { isText } from './rename.js';
import { outcomeOf } from './task.js';
import { toldTask } from './told.js';

/**
 * Puts the principal's own tasks of the gateway before those of the server, on the first page. Of a server that has no
 * such list they are all there is. A task that the server made for one of them bears its name.
 */
export async function mergeOwn(
  parts: GatewayParts,
  { principal, arrival }: Identified,
  { protocol_version: version }: Session,
  request: RequestMessage,
): Promise<(document: JsonDocument) => JsonDocument> {
  const of = { principalId: principal.id, upstream: arrival.upstream.name, version };
  const records = await parts.tasks.list(of, Date.now());
  const isFirst = memberAt(request.document, request.params, 'cursor') === undefined;
  const forwarded = new Map(
    records
      .filter(({ state }) => state === 'forwarded')
      .map((record) => [outcomeOf(parts, record).toString(), record.id]),
  );
  const toldOf = (kept: typeof records) => kept.map((record) => JSON.stringify(toldTask(parts, record)));
  const own = isFirst ? toldOf(records.filter(({ state }) => state !== 'forwarded')) : [];
  const read = (bytes: Buffer) => readJson(bytes, { maxDepth: parts.settings.limits.depth });
  const isOffered = records.length > 0 || parts.settings.offersTasks;

  return (document) => {
    const id = document.at('id');
    if (id === undefined || document.text(id) !== request.id.text) return document;
    if (isOffered && hasNoList(document)) {
      const tasks = isFirst ? toldOf(records) : [];
      return read(Buffer.from(`{"jsonrpc":"2.0","id":${request.id.text},"result":{"tasks":[${tasks}]}}`));
    }
    const tasks = memberAt(document, document.root, 'result', 'tasks');
    if (tasks === undefined || (own.length === 0 && forwarded.size === 0)) return document;
    const theirs = [...document.elements(tasks)].map((task) => named(document, task, forwarded));
    return read(withValue(document, tasks, `[${[...own, ...theirs]}]`));
  };
}

function hasNoList(document: JsonDocument): boolean {
  const code = memberAt(document, document.root, 'error', 'code');
  return code !== undefined && document.text(code) === String(JSON_RPC_CODE.method_unknown);
}

/** The text of a listed task, under the name that its caller knows. */
function named(document: JsonDocument, task: JsonNode, forwarded: ReadonlyMap<string, string>): string {
  const text = document.text(task);
  const node = document.member(task, 'taskId');
  for (const [theirs, ours] of forwarded) {
    if (!isText(document, node, theirs)) continue;
    const start = document.start(node) - document.start(task);
    const bytes = Buffer.from(text);
    const end = start + document.slice(node).byteLength;
    return Buffer.concat([
      bytes.subarray(0, start),
      Buffer.from(JSON.stringify(ours)),
      bytes.subarray(end),
    ]).toString();
  }
  return text;
}
