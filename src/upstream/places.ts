import { full } from './errors.js';

/** How many sessions an upstream may have at once, or processes of callers that have no session. */
export class Places {
  readonly #name: string;
  readonly #most: number;
  readonly #taken = new Set<object>();

  constructor({ name, maxSessions }: { readonly name: string; readonly maxSessions: number }) {
    this.#name = name;
    this.#most = maxSessions;
  }

  /** @throws UpstreamError `upstream_full` */
  take(holder: object): void {
    if (this.#taken.size >= this.#most) {
      const next = `End sessions that are not needed, or raise max_sessions of upstream ${this.#name}.`;
      throw full(this.#name, `has ${this.#most} sessions or processes, which is as many as it may`, next);
    }
    this.#taken.add(holder);
  }

  /** Gives a place back, when nothing of its holder is left. */
  leave(holder: object): void {
    this.#taken.delete(holder);
  }
}
