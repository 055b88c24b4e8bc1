import type { Word } from './word.js';

/**
 * The values that options of a program take: `-x value`, `-xvalue`, `--long value`, `--long=value`. A long option may be cut
 * short, as GNU's are (getopt_long). Where an option has no value, what stands next is given too.
 *
 * @param names - `-x` or `--long`
 */
export function valuesOf(words: readonly Word[], names: readonly string[]): Word[] {
  return words.flatMap((word, index) => {
    if (word === null || !word.startsWith('-')) return [];
    const next = index + 1 < words.length ? [words[index + 1] ?? null] : [];
    if (word.startsWith('--')) {
      const [given = '', ...value] = word.split('=');
      const isOne = given.length > 3 && names.some((name) => name.startsWith(given));
      if (!isOne) return [];
      return value.length > 0 ? [value.join('=')] : next;
    }
    const name = names.find((short) => !short.startsWith('--') && word.startsWith(short));
    if (name === undefined) return [];
    return word === name ? next : [word.slice(name.length)];
  });
}
