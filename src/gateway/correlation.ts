import type { RequestId, RequestMessage, RestoredValue } from '../domain/index.js';
import { TaskRuns } from './own-tasks/runs.js';
import { Tasks } from './tasks.js';
import { Elicitations } from './wait/elicitations.js';
import { Waits } from './wait/waits.js';

/** More unanswered requests than this in one session, and the oldest is forgotten: its answer will be refused. */
const MOST_UNANSWERED = 1_000;

/**
 * Which requests are still unanswered, so that an answer is judged together with what it answers and one that
 * nobody asked for is refused. `asker` is the side that sent the request; a session is named by upstream and id.
 */
export class Correlation {
  /** Calls that are answered by a task, which belong to a principal and outlive its session. */
  readonly tasks = new Tasks();
  /** Calls that run here for tasks of the gateway's own. */
  readonly runs = new TaskRuns();
  /** Clients that were sent to an approval's page. */
  readonly elicitations = new Elicitations();
  /** Calls that are held open. */
  readonly waits = new Waits();
  /**
   * Values that took the places of tokens in requests, by the request as it was sent: no answer to it shows them. `lost`
   * where that is not to be found out any more.
   */
  readonly restored = new WeakMap<RequestMessage, readonly RestoredValue[] | 'lost'>();
  readonly #unanswered = new Map<string, Map<string, RequestMessage>>();

  remember(asker: 'client' | 'server', session: string, request: RequestMessage): void {
    const key = `${asker} ${session}`;
    const requests = this.#unanswered.get(key) ?? new Map<string, RequestMessage>();
    this.#unanswered.set(key, requests);
    requests.set(request.id.key, request);
    if (requests.size > MOST_UNANSWERED) {
      const oldest = requests.keys().next();
      if (!oldest.done) requests.delete(oldest.value);
    }
  }

  /** The request that an answer of this id answers; each can be taken once. */
  take(asker: 'client' | 'server', session: string, id: RequestId): RequestMessage | undefined {
    const key = `${asker} ${session}`;
    const requests = this.#unanswered.get(key);
    const request = requests?.get(id.key);
    requests?.delete(id.key);
    if (requests?.size === 0) this.#unanswered.delete(key);
    return request;
  }

  /** Forgets all of a session that has ended. */
  forget(session: string): void {
    this.#unanswered.delete(`client ${session}`);
    this.#unanswered.delete(`server ${session}`);
  }
}
