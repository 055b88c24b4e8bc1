import type { RequestId } from '../../domain/index.js';

/** Calls that are held open, so that a caller can take one back (`notifications/cancelled`) and leave the stream open. */
export class Waits {
  readonly #ends = new Map<string, () => void>();

  /** @returns what takes it out again */
  begin(session: string, id: RequestId, end: () => void): () => void {
    const key = keyOf(session, id.key);
    this.#ends.set(key, end);
    return () => {
      if (this.#ends.get(key) === end) this.#ends.delete(key);
    };
  }

  /** Ends the wait of a call, if it waits. */
  cancel(session: string, id: RequestId): void {
    this.#ends.get(keyOf(session, id.key))?.();
  }
}

function keyOf(session: string, id: string): string {
  return JSON.stringify([session, id]);
}
