import {
  type Identified,
  type JsonDocument,
  type JsonNode,
  type MaskObligation,
  type Message,
  type RequestMessage,
  type ResponseMessage,
  STATELESS,
} from '../domain/index.js';
import { memberAt, namedTasks } from '../protocol/index.js';
import type { Conversation } from './clear.js';
import { GatewayError } from './refusal.js';

/** The calls of all tasks together are remembered up to this size; beyond it the oldest tasks are nobody's. */
const MOST_BYTES = 64 << 20;
/** What a task costs beside its call. */
const BYTES_EACH = 1_024;

/** Where messages name the one task that they are about (MCP 2025-11-25, tasks; the tasks extension of 2026-07-28). */
export const TASK_PLACES = [
  ['result', 'taskId'],
  ['result', '_meta', 'io.modelcontextprotocol/related-task', 'taskId'],
  ['params', 'taskId'],
  ['params', '_meta', 'io.modelcontextprotocol/related-task', 'taskId'],
] as const;

interface Task {
  readonly principalId: string;
  /** The call that it answers later. */
  readonly call: RequestMessage;
}

/** Whether an id is one of the gateway's own tasks, and of the principal in hand. */
export type IsOwnTask = (id: string) => boolean;

/**
 * Whose each task is, and which call it answers. All principals share one credential at an upstream, which therefore
 * cannot tell them apart: who knows a task's id could read its result or stop it.
 */
export class Tasks {
  /** By upstream and id, oldest first. */
  readonly #tasks = new Map<string, Task>();
  #bytes = 0;

  /** Takes in the task that an upstream makes of a call. An id that is another's already stays the other's. */
  learn(
    { identified, session }: Pick<Conversation, 'identified' | 'session'>,
    call: RequestMessage,
    answer: ResponseMessage,
  ): void {
    if (call.method !== 'tools/call' || answer.outcome !== 'result') return;
    const id = begunTask(session.protocol_version, call, answer);
    if (id !== undefined) this.adopt(identified, id, call);
  }

  /** Takes in a task that is known to be a principal's. */
  adopt(identified: Identified, id: string, call: RequestMessage): void {
    const key = keyOf(identified.arrival.upstream.name, id);
    if (this.#tasks.has(key)) return;
    this.#tasks.set(key, { principalId: identified.principal.id, call });
    this.#bytes += sizeOf(call);
    for (const [oldest, task] of this.#tasks) {
      if (this.#bytes <= MOST_BYTES) break;
      this.#tasks.delete(oldest);
      this.#bytes -= sizeOf(task.call);
    }
  }

  /** Whether a task is known to be a principal's. */
  isOf(identified: Identified, id: string): boolean {
    return this.#owned(identified, id) !== undefined;
  }

  /**
   * Refuses a client's message that names a task which is not its principal's own, or not known to be.
   *
   * @param isOwnTask - whether it is one of the gateway's, and that principal's
   * @throws GatewayError `task_unknown`
   */
  mustOwn(identified: Identified, message: Message, isOwnTask: IsOwnTask): void {
    for (const id of namedTasks(message))
      if (!isOwnTask(id) && this.#owned(identified, id) === undefined) throw taskUnknown();
  }

  /**
   * The request by which an answer is to be judged. What `tasks/result` fetches is the answer to the task's call (MCP
   * 2025-11-25, tasks, result retrieval), and must not get past what policy says of that.
   *
   * @throws GatewayError `task_unknown` where the call was forgotten meanwhile
   */
  judgedBy(identified: Identified, request: RequestMessage): RequestMessage {
    if (request.method !== 'tasks/result') return request;
    const [id] = namedTasks(request);
    return (id === undefined ? undefined : this.#owned(identified, id)?.call) ?? unknown();
  }

  /**
   * The calls of the principal's tasks that a message to it is about: what a server tells of a task may hold what the
   * call's answer holds, as `tasks/get` and `notifications/tasks` do in 2026-07-28.
   *
   * @param request - the one that the message answers, where it answers one
   * @throws GatewayError `task_unknown` where the call of a task that it asks about was forgotten meanwhile
   */
  callsBehind(
    identified: Identified,
    { document }: Message,
    request: RequestMessage | undefined,
    isOwnTask: IsOwnTask,
  ): RequestMessage[] {
    const calls = new Set<RequestMessage>();
    // A stream that listens for news of tasks outlasts them, and each of its messages names its own.
    const asked =
      request === undefined || request.method === 'subscriptions/listen' ? [] : namedTasks(request);
    for (const id of asked) {
      const call = this.#owned(identified, id)?.call;
      if (call !== undefined) calls.add(call);
      else if (!isOwnTask(id)) unknown();
    }
    for (const place of TASK_PLACES) {
      const node = memberAt(document, document.root, ...place);
      if (node === undefined || document.kind(node) !== 'string') continue;
      const call = this.#owned(identified, document.string(node))?.call;
      if (call !== undefined) calls.add(call);
    }
    return [...calls];
  }

  /** Masks that take out of an answer to `tasks/list` all tasks that are not the principal's own. */
  foreignIn(identified: Identified, list: ResponseMessage, isOwnTask: IsOwnTask): MaskObligation[] {
    const { document } = list;
    const tasks = document.member(list.body, 'tasks');
    if (list.outcome !== 'result' || tasks === undefined) return [];
    return [...document.elements(tasks)].flatMap((task, index) => {
      const id = textAt(document, task, 'taskId');
      if (id !== undefined && (isOwnTask(id) || this.#owned(identified, id) !== undefined)) return [];
      return [{ path: `/result/tasks/${index}`, with: 'remove' }];
    });
  }

  #owned({ arrival, principal }: Identified, id: string): Task | undefined {
    const task = this.#tasks.get(keyOf(arrival.upstream.name, id));
    return task?.principalId === principal.id ? task : undefined;
  }
}

/** The id of the task that a server makes of a call; undefined where it makes none. */
export function begunTask(
  version: string,
  call: RequestMessage,
  answer: ResponseMessage,
): string | undefined {
  return version === STATELESS ? handleIn(answer) : taskIn(call, answer);
}

/** What a server of 2025-11-25 answers to a call that asks to be a task. */
function taskIn({ document, params }: RequestMessage, answer: ResponseMessage): string | undefined {
  const asks = params !== undefined && document.member(params, 'task') !== undefined;
  const task = answer.document.member(answer.body, 'task');
  return asks && task !== undefined ? textAt(answer.document, task, 'taskId') : undefined;
}

/** What a server of the tasks extension of 2026-07-28 answers to a call that it makes a task. */
function handleIn({ document, body }: ResponseMessage): string | undefined {
  return textAt(document, body, 'resultType') === 'task' ? textAt(document, body, 'taskId') : undefined;
}

function textAt(document: JsonDocument, object: JsonNode, name: string): string | undefined {
  const node = document.member(object, name);
  return node !== undefined && document.kind(node) === 'string' ? document.string(node) : undefined;
}

export function taskUnknown(): GatewayError {
  return new GatewayError(
    'task_unknown',
    'there is no such task',
    'Use a task that your own call has begun.',
  );
}

function unknown(): never {
  throw taskUnknown();
}

function keyOf(upstream: string, id: string): string {
  return JSON.stringify([upstream, id]);
}

function sizeOf({ document }: RequestMessage): number {
  return document.bytes.byteLength + BYTES_EACH;
}
