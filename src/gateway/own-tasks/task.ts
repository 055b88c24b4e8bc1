import type { Approval } from '../../approvals/index.js';
import type { JsonDocument, ProtocolVersion, Received, RequestMessage } from '../../domain/index.js';
import {
  decodeMessage,
  memberAt,
  readJson,
  withMember,
  withoutMembers,
  withValue,
} from '../../protocol/index.js';
import type { GatewayParts } from '../parts.js';
import { GatewayError } from '../refusal.js';
import type { ListedTask, TaskCaps, TaskRecord } from '../store.js';
import { APPROVAL_META } from '../wait/answers.js';
import { taskIds } from './ids.js';
import { lease } from './lease.js';
import { seal, TaskDamaged, unseal } from './seal.js';

/** The one version in which a call asks for a task; since 2026-07-28 the server decides. */
export const ASKS_FOR_TASKS: ProtocolVersion = '2025-11-25';

const CAPS: TaskCaps = { perPrincipal: 200, bytesPerPrincipal: 64 << 20, all: 10_000, bytes: 1 << 30 };
/** Milliseconds for which a task is kept: after its approval has expired, and where it needed none. */
const LEAST = 15 * 60_000;
/** The longest for which a client may have it kept, from then on. */
const MOST = 24 * 3_600_000;
const REPEATS_THE_CALL = /^mcp-(?:method|name|param-.+)$/;

/** What a call said with `params.task`. */
export interface AskedTask {
  /** Milliseconds. */
  readonly ttl: number | undefined;
}

/** A task of the gateway's own, and the call that it answers. */
export interface OwnTask {
  readonly record: TaskRecord;
  /** As it is to run: with an id of its own, and with its approval's in `_meta`. */
  readonly call: RequestMessage;
  /** Headers that repeat parts of the call. */
  readonly headers: Readonly<Record<string, string>>;
}

/** How a task begins. */
export interface TaskBeginning {
  readonly asked?: AskedTask | undefined;
  /** Where a human must agree first; a task without one runs from its beginning. */
  readonly approval?: Approval;
  /** Whether the server itself makes a task of the call, and of no call that does not ask for one. */
  readonly toServersTask: boolean;
}

/**
 * What a call says of a task, in the version in which it says so.
 *
 * @returns undefined where it asks for none
 */
export function askedTask(
  version: string,
  { method, document, params }: RequestMessage,
): AskedTask | undefined {
  if (version !== ASKS_FOR_TASKS || method !== 'tools/call') return undefined;
  const task = memberAt(document, params, 'task');
  if (task === undefined) return undefined;
  const ttl = document.member(task, 'ttl');
  return {
    ttl: ttl !== undefined && document.kind(ttl) === 'number' ? Number(document.text(ttl)) : undefined,
  };
}

/**
 * Keeps a new task of a call. Durable when it resolves.
 *
 * @throws GatewayError `too_many_tasks`
 */
export async function keepTask(
  parts: GatewayParts,
  received: Received,
  request: RequestMessage,
  { asked, approval, toServersTask }: TaskBeginning,
): Promise<TaskRecord> {
  const { identified, session } = received;
  const principalId = identified.principal.id;
  const upstream = identified.arrival.upstream.name;
  const id = taskIds(parts).make(principalId, upstream);
  const now = Date.now();
  const record: TaskRecord = {
    id,
    principalId,
    upstream,
    version: session.protocol_version,
    ...(approval === undefined
      ? { state: 'running', ...lease(parts.correlation.runs, now) }
      : { state: 'waiting', approvalId: approval.id }),
    call: seal(
      parts.hashKey,
      { part: 'call', id, principalId },
      Buffer.concat([
        Buffer.from(`${JSON.stringify(headersOf(received))}\n`),
        callToRun(parts, request, { id, approval, dropsTask: asked !== undefined && !toServersTask }),
      ]),
    ),
    createdAt: now,
    updatedAt: now,
    expiresAt: endOf(now, approval, asked),
  };
  const reached = await parts.tasks.create(record, CAPS);
  if (reached === undefined) return record;
  const message = `${reached === 'perPrincipal' || reached === 'bytesPerPrincipal' ? 'this principal' : 'this gateway'} has too many tasks already`;
  throw new GatewayError('too_many_tasks', message, 'Wait until some of them are over.');
}

/** @throws TaskDamaged */
export function openTask(parts: GatewayParts, record: TaskRecord): OwnTask {
  const { id, principalId } = record;
  const open = unseal(parts.hashKey, { part: 'call', id, principalId }, record.call);
  const end = open.indexOf('\n');
  const call = decodeMessage(readJson(open.subarray(end + 1), { maxDepth: parts.settings.limits.depth }));
  if (call.kind !== 'request') throw new TaskDamaged(id, 'it holds no request');
  // It was written above, and nobody else can have sealed it.
  return { record, call, headers: JSON.parse(open.toString('utf8', 0, end)) as Record<string, string> };
}

/**
 * What came of a task: JSON, or the id of the server's.
 *
 * @throws TaskDamaged
 */
export function outcomeOf({ hashKey }: GatewayParts, { id, principalId, outcome }: ListedTask): Buffer {
  if (outcome === undefined) throw new TaskDamaged(id, 'nothing came of it');
  return unseal(hashKey, { part: 'outcome', id, principalId }, outcome);
}

/** The call as it runs later. In the same session its own id may be in use again by then. */
function callToRun(
  { settings }: GatewayParts,
  { document: asSent }: RequestMessage,
  { id, approval, dropsTask }: { id: string; approval: Approval | undefined; dropsTask: boolean },
): Buffer {
  const read = (bytes: Buffer) => readJson(bytes, { maxDepth: settings.limits.depth });
  const params = asSent.at('params');
  let document = params !== undefined && dropsTask ? read(withoutMembers(asSent, params, ['task'])) : asSent;
  if (approval !== undefined) document = read(withApproval(document, approval.id));
  const own = document.at('id');
  return own === undefined ? document.bytes : withValue(document, own, JSON.stringify(id));
}

/** Says which approval the call runs under, in the way in which any caller may say it. */
function withApproval(document: JsonDocument, approvalId: string): Buffer {
  const params = document.at('params');
  if (params === undefined) throw new TypeError('a call of a tool has params');
  const said = JSON.stringify(approvalId);
  const meta = document.member(params, '_meta');
  if (meta === undefined) return withMember(document, params, '_meta', `{"${APPROVAL_META}":${said}}`);
  const claimed = document.member(meta, APPROVAL_META);
  return claimed === undefined
    ? withMember(document, meta, APPROVAL_META, said)
    : withValue(document, claimed, said);
}

function headersOf({ identified }: Received): Record<string, string> {
  const headers = Object.entries(identified.arrival.headers);
  const repeating = headers.filter(
    (header): header is [string, string] => REPEATS_THE_CALL.test(header[0]) && typeof header[1] === 'string',
  );
  return Object.fromEntries(repeating);
}

/** The headers of another request, but for those that repeat what it says. */
export function otherHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, string | readonly string[] | undefined> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !REPEATS_THE_CALL.test(name)));
}

function endOf(now: number, approval: Approval | undefined, asked: AskedTask | undefined): number {
  const decided = approval === undefined ? now : Math.max(now, Date.parse(approval.expiresAt));
  const wished = asked?.ttl !== undefined && Number.isFinite(asked.ttl) ? now + asked.ttl : 0;
  return Math.trunc(Math.min(Math.max(wished, decided + LEAST), decided + MOST));
}
