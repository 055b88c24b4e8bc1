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

/** What an option does with the word behind it. */
export type Reach = 'takes_next' | 'complete' | 'unknown';

/**
 * Whether an option takes the next word along, read as `getopt_long` does: short ones may stand together, the last may take a
 * word; a long one may be cut short. `unknown` where it might, for all that is known of the program.
 *
 * @param taking - options that take a value: `-x`, `--long`
 */
export function reachOf(option: string, taking: readonly string[]): Reach {
  if (option === '--') return 'complete';
  if (option.startsWith('--')) {
    if (option.includes('=')) return 'complete';
    const isTaking = option.length > 2 && taking.some((name) => name.startsWith(option));
    return isTaking ? 'takes_next' : 'unknown';
  }
  const at = [...option].findIndex((letter, index) => index > 0 && taking.includes(`-${letter}`));
  if (at === -1) return 'unknown';
  return at === option.length - 1 ? 'takes_next' : 'complete';
}
