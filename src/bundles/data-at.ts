import type { DataPath } from './data-path.js';
import { isSpace, membersOf } from './merge-data.js';

const OPEN_OBJECT = 0x7b;

/**
 * The JSON text of a part of a bundle's data, which is a JSON object in UTF-8 that was verified; undefined where there is no
 * such part. What is beside the way to it is not read as values, so that large data costs little.
 *
 * @param path - names of members, at least one
 */
export function dataAt(data: Buffer, path: DataPath): Buffer | undefined {
  const last = path.at(-1) ?? '';
  // A name may be written with escapes, which all begin alike.
  if (!data.includes(last) && !data.includes('\\u')) return undefined;
  let value: Buffer | undefined = data;
  for (const name of path) {
    if (value === undefined || !isObject(value)) return undefined;
    value = membersOf(value).find((member) => member.name === name)?.value;
  }
  return value;
}

/** A value's text may begin with white space. */
function isObject(value: Buffer): boolean {
  return value.find((byte) => !isSpace(byte)) === OPEN_OBJECT;
}
