/**
 * Reads WebAssembly's binary format, forwards. Reading past the end throws, as does what no valid module holds.
 *
 * Source: https://webassembly.github.io/spec/core/binary/
 */
export class BinaryReader {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  byte(): number {
    const byte = this.bytes[this.at];
    if (byte === undefined) throw new RangeError('the WebAssembly ends too early');
    this.at += 1;
    return byte;
  }

  /** An unsigned integer of up to 32 bits in LEB128. */
  unsigned(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a number in the WebAssembly is too long');
  }

  /** Passes over an integer in LEB128 of any width and sign. */
  skipInteger(): void {
    while (this.byte() >= 0x80);
  }

  /** Passes over so many bytes. */
  skip(length: number): void {
    if (this.at + length > this.bytes.length) throw new RangeError('the WebAssembly ends too early');
    this.at += length;
  }

  /** The next so many bytes; a view, not a copy. */
  take(length: number): Uint8Array {
    this.skip(length);
    return this.bytes.subarray(this.at - length, this.at);
  }
}

/** Writes WebAssembly's binary format, forwards, into memory that grows with it. */
export class BinaryWriter {
  #bytes: Uint8Array;
  #length = 0;

  /** @param expectedBytes in all, about */
  constructor(expectedBytes: number) {
    this.#bytes = new Uint8Array(expectedBytes);
  }

  /** All that was written; a view, not a copy. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  bytes(bytes: Uint8Array | readonly number[]): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** An unsigned integer in LEB128. */
  unsigned(value: number): void {
    this.bytes(unsigned(value));
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * (this.#length + more));
    larger.set(this.written);
    this.#bytes = larger;
  }
}

/** An unsigned integer in LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return [...bytes, rest];
}

/** A positive integer in signed LEB128, whose last byte must not look negative. */
export function signed(value: number): number[] {
  const bytes = unsigned(value);
  const last = bytes.at(-1) ?? 0;
  return last < 0x40 ? bytes : [...bytes.slice(0, -1), last | 0x80, 0];
}

/** Bytes behind their length, as WebAssembly has names, sections and function bodies. */
export function sized(bytes: Uint8Array | readonly number[]): Uint8Array {
  const writer = new BinaryWriter(bytes.length + 5);
  writer.unsigned(bytes.length);
  writer.bytes(bytes);
  return writer.written;
}
