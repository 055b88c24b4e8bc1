import { LineReader } from './lines.js';

/** One server-sent event: what it is, and its data lines joined by line feeds. */
export interface SseMessage {
  readonly type: string;
  readonly data: Buffer;
}

const BREAK = Buffer.from('\n');

/**
 * Reads the type and data of server-sent events (WHATWG HTML, section 9.2.6); ids and retry times mean nothing where
 * no connection is taken up again. Lines end with LF or CRLF; a lone CR ends one too, but is seen with the LF after it.
 */
export class SseEvents {
  readonly #most: number;
  readonly #lines: LineReader;
  #type = 'message';
  #data: Buffer[] = [];
  #bytes = 0;

  /** @param most - how many bytes an event's data may have */
  constructor(most: number) {
    this.#most = most;
    this.#lines = new LineReader(most + 'data: '.length);
  }

  /**
   * The events that a chunk completes.
   *
   * @throws RangeError where an event is larger than it may be
   */
  *push(chunk: Buffer): IterableIterator<SseMessage> {
    for (const line of this.#lines.push(chunk)) {
      for (const part of partsOf(line)) {
        const event = part.length === 0 ? this.#take() : this.#read(part);
        if (event !== undefined) yield event;
      }
    }
  }

  #take(): SseMessage | undefined {
    const event = { type: this.#type, data: Buffer.concat(this.#data).subarray(BREAK.length) };
    const isEmpty = this.#data.length === 0;
    this.#type = 'message';
    this.#data = [];
    this.#bytes = 0;
    return isEmpty ? undefined : event;
  }

  #read(line: Buffer): undefined {
    const colon = line.indexOf(':');
    const name = line.toString('utf8', 0, colon === -1 ? line.length : colon);
    const value =
      colon === -1 ? Buffer.alloc(0) : line.subarray(line[colon + 1] === 0x20 ? colon + 2 : colon + 1);
    if (name === 'event') this.#type = value.toString('utf8');
    if (name !== 'data') return;
    this.#bytes += value.length + BREAK.length;
    if (this.#bytes > this.#most + BREAK.length)
      throw new RangeError(`an event has more than ${this.#most} bytes of data`);
    this.#data.push(BREAK, value);
  }
}

/** A line up to a line feed, parted where it holds carriage returns; one before the line feed belongs to that. */
function partsOf(line: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  const whole = line.at(-1) === 0x0d ? line.subarray(0, -1) : line;
  let start = 0;
  for (let end = whole.indexOf(0x0d); end !== -1; end = whole.indexOf(0x0d, start)) {
    parts.push(whole.subarray(start, end));
    start = end + 1;
  }
  parts.push(whole.subarray(start));
  return parts;
}
