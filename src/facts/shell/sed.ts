import { valuesOf } from './options.js';
import type { Word } from './word.js';

/** A line, the last line, or a plain pattern. */
const ADDRESS = String.raw`(?:\d+|\$|\/(?:[^\/\\\n]|\\[^\n])*\/)`;
/** Prints, deletes, counts or replaces, and neither runs, reads nor writes (GNU sed: `e`, `r`, `w`, and the flags `e` and `w`). */
const HARMLESS = new RegExp(
  String.raw`^(?:${ADDRESS}(?:,${ADDRESS})?)?!?(?:[pdq=]|s\/(?:[^\/\\\n]|\\[^\n])*\/(?:[^\/\\\n]|\\[^\n])*\/[gIip0-9]*|s\|(?:[^|\\\n]|\\[^\n])*\|(?:[^|\\\n]|\\[^\n])*\|[gIip0-9]*)$`,
);

/** Whether a script for sed may run commands or open files of its own. */
export function mayRunBySed(words: readonly Word[]): boolean {
  if (words.some((word) => word === null || /^-[^-]*f|^--fi/.test(word))) return true;
  const given = [
    ...valuesOf(words, ['--expression']),
    ...words.flatMap((word, index) => scriptOf(word, words[index + 1])),
  ];
  const scripts =
    given.length > 0 ? given : words.filter((word) => word?.startsWith('-') === false).slice(0, 1);
  return !scripts.every((script) => script !== null && HARMLESS.test(script));
}

/** Behind `-e`, which may stand behind other letters: in the same word, or the next one. */
function scriptOf(word: Word, next: Word | undefined): Word[] {
  const behind = word === null ? undefined : /^-[A-Za-z]*?e([\s\S]*)$/.exec(word)?.[1];
  if (behind === undefined) return [];
  return [behind === '' ? (next ?? null) : behind];
}
