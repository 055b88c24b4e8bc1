import type { Approval } from '../../approvals/index.js';
import { type JsonObject, STATELESS } from '../../domain/index.js';
import type { GatewayParts } from '../parts.js';
import { ERROR_CODE } from '../refusal.js';
import type { ListedTask, TaskRecord, TaskState } from '../store.js';
import { approvalMeta, mustApprove } from '../wait/answers.js';
import { WAIT_TIMES } from '../wait/times.js';

/** How MCP calls the states (MCP 2025-11-25, tasks, and the tasks extension of 2026-07-28). */
const STATUS = {
  waiting: 'working',
  running: 'working',
  forwarded: 'working',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
  lost: 'failed',
} as const satisfies Record<TaskState, string>;

const WORDS: Partial<Record<TaskState, string>> = {
  running: 'the call runs',
  forwarded: 'the call runs at the server',
  cancelled: 'the task was cancelled',
};

/** The error of a run that nobody saw the end of. */
export const LOST = {
  code: ERROR_CODE.UPSTREAM,
  message:
    'the gateway that ran this call ended before it was answered; whether the call took effect is not known',
} as const;

/** A task as a client is told of it, whatever came of it apart. */
export function toldTask(
  parts: GatewayParts,
  { id, state, version, createdAt, updatedAt, expiresAt }: ListedTask,
  statusMessage = WORDS[state],
): JsonObject {
  const poll = parts.waitTimes?.poll ?? WAIT_TIMES.poll;
  const ttl = expiresAt - createdAt;
  return {
    taskId: id,
    status: STATUS[state],
    ...(statusMessage !== undefined && { statusMessage }),
    createdAt: new Date(createdAt).toISOString(),
    lastUpdatedAt: new Date(updatedAt).toISOString(),
    ...(version === STATELESS ? { ttlMs: ttl, pollIntervalMs: poll } : { ttl, pollInterval: poll }),
  };
}

/** The result by which a call becomes a task. */
export function createdTask(parts: GatewayParts, record: TaskRecord, approval?: Approval): JsonObject {
  const words = approval === undefined ? undefined : `${mustApprove(approval)}.`;
  const task = toldTask(parts, record, words);
  const meta = approval === undefined ? {} : { _meta: approvalMeta(parts, approval) };
  return record.version === STATELESS ? { resultType: 'task', ...task, ...meta } : { task, ...meta };
}

/** Whether nothing can come of a task any more. */
export function isOver(state: TaskState): boolean {
  return STATUS[state] !== 'working';
}
