import type { Decision, JsonDocument, Received, Revision } from '../domain/index.js';
import type { PolicyInput } from '../policy/index.js';

/** A decision that had effect, and all that it takes to decide the same again. */
export interface Comparison {
  readonly input: PolicyInput;
  readonly decision: Decision;
  /** Which policy decided. */
  readonly revision: Revision;
  readonly decisionId: string;
  readonly received: Received;
}

const MOST_WAITING = 1_000;
const MOST_BYTES = 32 * 1024 * 1024;

/** Comparisons that wait or are under way: so many at most, and so many bytes of messages that they keep in memory. */
export class WaitingComparisons {
  #waiting: Comparison[] = [];
  #count = 0;
  #bytes = 0;
  /** How many comparisons need each piece of memory: the events of a stream are views of the same. */
  readonly #uses = new Map<ArrayBufferLike, number>();

  /** False where there are too many. */
  add(comparison: Comparison): boolean {
    if (this.#count >= MOST_WAITING) return false;
    const { message, request } = comparison.input;
    const bytes =
      this.#newBytesOf(message) + (request === undefined ? 0 : this.#newBytesOf(request.document));
    if (this.#bytes + bytes > MOST_BYTES) return false;
    this.#waiting.push(comparison);
    this.#count += 1;
    this.#use(message);
    if (request !== undefined) this.#use(request.document);
    return true;
  }

  /** The oldest of those that wait, at most so many. They count on until they are {@link done}. */
  take(most: number): readonly Comparison[] {
    return this.#waiting.splice(0, most);
  }

  done({ input: { message, request } }: Comparison): void {
    this.#count -= 1;
    this.#disuse(message);
    if (request !== undefined) this.#disuse(request.document);
  }

  #newBytesOf({ bytes: { buffer } }: JsonDocument): number {
    return this.#uses.has(buffer) ? 0 : buffer.byteLength;
  }

  #use({ bytes: { buffer } }: JsonDocument): void {
    const uses = this.#uses.get(buffer) ?? 0;
    if (uses === 0) this.#bytes += buffer.byteLength;
    this.#uses.set(buffer, uses + 1);
  }

  #disuse({ bytes: { buffer } }: JsonDocument): void {
    const uses = this.#uses.get(buffer) ?? 0;
    if (uses > 1) {
      this.#uses.set(buffer, uses - 1);
      return;
    }
    this.#uses.delete(buffer);
    this.#bytes -= buffer.byteLength;
  }
}
