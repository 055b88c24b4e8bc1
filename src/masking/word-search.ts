import { compileAutomaton, type Occurrence } from './automaton.js';
import { Beginnings, MOST_UNITS, NO_WORD } from './beginnings.js';

/** Longer words, and more that begin alike, are left to the automaton: comparing each could take the square of a text. */
const MAX_LENGTH = 64;
const MAX_ALIKE = 4;

/**
 * Looks for many words at once in time linear in words and text, whatever both hold. Of words that lie within one another
 * or overlap, at least those are reported that together cover all; one that overlaps itself is reported as one.
 */
export function compileWordSearch(words: readonly string[]): (text: string) => Occurrence[] {
  const { short, others } = sorted(words);
  const beginnings = new Beginnings(short.map((index) => unitsOf(words[index] ?? '')));
  const findOthers = compileAutomaton(others.map((index) => words[index] ?? ''));
  return (text) => {
    const found: Occurrence[] = [];
    const { width } = beginnings;
    let hash = 0;
    for (let at = short.length === 0 ? text.length : 0; at < text.length; at++) {
      hash = beginnings.roll(hash, text.charCodeAt(at), at < width ? 0 : text.charCodeAt(at - width));
      if (at + 1 < width) continue;
      for (let one = beginnings.first(hash); one !== NO_WORD; one = beginnings.another(one)) {
        const word = short[one] ?? 0;
        const [value, start] = [words[word] ?? '', at + 1 - width];
        if (!text.startsWith(value, start)) continue;
        const last = found.at(-1);
        const goesOn = last?.word === word && start < last.end;
        if (goesOn) found.pop();
        found.push({ word, start: goesOn ? last.start : start, end: start + value.length });
      }
    }
    if (others.length > 0)
      for (const { word, start, end } of findOthers(text))
        found.push({ word: others[word] ?? 0, start, end });
    return found;
  };
}

/** Those that can be compared one by one, and the others, by their indices. */
function sorted(words: readonly string[]): { readonly short: number[]; readonly others: number[] } {
  const [short, others]: [number[], number[]] = [[], []];
  const width = words.reduce((least, { length }) => Math.min(least, length), MOST_UNITS);
  const alike = new Map<string, number>();
  words.forEach((word, index) => {
    const beginning = word.slice(0, width);
    const before = alike.get(beginning) ?? 0;
    alike.set(beginning, before + 1);
    if (word.length > MAX_LENGTH || before >= MAX_ALIKE) others.push(index);
    else short.push(index);
  });
  return { short, others };
}

/** The units by which a word is told. */
function unitsOf(word: string): Uint16Array {
  const units = new Uint16Array(Math.min(word.length, MOST_UNITS));
  for (let at = 0; at < units.length; at++) units[at] = word.charCodeAt(at);
  return units;
}
