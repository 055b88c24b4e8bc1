import { ProtocolError } from '../error.js';
import { COLON, readEvent, type SseEvent } from './event.js';
import { CARRIAGE_RETURN, LINE_FEED, lineEnd, lineStartAfter } from './lines.js';

export interface SseLimits {
  /** How many bytes one event may have, its line ends and comments included. */
  readonly eventBytes: number;
}

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
/** Stands for the first byte of a line that has none yet. */
const NONE = -1;
const SMALLEST_STORE = 4096;

/**
 * Splits a stream of server-sent events (WHATWG HTML, section 9.2.6) as its chunks arrive. An event comes out with
 * the chunk that ends its blank line; a comment that stands before an event's first field comes out by itself with
 * the end of its line, and so does a blank line: either may be a keep-alive that somebody waits for.
 *
 * The events are views of the chunks, which must not change afterwards.
 */
export class SseReader {
  readonly #eventBytes: number;
  /** The event that is under way, as far as earlier chunks brought it. */
  #store = Buffer.alloc(0);
  #stored = 0;
  /** Whether the event that is under way has a field. */
  #hasFields = false;
  /** The first byte of the line that is under way. */
  #lineBegin = NONE;
  /** Whether the last chunk ended in a CR, to which an LF may yet belong. */
  #afterReturn = false;
  /** How many bytes of a byte-order mark the stream began with; it is complete or ruled out when `#marking` ends. */
  #mark = 0;
  #marking = true;
  #failed = false;

  constructor(limits: SseLimits) {
    this.#eventBytes = limits.eventBytes;
  }

  /**
   * Takes the stream's next bytes, and gives the events that they complete, in order.
   *
   * @throws ProtocolError event_too_big, from then on at every call; events that the same chunk completed are lost
   */
  push(chunk: Buffer): SseEvent[] {
    if (this.#failed) this.#refuse();
    const events: SseEvent[] = [];
    let eventStart = 0;
    let at = this.#skipOpening(chunk);
    while (at < chunk.length) {
      const end = lineEnd(chunk, at);
      if (end > at && this.#lineBegin === NONE) this.#lineBegin = chunk[at] ?? NONE;
      if (end === chunk.length) break;
      at = lineStartAfter(chunk, end);
      this.#afterReturn = at === chunk.length && chunk[at - 1] === CARRIAGE_RETURN;
      if (this.#endLine()) {
        events.push(this.#take(chunk.subarray(eventStart, at)));
        eventStart = at;
      }
    }
    this.#keep(chunk.subarray(eventStart));
    return events;
  }

  /** Whether the stream, ending here, cuts an event off. */
  end(): boolean {
    const insideMark = this.#marking && this.#mark > 0;
    return insideMark || this.#hasFields || this.#lineBegin !== NONE;
  }

  /** The offset past what belongs to no line: a byte-order mark, and the LF of a CR that ended the chunk before. */
  #skipOpening(chunk: Buffer): number {
    let at = 0;
    while (this.#marking && at < chunk.length) {
      if (chunk[at] === BYTE_ORDER_MARK[this.#mark]) {
        this.#mark += 1;
        at += 1;
        this.#marking = this.#mark < BYTE_ORDER_MARK.length;
      } else {
        // What looked like a mark is the beginning of a line.
        if (this.#mark > 0) this.#lineBegin = BYTE_ORDER_MARK[0] ?? NONE;
        this.#mark = 0;
        this.#marking = false;
      }
    }
    if (this.#afterReturn && at < chunk.length) {
      this.#afterReturn = false;
      if (chunk[at] === LINE_FEED) at += 1;
    }
    return at;
  }

  /** Ends the line that is under way; true when the event ends with it. */
  #endLine(): boolean {
    const begin = this.#lineBegin;
    this.#lineBegin = NONE;
    const ends = begin === NONE || (begin === COLON && !this.#hasFields);
    this.#hasFields = !ends;
    return ends;
  }

  /** The event of which `rest` are the last bytes. */
  #take(rest: Buffer): SseEvent {
    let raw = rest;
    if (this.#stored > 0) {
      this.#keep(rest);
      raw = this.#store.subarray(0, this.#stored);
      this.#store = Buffer.alloc(0);
      this.#stored = 0;
    }
    if (raw.length > this.#eventBytes) this.#refuse();
    const event = readEvent(raw, this.#mark);
    this.#mark = 0;
    return event;
  }

  /** Keeps bytes of an unfinished event. The store doubles, so that an event in many chunks is copied in linear time. */
  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    const length = this.#stored + bytes.length;
    if (length > this.#eventBytes) this.#refuse();
    if (length > this.#store.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * length, SMALLEST_STORE));
      this.#store.copy(larger, 0, 0, this.#stored);
      this.#store = larger;
    }
    bytes.copy(this.#store, this.#stored);
    this.#stored = length;
  }

  #refuse(): never {
    this.#failed = true;
    throw new ProtocolError('event_too_big', `a server-sent event has more than ${this.#eventBytes} bytes`);
  }
}
