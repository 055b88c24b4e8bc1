import { createHash } from 'node:crypto';
import { ProtocolError } from '../error.js';
import { byteAt } from './bytes.js';
import type { Tape } from './tape.js';

/** Up to so many names are told apart by comparing a checksum of each with each: far cheaper than a set. */
const FEW = 32;
/** V8 hashes a string of 16,384 units or more by its length alone; far below that, every unit counts. */
const HASHED_BY_CONTENT = 4096;

const checksums = new Int32Array(FEW);

/**
 * Refuses an object that has two members of one name, once all of its members are on the tape.
 *
 * @throws ProtocolError duplicate_member, at the later of the two
 */
export function mustBeDistinct(bytes: Buffer, tape: Tape, object: number): void {
  if (tape.escapedNames || !surelyDistinct(bytes, tape, object)) mustBeDistinctTexts(bytes, tape, object);
}

/** Whether few names have different checksums: then no two have the same bytes. Whoever forces a collision gains nothing. */
function surelyDistinct(bytes: Buffer, tape: Tape, object: number): boolean {
  let count = 0;
  for (let name = object + 1; name < tape.length; name = tape.next(name + 1)) {
    if (count === FEW) return false;
    const checksum = checksumOf(bytes, tape.start(name), tape.end(name));
    for (let earlier = 0; earlier < count; earlier += 1) {
      if (checksums[earlier] === checksum) return false;
    }
    checksums[count] = checksum;
    count += 1;
  }
  return true;
}

function checksumOf(bytes: Buffer, start: number, end: number): number {
  let sum = 0;
  for (let at = start + 1; at < end; at += 1) sum = (sum * 31 + byteAt(bytes, at)) | 0;
  return sum;
}

function mustBeDistinctTexts(bytes: Buffer, tape: Tape, object: number): void {
  const seen = new Set<string>();
  let count = 0;
  for (let name = object + 1; name < tape.length; name = tape.next(name + 1)) {
    seen.add(distinctText(bytes, tape.start(name), tape.end(name)));
    count += 1;
    if (seen.size !== count) refuseDuplicate(tape.start(name));
  }
}

/**
 * A text that two names share exactly when they are equal, and that nobody can choose so that many fall into one
 * bucket: a seeded hash of V8 spreads it. The quote in front keeps it from looking like an array index, which V8
 * hashes without the seed.
 */
function distinctText(bytes: Buffer, start: number, end: number): string {
  const quoted = bytes.toString('utf8', start, end - 1);
  const text = quoted.includes('\\') ? `"${JSON.parse(`${quoted}"`) as string}` : quoted;
  return text.length < HASHED_BY_CONTENT ? text : createHash('sha256').update(text).digest('hex');
}

function refuseDuplicate(at: number): never {
  throw new ProtocolError('duplicate_member', 'an object has two members of one name, the second', at);
}
