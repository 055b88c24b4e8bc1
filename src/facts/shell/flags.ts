import type { Word } from './word.js';

/** The options among a command's words. One dash may begin one long option or several short ones: both readings are given. */
export function flagsOf(words: readonly Word[]): string[] {
  const flags = new Set<string>();
  for (const word of words) {
    if (word === '--') break;
    if (word === null || !/^--?[A-Za-z0-9?#@]/.test(word)) continue;
    const [name = ''] = word.split('=', 1);
    flags.add(name);
    if (!name.startsWith('--')) for (const letter of name.slice(1)) flags.add(`-${letter}`);
  }
  return [...flags];
}
