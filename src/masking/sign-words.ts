/**
 * A machine that finds all of many words in one pass over the bytes of a text, in any case (Aho and Corasick, 1975). It is
 * a plain table: from the state `s`, a byte of the class `c` leads to `next[s + c]`. States are multiples of the
 * number of classes, 0 is where it starts.
 */
export interface WordMachine {
  /** The class of each byte; 0 for those that stand in no word. */
  readonly classes: Uint8Array;
  readonly next: Int32Array;
  /** By state: 0 where no word ends, else the number of the words that do, an index of `ends`. */
  readonly accepts: Uint16Array;
  /** Indices of words that end together. */
  readonly ends: readonly (readonly number[])[];
}

/** Builds the machine for words in ASCII. */
export function compileWords(words: readonly string[]): WordMachine {
  const lower = words.map((word) => word.toLowerCase());
  const { classes, width } = classesOf(lower);
  const size = 1 + lower.reduce((sum, word) => sum + word.length, 0);
  const next = new Int32Array(size * width);
  const endsAt = plant(lower, classes, width, next);
  const accepts = new Uint16Array(size * width);
  const ends: (readonly number[])[] = [[]];
  const known = new Map<string, number>();
  for (const [state, here] of endsAt.entries()) {
    if (here.length === 0) continue;
    const key = here.join();
    const number = known.get(key) ?? ends.push(here) - 1;
    known.set(key, number);
    accepts[state * width] = number;
  }
  return { classes, next, accepts, ends };
}

function classesOf(words: readonly string[]): { classes: Uint8Array; width: number } {
  const classes = new Uint8Array(256);
  const signs = [...new Set(words.join(''))];
  signs.forEach((sign, index) => {
    classes[sign.charCodeAt(0)] = index + 1;
    classes[sign.toUpperCase().charCodeAt(0)] = index + 1;
  });
  return { classes, width: signs.length + 1 };
}

/** Fills in the table; returns which words end in each state. */
function plant(words: readonly string[], classes: Uint8Array, width: number, next: Int32Array): number[][] {
  const endsAt: number[][] = [[]];
  words.forEach((word, index) => {
    let state = 0;
    for (let at = 0; at < word.length; at++) {
      const cell = state * width + (classes[word.charCodeAt(at)] ?? 0);
      if (next[cell] === 0) next[cell] = (endsAt.push([]) - 1) * width;
      state = (next[cell] ?? 0) / width;
    }
    endsAt[state]?.push(index);
  });
  linkFallbacks(endsAt, width, next);
  return endsAt;
}

/** Where a text leaves the tree of words, it goes on from the longest end of what was read that begins a word. */
function linkFallbacks(endsAt: number[][], width: number, next: Int32Array): void {
  const fallback = new Int32Array(endsAt.length);
  const queue: number[] = [];
  for (let kind = 0; kind < width; kind++) {
    const child = (next[kind] ?? 0) / width;
    if (child !== 0) queue.push(child);
  }
  for (const state of queue) {
    const back = fallback[state] ?? 0;
    endsAt[state]?.push(...(endsAt[back] ?? []));
    for (let kind = 0; kind < width; kind++) {
      const cell = state * width + kind;
      const onward = next[back * width + kind] ?? 0;
      const child = (next[cell] ?? 0) / width;
      if (child === 0) next[cell] = onward;
      else {
        fallback[child] = onward / width;
        queue.push(child);
      }
    }
  }
}
