const LINE_FEED = 0x0a;
const SMALLEST_STORE = 4096;

/** Splits bytes into lines as they arrive. A line is never kept beyond a bound. */
export class LineReader {
  readonly #most: number;
  #store = Buffer.alloc(0);
  #stored = 0;

  /** @param most - how many bytes a line may have, its end not counted */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * The lines that a chunk completes, without their line feeds. They may be views of the chunk.
   *
   * @throws RangeError where a line has more bytes than it may
   */
  *push(chunk: Buffer): IterableIterator<Buffer> {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      yield this.#take(chunk.subarray(start, end));
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
  }

  /** What came after the last line end, if anything did. */
  rest(): Buffer | undefined {
    return this.#stored === 0 ? undefined : this.#take(Buffer.alloc(0));
  }

  #take(last: Buffer): Buffer {
    if (this.#stored === 0) return this.#bounded(last);
    this.#keep(last);
    const line = this.#store.subarray(0, this.#stored);
    this.#store = Buffer.alloc(0);
    this.#stored = 0;
    return line;
  }

  /** Keeps bytes of an unfinished line. The store doubles, so that a line in many chunks is copied in linear time. */
  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    const length = this.#stored + bytes.length;
    if (length > this.#most) throw new RangeError(`a line has more than ${this.#most} bytes`);
    if (length > this.#store.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * length, SMALLEST_STORE));
      this.#store.copy(larger, 0, 0, this.#stored);
      this.#store = larger;
    }
    bytes.copy(this.#store, this.#stored);
    this.#stored = length;
  }

  #bounded(line: Buffer): Buffer {
    if (line.length > this.#most) throw new RangeError(`a line has more than ${this.#most} bytes`);
    return line;
  }
}
