import type { JsonDocument, JsonNode } from '../../domain/index.js';

/**
 * The bytes of a document of which some members of one object are left out; all else stays byte for byte.
 *
 * @returns the document's own buffer where the object has none of them
 */
export function withoutMembers(document: JsonDocument, object: JsonNode, names: readonly string[]): Buffer {
  const members = [...document.members(object)];
  const kept = members.filter(([key]) => !names.includes(document.string(key)));
  if (kept.length === members.length) return document.bytes;
  const texts = kept.map(([key, value]) => document.bytes.subarray(document.start(key), document.end(value)));
  return withBytes(document, object, Buffer.concat([...braced(texts)]));
}

/** The bytes of a document in which one value is another; all else stays byte for byte. */
export function withValue(document: JsonDocument, value: JsonNode, text: string): Buffer {
  return withBytes(document, value, Buffer.from(text));
}

/** The bytes of a document in which an object has a member more, at its end. */
export function withMember(document: JsonDocument, object: JsonNode, name: string, text: string): Buffer {
  const isEmpty = document.members(object).next().done === true;
  const member = Buffer.from(`${isEmpty ? '' : ','}${JSON.stringify(name)}:${text}}`);
  const open = document.slice(object).subarray(0, -1);
  return withBytes(document, object, Buffer.concat([open, member]));
}

function withBytes(document: JsonDocument, value: JsonNode, replacement: Buffer): Buffer {
  const { bytes } = document;
  const before = bytes.subarray(0, document.start(value));
  return Buffer.concat([before, replacement, bytes.subarray(document.end(value))]);
}

function* braced(members: readonly Buffer[]): Generator<Buffer> {
  yield Buffer.from('{');
  for (const [at, member] of members.entries()) {
    if (at > 0) yield Buffer.from(',');
    yield member;
  }
  yield Buffer.from('}');
}
