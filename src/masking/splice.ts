import type { Span } from './span.js';

/** A part of a message, in bytes, and the text that takes its place. */
export interface Edit extends Span {
  readonly text: string;
}

/** Carries out edits that do not overlap, in any order. All other bytes stay; without edits so does the buffer. */
export function splice(bytes: Buffer, edits: readonly Edit[]): Buffer {
  if (edits.length === 0) return bytes;
  const ascending = edits.toSorted((one, other) => one.start - other.start);
  const grown = ascending.reduce(
    (sum, { start, end, text }) => sum + Buffer.byteLength(text) - (end - start),
    0,
  );
  const spliced = Buffer.allocUnsafe(bytes.length + grown);
  let [past, at] = [0, 0];
  for (const { start, end, text } of ascending) {
    at += bytes.copy(spliced, at, past, start);
    at += spliced.write(text, at);
    past = end;
  }
  at += bytes.copy(spliced, at, past);
  // What was not filled would be memory of whatever stood there before.
  if (at !== spliced.length) throw new RangeError('edits of a message overlap');
  return spliced;
}

/** An object's member or an array's element: where it stands, and whether it is to disappear. */
export interface Child extends Span {
  readonly removed: boolean;
}

/** The cuts that make children disappear together with the commas that would be left over. */
export function cutOut(children: readonly Child[]): Edit[] {
  const cuts: Edit[] = [];
  let before: Child | undefined;
  let run: Child[] = [];
  const cut = (after: Child | undefined) => {
    const [first, last] = [run[0], run.at(-1)];
    if (first === undefined || last === undefined) return;
    const start = before?.end ?? first.start;
    const end = before === undefined && after !== undefined ? after.start : last.end;
    cuts.push({ start, end, text: '' });
  };
  for (const child of children) {
    if (child.removed) run.push(child);
    else {
      cut(child);
      before = child;
      run = [];
    }
  }
  cut(undefined);
  return cuts;
}
