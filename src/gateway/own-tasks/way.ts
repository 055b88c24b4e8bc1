import {
  Identified,
  type JsonDocument,
  type Message,
  type RequestMessage,
  STATELESS,
} from '../../domain/index.js';
import {
  clientAbilities,
  decodeMessage,
  encodedHeader,
  memberAt,
  namedTasks,
  readJson,
  withoutMembers,
  withValue,
} from '../../protocol/index.js';
import type { Admitted } from '../admit.js';
import type { Exchange } from '../exchange.js';
import type { GatewayParts } from '../parts.js';
import { GatewayError } from '../refusal.js';
import { recallRestored } from '../restore.js';
import type { Session } from '../sessions.js';
import type { TaskRecord } from '../store.js';
import { taskUnknown } from '../tasks.js';
import { answerTask } from './answer.js';
import { runAtOnce } from './at-once.js';
import { taskIds } from './ids.js';
import { mergeOwn } from './list.js';
import { offerTasks } from './offer.js';
import { renamed } from './rename.js';
import { type AskedTask, askedTask, openTask, outcomeOf } from './task.js';
import { serversTask } from './tool.js';

/** How a message goes on where the gateway's own tasks have a part in it. */
export interface Way {
  readonly identified: Identified;
  readonly message: Message;
  /** What its call says of a task that the gateway is to make of it. */
  readonly asked?: AskedTask | undefined;
  /** Answers it in the server's place, once policy has allowed it: a JSON-RPC response. */
  readonly answer?: (admitted: Admitted) => Promise<Buffer>;
  /** What changes in the server's answer before it is judged. */
  readonly amend?: (document: JsonDocument) => JsonDocument;
  /** The request by which the answer is judged, where it is another than the message. */
  readonly judgedAs?: RequestMessage | undefined;
}

/**
 * Finds out whether a message is about a task of the gateway's own, is to become one, or asks what tasks there are.
 *
 * @throws GatewayError `task_unknown`, `capability_missing`
 */
export async function wayOf(
  parts: GatewayParts,
  exchange: Exchange,
  { identified, session }: { readonly identified: Identified; readonly session: Session },
  message: Message,
): Promise<Way> {
  const plain = { identified, message };
  if (message.kind !== 'request') return plain;
  switch (message.method) {
    case 'tools/call':
      return ofCall(parts, { identified, session }, message);
    case 'tasks/list':
      return { ...plain, amend: await mergeOwn(parts, identified, session, message) };
    case 'subscriptions/listen':
      return { identified, message: withoutOwn(parts, message) };
    case 'initialize':
    case 'tools/list':
    case 'server/discover':
      return parts.settings.offersTasks ? { ...plain, amend: offerTasks(parts, message) } : plain;
    default:
      return ofTask(parts, exchange, { identified, session }, message);
  }
}

/** A call that asks for a task, which the server would not make. */
async function ofCall(
  parts: GatewayParts,
  { identified, session }: { readonly identified: Identified; readonly session: Session },
  request: RequestMessage,
): Promise<Way> {
  const asked = askedTask(session.protocol_version, request);
  const { params, document } = request;
  if (asked === undefined || params === undefined) return { identified, message: request };
  const makes = await serversTask(parts, identified.arrival.upstream.name, request);
  if (!parts.settings.offersTasks || makes !== 'never') return { identified, message: request, asked };
  return {
    identified,
    message: read(parts, withoutMembers(document, params, ['task'])),
    asked,
    answer: (admitted) => runAtOnce(parts, admitted, { identified, session }, asked),
  };
}

async function ofTask(
  parts: GatewayParts,
  exchange: Exchange,
  { identified, session }: { readonly identified: Identified; readonly session: Session },
  request: RequestMessage,
): Promise<Way> {
  const [id] = namedTasks(request);
  if (id === undefined || !taskIds(parts).isOurs(id)) return { identified, message: request };
  if (!taskIds(parts).isOf(id, identified.principal.id, identified.arrival.upstream.name))
    throw taskUnknown();
  if (session.protocol_version === STATELESS && !clientAbilities(request).takesTasks)
    throw withoutExtension();
  const record = await parts.tasks.find(id, Date.now());
  if (record === undefined || record.version !== session.protocol_version) throw taskUnknown();
  const task = openTask(parts, record);
  if (record.state === 'forwarded') return toServer(parts, identified, request, record, task.call);
  const about = { exchange, identified, session, task };
  return {
    identified,
    message: request,
    answer: (admitted) => answerTask(parts, about, admitted),
    // What is fetched is the answer to the call, and must not get past what policy says of that.
    judgedAs: request.method === 'tasks/result' ? task.call : undefined,
  };
}

/** A task that the server made of the call has another name there. */
async function toServer(
  parts: GatewayParts,
  { arrival, principal }: Identified,
  request: RequestMessage,
  record: TaskRecord,
  call: RequestMessage,
): Promise<Way> {
  const theirs = outcomeOf(parts, record).toString();
  const { document, params } = request;
  const node = memberAt(document, params, 'taskId');
  if (node === undefined) throw new TypeError('a request about a task names it');
  const headers = { ...arrival.headers };
  if (headers['mcp-name'] !== undefined) headers['mcp-name'] = encodedHeader(theirs);
  const identified = new Identified({ ...arrival, headers }, principal);
  const { tasks } = parts.correlation;
  if (!tasks.isOf(identified, theirs)) {
    await recallRestored(parts, identified, call);
    tasks.adopt(identified, theirs, call);
  }
  return {
    identified,
    message: read(parts, withValue(document, node, JSON.stringify(theirs))),
    amend: (answer) => renamed(parts, answer, theirs, record.id),
  };
}

/** The server can tell nothing of tasks that it does not have. */
function withoutOwn(parts: GatewayParts, request: RequestMessage): Message {
  const ids = namedTasks(request);
  const { document, params } = request;
  const node = memberAt(document, params, 'notifications', 'taskIds');
  const theirs = ids.filter((id) => !taskIds(parts).isOurs(id));
  if (node === undefined || theirs.length === ids.length) return request;
  return read(parts, withValue(document, node, JSON.stringify(theirs)));
}

function read({ settings }: GatewayParts, bytes: Buffer): Message {
  return decodeMessage(readJson(bytes, { maxDepth: settings.limits.depth }));
}

function withoutExtension(): GatewayError {
  return new GatewayError(
    'capability_missing',
    'a client that asks for tasks must say that it knows them',
    'Name the extension io.modelcontextprotocol/tasks in the request.',
    { requiredCapabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } } },
  );
}
