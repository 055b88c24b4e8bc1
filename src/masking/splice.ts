import type { Span } from './span.js';

/** A part of a message, in bytes, and the text that takes its place. */
export interface Edit extends Span {
  readonly text: string;
}

/** Carries out edits that do not overlap, in any order. All other bytes stay; without edits so does the buffer. */
export function splice(bytes: Buffer, edits: readonly Edit[]): Buffer {
  if (edits.length === 0) return bytes;
  const pieces: Buffer[] = [];
  let past = 0;
  for (const { start, end, text } of edits.toSorted((one, other) => one.start - other.start)) {
    pieces.push(bytes.subarray(past, start), Buffer.from(text, 'utf8'));
    past = end;
  }
  pieces.push(bytes.subarray(past));
  return Buffer.concat(pieces);
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
