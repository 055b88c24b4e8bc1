import { BuiltinError } from '../builtin.js';

/** Tags of ASN.1, as the bytes they are. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The tag of a member that a structure tells apart by number. */
export function contextTag(number: number, form: 'primitive' | 'constructed'): number {
  return (form === 'constructed' ? 0xa0 : 0x80) | number;
}

/** In bytes: four times those of the largest key that is used. To write longer ones as digits takes too long. */
const LONGEST_INTEGER = 8_192;

export interface DerElement {
  readonly tag: number;
  readonly content: Buffer;
  /** Tag, length and content. */
  readonly raw: Buffer;
}

/** Bits, of which the last byte may hold some that don't count. */
export interface BitString {
  readonly bytes: Buffer;
  readonly unused: number;
}

/**
 * Reads DER one element after the other. As Go does, it takes nothing that isn't written in the one right way, and no
 * tags above 30.
 *
 * Source: ITU-T X.690
 */
export class DerReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  nextIs(tag: number): boolean {
    return this.#bytes[this.#at] === tag;
  }

  /** @throws BuiltinError where there is no whole element */
  element(): DerElement {
    const from = this.#at;
    const tag = this.#byte();
    if ((tag & 0x1f) === 0x1f) throw malformed();
    const length = this.#length();
    const start = this.#at;
    if (start + length > this.#bytes.length) throw malformed();
    this.#at = start + length;
    return {
      tag,
      content: this.#bytes.subarray(start, this.#at),
      raw: this.#bytes.subarray(from, this.#at),
    };
  }

  /** @throws BuiltinError where the next element has another tag */
  expect(tag: number): DerElement {
    if (!this.nextIs(tag)) throw malformed();
    return this.element();
  }

  optional(tag: number): DerElement | undefined {
    return this.nextIs(tag) ? this.element() : undefined;
  }

  /** A reader of what an element of this tag holds. */
  inside(tag: number): DerReader {
    return new DerReader(this.expect(tag).content);
  }

  integer(tag: number = TAG.integer): bigint {
    return integerIn(this.expect(tag).content);
  }

  /** An integer of 64 bits, as Go's `int`. */
  smallInteger(tag: number = TAG.integer): number {
    const value = this.integer(tag);
    if (BigInt.asIntN(64, value) !== value) throw malformed();
    return Number(value);
  }

  boolean(): boolean {
    const { content } = this.expect(TAG.boolean);
    if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) throw malformed();
    return content[0] === 0xff;
  }

  /** @returns the numbers joined by dots */
  oid(): string {
    const numbers = oidNumbers(this.expect(TAG.oid).content);
    if (numbers.some((number) => number >= 2n ** 31n)) throw malformed();
    return numbers.join('.');
  }

  bitString(): BitString {
    const { content } = this.expect(TAG.bitString);
    const [unused] = content;
    const bytes = content.subarray(1);
    const last = bytes.at(-1) ?? 0;
    if (unused === undefined || unused > 7 || (bytes.length === 0 && unused > 0)) throw malformed();
    if ((last & ((1 << unused) - 1)) !== 0) throw malformed();
    return { bytes, unused };
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw malformed();
    this.#at += 1;
    return byte;
  }

  #length(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count === 0 || count > 4 || this.#at + count > this.#bytes.length) throw malformed();
    const length = this.#bytes.readUIntBE(this.#at, count);
    // A length that fits must be written in fewer bytes.
    if (length < 0x80 || length < 256 ** (count - 1)) throw malformed();
    this.#at += count;
    return length;
  }
}

/** A reader of what one element of a tag holds, after which nothing follows. */
export function readOnly(bytes: Buffer, tag: number): DerReader {
  const outer = new DerReader(bytes);
  const inner = outer.inside(tag);
  if (!outer.atEnd) throw malformed();
  return inner;
}

/** The numbers of an object identifier, of any size. */
export function oidNumbers(content: Buffer): bigint[] {
  const last = content.at(-1);
  if (last === undefined || last >= 0x80) throw malformed();
  const numbers: bigint[] = [];
  let number = 0n;
  let starts = true;
  for (const byte of content) {
    if (starts && byte === 0x80) throw malformed();
    number = (number << 7n) | BigInt(byte & 0x7f);
    // Beyond this no identifier is in use, and each further byte would cost more.
    if (number >= 2n ** 256n) throw malformed();
    starts = byte < 0x80;
    if (starts) {
      if (numbers.length === 0) {
        const root = number < 80n ? number / 40n : 2n;
        numbers.push(root, number - root * 40n);
      } else numbers.push(number);
      number = 0n;
    }
  }
  return numbers;
}

/** Bits as a number's bytes, without those that don't count. */
export function rightAligned({ bytes, unused }: BitString): Buffer {
  if (unused === 0) return bytes;
  return Buffer.from(bytes.map((byte, index) => (((bytes[index - 1] ?? 0) << 8) | byte) >> unused));
}

/** An unsigned number in big-endian bytes. */
export function unsigned(bytes: Buffer): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString('hex')}`);
}

function integerIn(content: Buffer): bigint {
  const [first, second = 0] = content;
  if (first === undefined) throw malformed();
  const padded = (first === 0 && second < 0x80) || (first === 0xff && second >= 0x80);
  if ((content.length > 1 && padded) || content.length > LONGEST_INTEGER) throw malformed();
  return BigInt.asIntN(content.length * 8, unsigned(content));
}

function malformed(): BuiltinError {
  return new BuiltinError('malformed ASN.1');
}
