import { setTimeout as delay } from 'node:timers/promises';
import { type Approval, ApprovalsError } from '../../approvals/index.js';
import { type JsonObject, type RequestMessage, STATELESS } from '../../domain/index.js';
import { memberAt, readJson, resultMessage, withMember, withValue } from '../../protocol/index.js';
import type { Admitted } from '../admit.js';
import type { Exchange } from '../exchange.js';
import type { GatewayParts } from '../parts.js';
import { GatewayError } from '../refusal.js';
import { sessionKey } from '../sessions.js';
import type { TaskRecord } from '../store.js';
import { taskUnknown } from '../tasks.js';
import { approvalMeta, mustApprove } from '../wait/answers.js';
import { holdOpen } from '../wait/hold-open.js';
import { validFor } from '../wait/wait.js';
import { cancelled, type Runner, runApproved } from './run.js';
import { type OwnTask, outcomeOf } from './task.js';
import { isOver, LOST, toldTask } from './told.js';

/** How long a poll waits for a call that begins to run with it, so that a quick one is done with the first. */
const FOR_A_QUICK_ONE = 1_000;
/** How often it is looked whether a call that runs at another gateway is done, in milliseconds. */
const LOOK_EVERY = 250;
/** The same for a task that people have not decided on yet. */
const LOOK_WHILE_PENDING = 1_000;
const RELATED_TASK = 'io.modelcontextprotocol/related-task';

/** A request about a task, which policy allowed. */
export interface AboutTask extends Runner {
  readonly exchange: Exchange;
  readonly task: OwnTask;
}

/**
 * Answers a request about one of the gateway's own tasks in the server's place.
 *
 * @returns a JSON-RPC response, still to be judged
 * @throws GatewayError `task_unknown` where it is over meanwhile, `task_over`, `task_unfinished`
 */
export async function answerTask(parts: GatewayParts, about: AboutTask, admitted: Admitted): Promise<Buffer> {
  const { message: request } = admitted.judged.received;
  if (request.kind !== 'request') throw new TypeError('only a request is about a task');
  switch (request.method) {
    case 'tasks/get':
      return tell(parts, request, await stand(parts, about));
    case 'tasks/result':
      return fetched(request, await untilOver(parts, about, admitted, request), parts);
    case 'tasks/cancel':
      return cancel(parts, request, about.task.record);
    default:
      return resultMessage(request.id, { resultType: 'complete' }); // nothing is asked, so all input is passed over
  }
}

/** How a task stands; one that waits no longer is run. */
async function stand(parts: GatewayParts, about: AboutTask): Promise<TaskRecord> {
  const { record } = about.task;
  if (record.state === 'waiting' && (await pendingApproval(parts, record)) === undefined) {
    const quick = new AbortController();
    const time = delay(FOR_A_QUICK_ONE, undefined, { signal: quick.signal }).catch(() => undefined); // it was quick
    await Promise.race([runApproved(parts, about.task, about), time]);
    quick.abort();
  }
  return found(parts, record.id);
}

/** The approval that a task waits for; undefined where it need not wait any longer, for whatever reason. */
async function pendingApproval(
  { approvals }: GatewayParts,
  { approvalId }: TaskRecord,
): Promise<Approval | undefined> {
  if (approvalId === undefined) return undefined;
  try {
    const approval = await approvals.show(approvalId);
    return approval.state === 'pending' ? approval : undefined;
  } catch (thrown) {
    if (thrown instanceof ApprovalsError && thrown.code === 'not_found') return undefined;
    throw thrown;
  }
}

async function found(parts: GatewayParts, id: string): Promise<TaskRecord> {
  const record = await parts.tasks.find(id, Date.now());
  if (record === undefined) throw taskUnknown();
  return record;
}

/** The answer to `tasks/get`. In 2026-07-28 it holds what came of the task, in 2025-11-25 `tasks/result` does. */
async function tell(parts: GatewayParts, { id }: RequestMessage, record: TaskRecord): Promise<Buffer> {
  const isStateless = record.version === STATELESS;
  const approval = record.state === 'waiting' ? await pendingApproval(parts, record) : undefined;
  const failure = isFailed(record) ? errorOf(parts, record) : undefined;
  const words = approval === undefined ? messageIn(failure) : `${mustApprove(approval)}.`;
  const task: JsonObject = {
    ...(isStateless && { resultType: 'complete' }),
    ...toldTask(parts, record, words),
    ...(approval !== undefined && { _meta: approvalMeta(parts, approval) }),
  };
  const came = !isStateless
    ? undefined
    : record.state === 'completed'
      ? (['result', outcomeOf(parts, record)] as const)
      : failure && (['error', failure] as const);
  if (came === undefined) return resultMessage(id, task);
  const open = JSON.stringify(task).slice(0, -1);
  const head = `{"jsonrpc":"2.0","id":${id.text},"result":${open},"${came[0]}":`;
  return Buffer.concat([Buffer.from(head), came[1], Buffer.from('}}')]);
}

function isFailed({ state }: TaskRecord): boolean {
  return state === 'failed' || state === 'lost';
}

function errorOf(parts: GatewayParts, record: TaskRecord): Buffer {
  return record.state === 'lost' ? Buffer.from(JSON.stringify(LOST)) : outcomeOf(parts, record);
}

function messageIn(error: Buffer | undefined): string | undefined {
  if (error === undefined) return undefined;
  const document = readJson(error);
  const message = document.at('message');
  return message !== undefined && document.kind(message) === 'string' ? document.string(message) : undefined;
}

/**
 * Waits until a task is over, and has it run as soon as it may.
 *
 * @throws GatewayError `task_unfinished` where its caller cannot wait any longer
 */
async function untilOver(
  parts: GatewayParts,
  about: AboutTask,
  { judged, receipt }: Admitted,
  request: RequestMessage,
): Promise<TaskRecord> {
  const { exchange, task, identified, session } = about;
  const now = await stand(parts, about);
  if (isOver(now.state)) return now;
  const waiting = {
    request,
    words: `waits for the end of the task ${task.record.id}`,
    decisionId: judged.decisionId,
    receipt,
    session: sessionKey(identified, session),
  };
  const most = Math.min(validFor(identified.principal), task.record.expiresAt - Date.now());
  const giveBack = parts.heldOpen.take(identified.principal.id);
  if (giveBack === undefined) throw unfinished();
  const over = await holdOpen(parts, exchange, waiting, most, (signal) =>
    follow(parts, about, signal),
  ).finally(giveBack);
  if (over !== undefined) return over;
  throw unfinished();
}

async function follow(parts: GatewayParts, about: AboutTask, signal: AbortSignal): Promise<TaskRecord> {
  const { record } = about.task;
  for (;;) {
    signal.throwIfAborted();
    const now = await found(parts, record.id);
    if (isOver(now.state)) return now;
    if (now.state === 'forwarded') throw unfinished(); // the next request goes to the server
    const here = parts.correlation.runs.of(record.id);
    if (here !== undefined) await orAborted(here, signal);
    else if (now.state === 'running') await delay(LOOK_EVERY, undefined, { signal });
    else if (record.approvalId !== undefined && (await pendingApproval(parts, now)) !== undefined)
      await settledOrLater(parts, record.approvalId, signal);
    // Nothing begins for who is gone.
    else if (!signal.aborted) await orAborted(runApproved(parts, about.task, about), signal);
  }
}

/** Resolves when people have decided, or after a second: the task may have been cancelled elsewhere. */
async function settledOrLater(
  { approvals }: GatewayParts,
  approvalId: string,
  signal: AbortSignal,
): Promise<void> {
  const enough = new AbortController();
  const either = AbortSignal.any([signal, enough.signal]);
  try {
    const later = delay(LOOK_WHILE_PENDING, undefined, { signal: either });
    await Promise.race([approvals.settled(approvalId, either), later]);
  } finally {
    enough.abort();
  }
}

/** A run goes on without whoever waits for it. */
function orAborted(done: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const aborted = () => reject(signal.reason);
    if (signal.aborted) aborted();
    signal.addEventListener('abort', aborted, { once: true });
    done.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted));
  });
}

function unfinished(): GatewayError {
  return new GatewayError('task_unfinished', 'the task is not over yet', 'Ask for its result again.');
}

/** The answer to `tasks/result`: what the call would have been answered with, and of which task it is. */
function fetched({ id }: RequestMessage, record: TaskRecord, parts: GatewayParts): Buffer {
  const answer = (member: string, content: Buffer) =>
    Buffer.concat([Buffer.from(`{"jsonrpc":"2.0","id":${id.text},"${member}":`), content, Buffer.from('}')]);
  if (record.state === 'cancelled') {
    const { message } = cancelled();
    return answer('error', Buffer.from(JSON.stringify({ code: LOST.code, message })));
  }
  if (isFailed(record)) return answer('error', errorOf(parts, record));
  return answer('result', withRelatedTask(parts, outcomeOf(parts, record), record.id));
}

function withRelatedTask({ settings }: GatewayParts, result: Buffer, taskId: string): Buffer {
  const document = readJson(result, { maxDepth: settings.limits.depth });
  const related = JSON.stringify({ taskId });
  const meta = document.at('_meta');
  if (meta === undefined)
    return withMember(document, document.root, '_meta', `{${JSON.stringify(RELATED_TASK)}:${related}}`);
  const said = memberAt(document, meta, RELATED_TASK);
  return said === undefined
    ? withMember(document, meta, RELATED_TASK, related)
    : withValue(document, said, related);
}

/** A cancelled task never runs; one that runs is given up. Its approval stays for whoever makes the call again. */
async function cancel(
  parts: GatewayParts,
  { id }: RequestMessage,
  { id: taskId, version }: TaskRecord,
): Promise<Buffer> {
  const wasCancelled = await parts.tasks.cancel(taskId, Date.now());
  if (wasCancelled) parts.correlation.runs.end(taskId, cancelled());
  if (version === STATELESS) return resultMessage(id, { resultType: 'complete' });
  if (!wasCancelled)
    throw new GatewayError('task_over', 'the task is over', 'Ask for its result with tasks/result.');
  return resultMessage(id, toldTask(parts, await found(parts, taskId)));
}
