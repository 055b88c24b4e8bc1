import { randomInt } from 'node:crypto';

/** A word found in a text. */
export interface Occurrence {
  /** The word's index in the list that was searched for. */
  readonly word: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Looks for many words at once in time linear in words and text, whatever both hold (Aho and Corasick, 1975). Where
 * several end at the same place only the longest is reported; the others lie within it. Occurrences of one word that
 * overlap each other are reported as one.
 *
 * Nodes are numbers, 0 the root. Children are kept in one open hash table of typed arrays, because the leaves of a
 * removed list can make a million nodes.
 */
export function compileAutomaton(words: readonly string[]): (text: string) => Occurrence[] {
  const trie = plant(words);
  const { child, longest } = trie;
  const fallback = linkFallbacks(trie);
  const beginsWord = new Uint8Array(0x10000);
  for (const word of words) beginsWord[word.charCodeAt(0)] = 1;

  return (text) => {
    const found: Occurrence[] = [];
    let node = 0;
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      if (node === 0 && beginsWord[unit] === 0) continue;
      node = follow(child, fallback, node, unit);
      const word = longest[node] ?? NONE;
      const length = words[word]?.length;
      if (length === undefined) continue;
      const start = index + 1 - length;
      const last = found.at(-1);
      const goesOn = last?.word === word && start < last.end;
      if (goesOn) found.pop();
      found.push({ word, start: goesOn ? last.start : start, end: index + 1 });
    }
    return found;
  };
}

const NONE = -1;

/** The child of a node for a UTF-16 unit, 0 for none. */
type Child = (node: number, unit: number) => number;

interface Trie {
  readonly size: number;
  readonly child: Child;
  readonly parent: Int32Array;
  readonly unit: Uint16Array;
  readonly depth: Int32Array;
  /** The index of the longest word that ends at a node. */
  readonly longest: Int32Array;
}

function plant(words: readonly string[]): Trie {
  const most = words.reduce((sum, word) => sum + word.length, 1);
  const parent = new Int32Array(most);
  const unit = new Uint16Array(most);
  const depth = new Int32Array(most);
  const longest = new Int32Array(most).fill(NONE);
  const bits = Math.ceil(Math.log2(most * 2));
  const slots = new Int32Array(2 ** bits);
  // Random factors: nobody can choose values that all meet in the same slots.
  const [factor, other] = [randomOdd(), randomOdd()];
  let size = 1;

  /** The slot that holds a node's child for a unit, or the free one where it would go. */
  const slotOf = (node: number, code: number): number => {
    let slot = (Math.imul(node, factor) + Math.imul(code, other)) >>> (32 - bits);
    for (let held = slots[slot] ?? 0; held !== 0; held = slots[slot] ?? 0) {
      if (parent[held] === node && unit[held] === code) break;
      slot = (slot + 1) & (slots.length - 1);
    }
    return slot;
  };

  words.forEach((word, index) => {
    let node = 0;
    for (let at = 0; at < word.length; at++) {
      const code = word.charCodeAt(at);
      const slot = slotOf(node, code);
      if (slots[slot] === 0) {
        parent[size] = node;
        unit[size] = code;
        depth[size] = at + 1;
        slots[slot] = size;
        size += 1;
      }
      node = slots[slot] ?? 0;
    }
    if (longest[node] === NONE) longest[node] = index;
  });
  return { size, child: (node, code) => slots[slotOf(node, code)] ?? 0, parent, unit, depth, longest };
}

function randomOdd(): number {
  return randomInt(2 ** 31) * 2 + 1;
}

/** For each node the one to go on from where a text leaves the trie; completes `longest` along the way. */
function linkFallbacks({ size, child, parent, unit, depth, longest }: Trie): Int32Array {
  const fallback = new Int32Array(size);
  for (const node of byDepth(size, depth)) {
    const from = parent[node] ?? 0;
    if (from !== 0) fallback[node] = follow(child, fallback, fallback[from] ?? 0, unit[node] ?? 0);
    if (longest[node] === NONE) longest[node] = longest[fallback[node] ?? 0] ?? NONE;
  }
  return fallback;
}

/** All nodes but the root, the shallow ones first: a counting sort. */
function byDepth(size: number, depth: Int32Array): Int32Array {
  const deepest = depth.subarray(0, size).reduce((most, one) => Math.max(most, one), 0);
  const next = new Int32Array(deepest + 2);
  for (let node = 1; node < size; node++) {
    const above = (depth[node] ?? 0) + 1;
    next[above] = (next[above] ?? 0) + 1;
  }
  for (let level = 1; level < next.length; level++) next[level] = (next[level] ?? 0) + (next[level - 1] ?? 0);
  const sorted = new Int32Array(size - 1);
  for (let node = 1; node < size; node++) {
    const level = depth[node] ?? 0;
    const place = next[level] ?? 0;
    sorted[place] = node;
    next[level] = place + 1;
  }
  return sorted;
}

function follow(child: Child, fallback: Int32Array, from: number, unit: number): number {
  for (let node = from; ; node = fallback[node] ?? 0) {
    const next = child(node, unit);
    if (next !== 0 || node === 0) return next;
  }
}
