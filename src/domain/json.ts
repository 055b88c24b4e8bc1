/** Any JSON value, as JavaScript holds it. Numbers are rounded to doubles: judge and compare on the text instead. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [member: string]: JsonValue;
}

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'true' | 'false' | 'null';

/** One value of a {@link JsonDocument}: its position on the document's tape. */
export type JsonNode = number & { readonly __jsonNode: unique symbol };

/**
 * What one entry of the tape holds: four integers for each value, in the order of the text.
 * An object's children alternate key and value; `next` is the tape index just past the value and all below it.
 */
export const TAPE = { KIND: 0, START: 1, END: 2, NEXT: 3, WIDTH: 4 } as const;
/** Kinds by their number on the tape. */
export const TAPE_KINDS = [
  'object',
  'array',
  'string',
  'number',
  'true',
  'false',
  'null',
] as const satisfies JsonKind[];

const OPENING = Buffer.from('[');
const COMMA = Buffer.from(',');
const CLOSING = Buffer.from(']');

/** The JSON array of values that are JSON texts in UTF-8, each byte for byte. */
export function jsonArrayOf(values: readonly Buffer[]): Buffer {
  const members = values.flatMap((value, at) => (at === 0 ? [value] : [COMMA, value]));
  return Buffer.concat([OPENING, ...members, CLOSING]);
}

const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
const BEYOND_ASCII = 0x80;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const LETTER_A = 0x61;
/** The bit that makes an ASCII letter a small one. */
const LOWER_CASE = 0x20;
/** What the short escapes stand for (RFC 8259, section 7); the others stand for themselves. */
const SHORT_ESCAPES: ReadonlyMap<number, number> = new Map(
  Object.entries({ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }).map(([letter, unit]) => [
    letter.charCodeAt(0),
    unit.charCodeAt(0),
  ]),
);

/**
 * A JSON text that was read once, strictly, together with where each of its values stands.
 *
 * Only the strict reader in `protocol/json` makes one, so whoever holds one knows: the bytes are UTF-8, exactly
 * one JSON text (RFC 8259), no object has two members of one name at any depth, and depth and size are in bounds.
 * Nothing is decoded before it is asked for; the bytes are never changed.
 */
export class JsonDocument {
  readonly bytes: Buffer;
  readonly root = 0 as JsonNode;
  readonly #tape: Int32Array;

  constructor(bytes: Buffer, tape: Int32Array) {
    this.bytes = bytes;
    this.#tape = tape;
  }

  kind(node: JsonNode): JsonKind {
    const kind = TAPE_KINDS[this.#at(node, TAPE.KIND)];
    if (kind === undefined) throw new RangeError(`no JSON value at tape index ${node}`);
    return kind;
  }

  /** Offset of the value's first byte. */
  start(node: JsonNode): number {
    return this.#at(node, TAPE.START);
  }

  /** Offset just past the value's last byte. */
  end(node: JsonNode): number {
    return this.#at(node, TAPE.END);
  }

  /** The first value in the order of the text that is neither this one nor below it; past the last, a number above all. */
  next(node: JsonNode): JsonNode {
    return this.#at(node, TAPE.NEXT) as JsonNode;
  }

  /** The value's own text, exactly as it was sent. */
  text(node: JsonNode): string {
    return this.bytes.toString('utf8', this.start(node), this.end(node));
  }

  /** The value's own bytes, exactly as they were sent; a view, not a copy. */
  slice(node: JsonNode): Buffer {
    return this.bytes.subarray(this.start(node), this.end(node));
  }

  /** A string's value with its escapes resolved; throws on another kind. */
  string(node: JsonNode): string {
    if (this.kind(node) !== 'string')
      throw new TypeError(`the JSON value at ${this.start(node)} is no string`);
    const inner = this.bytes.toString('utf8', this.start(node) + 1, this.end(node) - 1);
    return inner.includes('\\') ? (JSON.parse(`"${inner}"`) as string) : inner;
  }

  /** The value as JavaScript holds it, numbers rounded. */
  value(node: JsonNode): JsonValue {
    return JSON.parse(this.text(node)) as JsonValue;
  }

  /** An array's elements in order; of any other kind, none. */
  *elements(node: JsonNode): IterableIterator<JsonNode> {
    if (this.kind(node) !== 'array') return;
    const past = this.#at(node, TAPE.NEXT);
    for (let child = node + 1; child < past; child = this.#at(child as JsonNode, TAPE.NEXT)) {
      yield child as JsonNode;
    }
  }

  /** An object's members in order, each as its key and its value; of any other kind, none. */
  *members(node: JsonNode): IterableIterator<readonly [key: JsonNode, value: JsonNode]> {
    if (this.kind(node) !== 'object') return;
    const past = this.#at(node, TAPE.NEXT);
    let key = node + 1;
    while (key < past) {
      const value = key + 1;
      yield [key as JsonNode, value as JsonNode];
      key = this.#at(value as JsonNode, TAPE.NEXT);
    }
  }

  /** The value of an object's member by its unescaped name, or undefined. */
  member(node: JsonNode, name: string): JsonNode | undefined {
    if (this.kind(node) !== 'object') return undefined;
    const past = this.#at(node, TAPE.NEXT);
    let key = (node + 1) as JsonNode;
    while (key < past) {
      const value = (key + 1) as JsonNode;
      if (this.isNamed(key, name)) return value;
      key = this.#at(value, TAPE.NEXT) as JsonNode;
    }
    return undefined;
  }

  /** The value at a chain of member names from the root, or undefined. */
  at(...names: readonly string[]): JsonNode | undefined {
    let node: JsonNode | undefined = this.root;
    for (const name of names) {
      if (node === undefined) return undefined;
      node = this.member(node, name);
    }
    return node;
  }

  /** Whether a member's key is a name. Keys are compared as they stand: decoding each would cost far more than reading it. */
  isNamed(key: JsonNode, name: string): boolean {
    const end = this.end(key) - 1;
    let at = this.start(key) + 1;
    for (let unit = 0; unit < name.length; unit += 1) {
      if (at >= end) return false;
      const wanted = name.charCodeAt(unit);
      const byte = this.bytes[at] ?? 0;
      if (byte === BACKSLASH) {
        if (escapedUnit(this.bytes, at) !== wanted) return false;
        at += this.bytes[at + 1] === LETTER_U ? 6 : 2;
      } else if (byte >= BEYOND_ASCII && wanted >= BEYOND_ASCII) {
        return this.string(key) === name;
      } else {
        if (byte !== wanted) return false;
        at += 1;
      }
    }
    return at === end;
  }

  #at(node: JsonNode, field: number): number {
    const value = this.#tape[node * TAPE.WIDTH + field];
    if (value === undefined) throw new RangeError(`no JSON value at tape index ${node}`);
    return value;
  }
}

/** The UTF-16 code unit that the escape at an offset stands for. */
function escapedUnit(bytes: Buffer, backslash: number): number {
  const letter = bytes[backslash + 1] ?? 0;
  if (letter !== LETTER_U) return SHORT_ESCAPES.get(letter) ?? letter;
  let unit = 0;
  for (let at = backslash + 2; at < backslash + 6; at += 1) {
    const digit = bytes[at] ?? 0;
    unit = unit * 16 + (digit <= DIGIT_9 ? digit - DIGIT_0 : (digit | LOWER_CASE) - LETTER_A + 10);
  }
  return unit;
}
