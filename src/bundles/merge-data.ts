import type { InputPath } from '../domain/index.js';

/** One bundle's data, a JSON object in UTF-8 that was verified, and the roots that all of it lies below. */
export interface RootedData {
  readonly data: Buffer;
  readonly roots: readonly InputPath[];
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d];
const SEPARATOR = Buffer.from(',');

/**
 * Makes one JSON object of several whose roots do not overlap. Texts are put together and no value is read, so that no
 * number changes; what stands below different names is copied as a whole.
 */
export function mergeData(parts: readonly RootedData[]): Buffer {
  const names = parts.flatMap(({ roots }) => [...new Set(roots.map(([first]) => first))]);
  const documents = parts.map(({ data }) => data);
  return new Set(names).size === names.length ? joined(documents.map(inside)) : mergeObjects(documents);
}

/** Member by member, for objects that have names in common. */
function mergeObjects(objects: readonly Buffer[]): Buffer {
  const values = new Map<string, Buffer[]>();
  for (const { name, value } of objects.flatMap(membersOf)) {
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  const members = [...values].map(([name, [first = Buffer.of(), ...others]]) => [
    Buffer.from(`${JSON.stringify(name)}:`),
    // Two values of one name lie above roots, so they are objects.
    others.length === 0 ? first : mergeObjects([first, ...others]),
  ]);
  return joined(members.map((member) => Buffer.concat(member)));
}

function joined(members: readonly Buffer[]): Buffer {
  const texts = members.filter(({ length }) => length > 0);
  return Buffer.concat([
    Buffer.from('{'),
    ...texts.flatMap((text, at) => (at === 0 ? [text] : [SEPARATOR, text])),
    Buffer.from('}'),
  ]);
}

/** What stands between an object's braces; empty where that is nothing but white space. */
function inside(object: Buffer): Buffer {
  let [start, end] = [object.indexOf(OPEN_OBJECT) + 1, object.lastIndexOf(CLOSE_OBJECT)];
  while (start < end && isSpace(object[start])) start += 1;
  while (start < end && isSpace(object[end - 1])) end -= 1;
  return object.subarray(start, end);
}

/** The members of an object by their texts. */
export function membersOf(object: Buffer): { name: string; value: Buffer }[] {
  const text = inside(object);
  const members: { name: string; value: Buffer }[] = [];
  for (let at = 0; at < text.length; ) {
    const nameStart = text.indexOf(QUOTE, at);
    const nameEnd = stringEnd(text, nameStart);
    const valueStart = text.indexOf(COLON, nameEnd) + 1;
    const valueEnd = endOfValue(text, valueStart);
    const name = String(JSON.parse(text.toString('utf8', nameStart, nameEnd)));
    members.push({ name, value: text.subarray(valueStart, valueEnd) });
    at = valueEnd + 1;
  }
  return members;
}

/** Where the comma after a member's value stands, or the end of the text. */
function endOfValue(text: Buffer, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const byte = text[at];
    if (byte === QUOTE) at = stringEnd(text, at) - 1;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth += 1;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth -= 1;
    else if (byte === COMMA && depth === 0) return at;
  }
  return text.length;
}

/** Just behind the string that begins at a place. */
function stringEnd(text: Buffer, start: number): number {
  let at = start + 1;
  while (text[at] !== QUOTE) at += text[at] === BACKSLASH ? 2 : 1;
  return at + 1;
}

/** Whether a byte is white space between values (RFC 8259, section 2). */
export function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}
