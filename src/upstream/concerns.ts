/**
 * Whom a shared server's own messages concern. It believes that it has one client and so never says; what is known is
 * who has asked it what. A session is named by its number.
 */
import type { Envelope } from './envelope.js';

/** More unanswered calls than this, those of ended sessions included, and none is kept in mind: nothing is certain then. */
const MOST_CALLS = 10_000;

/** Whom what a server says outside of its answers concerns. */
export class Concerns {
  /** The one session that the server has had, while it has had no other. */
  #only: number | undefined;
  #sessions = 0;
  /** Whose each unanswered call is, by the id that the server knows. A session that has ended still has its calls. */
  readonly #calls = new Map<string, number>();
  /** Whether there is work that shows in no unanswered call. */
  #unseenWork = false;

  joined(session: number): void {
    this.#sessions += 1;
    this.#only = this.#sessions === 1 ? session : undefined;
  }

  called(session: number, serverId: string, { beginsTask }: Envelope): void {
    this.#calls.set(serverId, session);
    if (beginsTask || this.#calls.size > MOST_CALLS) this.#unseenWork = true;
    if (this.#calls.size > MOST_CALLS) this.#calls.clear();
  }

  answered(serverId: string): void {
    this.#calls.delete(serverId);
  }

  /**
   * The session that a request or notification of the server's concerns for certain: the only one that there ever was,
   * or the one that all unanswered calls are of, where the message is one that servers send in the course of a call.
   */
  sessionOf({ method, id }: Envelope): number | undefined {
    if (this.#only !== undefined) return this.#only;
    const isOfCall = id !== undefined || method === 'notifications/message';
    const callers = new Set(this.#calls.values());
    const [caller] = callers;
    return isOfCall && !this.#unseenWork && callers.size === 1 ? caller : undefined;
  }
}
