import { isUtf8 } from 'node:buffer';
import { JsonDocument } from '../../domain/index.js';
import { ProtocolError } from '../error.js';
import {
  byteAt,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  LETTER_F,
  LETTER_N,
  LETTER_T,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
  spaceEnd,
} from './bytes.js';
import { mustBeDistinct } from './member-names.js';
import { numberEnd } from './number.js';
import { refuseGrammar } from './refuse.js';
import { plainEnd, stringEnd } from './string.js';
import { ARRAY, FALSE, NOTHING, NULL, NUMBER, OBJECT, STRING, Tape, TRUE } from './tape.js';

/** What a JSON text may demand of its readers. */
export interface JsonBounds {
  /** How many objects and arrays may be open at once. */
  readonly maxDepth: number;
}

/** Deep enough for arguments nested 1,000 deep inside their envelope. */
export const DEFAULT_JSON_BOUNDS: JsonBounds = { maxDepth: 1024 };

/** Offsets stand on the tape as 32-bit integers. */
const MAX_BYTES = 2 ** 30;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const WORD_TRUE = Buffer.from('true');
const WORD_FALSE = Buffer.from('false');
const WORD_NULL = Buffer.from('null');

/**
 * Reads bytes as exactly one JSON text (RFC 8259), in one pass and without recursion. It is stricter than the RFC
 * where two readers of the same text could differ: see {@link ProtocolErrorCode}.
 *
 * The document keeps the bytes: they must not change afterwards.
 *
 * @throws ProtocolError empty_body, too_big, byte_order_mark, not_utf8, not_json, duplicate_member, too_deep,
 *   lone_surrogate, number_range
 */
export function readJson(bytes: Buffer, bounds: JsonBounds = DEFAULT_JSON_BOUNDS): JsonDocument {
  mustBeUtf8(bytes);
  return new JsonDocument(bytes, readTape(bytes, bounds.maxDepth).fields());
}

function mustBeUtf8(bytes: Buffer): void {
  if (bytes.length === 0) throw new ProtocolError('empty_body', 'there are no bytes to read');
  if (bytes.length > MAX_BYTES)
    throw new ProtocolError('too_big', `more than ${MAX_BYTES} bytes are not read as one JSON text`);
  if (BYTE_ORDER_MARK.every((byte, at) => bytes[at] === byte))
    throw new ProtocolError('byte_order_mark', 'the JSON text begins with a byte-order mark');
  if (!isUtf8(bytes)) throw new ProtocolError('not_utf8', 'the JSON text is not UTF-8');
}

/**
 * Walks the text value by value: the outer loop begins one, the inner loop ends it and whatever ends with it.
 * `open` is the innermost object or array that has not ended.
 */
function readTape(bytes: Buffer, maxDepth: number): Tape {
  const tape = new Tape(bytes.length);
  let at = spaceEnd(bytes, 0);
  let open = NOTHING;
  let depth = 0;
  for (;;) {
    const first = byteAt(bytes, at);
    if (first === OPEN_OBJECT || first === OPEN_ARRAY) {
      depth += 1;
      if (depth > maxDepth) refuseDepth(maxDepth, at);
      open = tape.open(first === OPEN_OBJECT ? OBJECT : ARRAY, at, open);
      at = spaceEnd(bytes, at + 1);
      const empty = byteAt(bytes, at) === (first === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY);
      if (!empty) {
        if (first === OPEN_OBJECT) at = readName(bytes, at, tape);
        continue;
      }
    } else at = spaceEnd(bytes, readScalar(bytes, at, tape));

    for (;;) {
      if (open === NOTHING) return at === bytes.length ? tape : refuseGrammar(bytes, at);
      const inObject = tape.kind(open) === OBJECT;
      const byte = byteAt(bytes, at);
      if (byte === COMMA) {
        at = spaceEnd(bytes, at + 1);
        if (inObject) at = readName(bytes, at, tape);
        break;
      }
      if (byte !== (inObject ? CLOSE_OBJECT : CLOSE_ARRAY)) refuseGrammar(bytes, at);
      if (inObject) mustBeDistinct(bytes, tape, open);
      open = tape.close(open, at + 1);
      depth -= 1;
      at = spaceEnd(bytes, at + 1);
    }
  }
}

/** Reads a member's name and its colon, up to its value. */
function readName(bytes: Buffer, at: number, tape: Tape): number {
  if (byteAt(bytes, at) !== QUOTE) refuseGrammar(bytes, at);
  const plain = plainEnd(bytes, at + 1);
  const end = stringEnd(bytes, plain);
  if (end !== plain + 1) tape.escapedNames = true;
  tape.add(STRING, at, end);
  const colon = spaceEnd(bytes, end);
  return byteAt(bytes, colon) === COLON ? spaceEnd(bytes, colon + 1) : refuseGrammar(bytes, colon);
}

function readScalar(bytes: Buffer, at: number, tape: Tape): number {
  const first = byteAt(bytes, at);
  if (first === QUOTE) {
    const end = stringEnd(bytes, at + 1);
    tape.add(STRING, at, end);
    return end;
  }
  if (first === LETTER_T) return readWord(bytes, at, tape, TRUE, WORD_TRUE);
  if (first === LETTER_F) return readWord(bytes, at, tape, FALSE, WORD_FALSE);
  if (first === LETTER_N) return readWord(bytes, at, tape, NULL, WORD_NULL);
  const end = numberEnd(bytes, at);
  tape.add(NUMBER, at, end);
  return end;
}

function readWord(bytes: Buffer, at: number, tape: Tape, kind: number, word: Buffer): number {
  for (let letter = 1; letter < word.length; letter += 1) {
    if (byteAt(bytes, at + letter) !== word[letter]) refuseGrammar(bytes, at + letter);
  }
  tape.add(kind, at, at + word.length);
  return at + word.length;
}

function refuseDepth(maxDepth: number, at: number): never {
  throw new ProtocolError('too_deep', `more than ${maxDepth} objects and arrays are open`, at);
}
