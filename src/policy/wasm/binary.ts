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

  /** The next so many bytes; a view, not a copy. */
  take(length: number): Uint8Array {
    if (this.at + length > this.bytes.length) throw new RangeError('the WebAssembly ends too early');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
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
  return Buffer.concat([Uint8Array.from(unsigned(bytes.length)), Uint8Array.from(bytes)]);
}
