import type { Word } from './consistency.js';

/** Bounds of what is kept for one stream: masked values, their text together, and ends of texts. */
const MOST_VALUES = 10_000;
const MOST_TEXT = 1024 * 1024;
const MOST_ENDS = 64;
/** How much of a text's end is kept, in UTF-16 units: a longer value that is sent in pieces is not put together. */
export const END_LENGTH = 512;

/**
 * What masking remembers from one message of a stream, or of a batch, to the next: the values that were masked, and how the
 * texts ended that may go on. In memory only, for as long as the exchange is open. The oldest is forgotten first.
 */
export class StreamMemory {
  readonly #words = new Map<string, Word>();
  readonly #ends = new Map<string, string>();
  #textLength = 0;

  /** The texts that were masked so far, and what stands in their place. */
  get words(): ReadonlyMap<string, Word> {
    return this.#words;
  }

  /** Takes in what was masked in another message. */
  keep(words: ReadonlyMap<string, Word>): void {
    for (const [text, word] of words) {
      if (text.length > MOST_TEXT) continue;
      if (!this.#words.has(text)) this.#textLength += text.length;
      this.#words.set(text, word);
    }
    for (const oldest of this.#words.keys()) {
      if (this.#words.size <= MOST_VALUES && this.#textLength <= MOST_TEXT) break;
      this.#words.delete(oldest);
      this.#textLength -= oldest.length;
    }
  }

  /** One that knows the same, for a document that is no message of the stream. */
  copy(): StreamMemory {
    const copy = new StreamMemory();
    copy.keep(this.#words);
    return copy;
  }

  /** How the text at a place ended in the messages before; empty where there was none. */
  endAt(place: string): string {
    return this.#ends.get(place) ?? '';
  }

  /** Takes in what was said at a place. */
  say(place: string, text: string): void {
    const end = (this.endAt(place) + text.slice(-END_LENGTH)).slice(-END_LENGTH);
    this.#ends.delete(place);
    this.#ends.set(place, end);
    const [oldest] = this.#ends.keys();
    if (this.#ends.size > MOST_ENDS && oldest !== undefined) this.#ends.delete(oldest);
  }
}
