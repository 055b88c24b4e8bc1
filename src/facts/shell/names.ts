import type { ShellCommand } from '../../domain/index.js';
import { valuesOf } from './options.js';
import type { Word } from './word.js';

/** Builtins that take names of variables (Bash manual, 4.2). A name with a subscript is evaluated, commands in it are run. */
const DECLARING = new Set(['declare', 'typeset', 'local', 'export', 'readonly', 'unset']);
const READING = new Set(['read', 'mapfile', 'readarray', 'getopts']);
const NAME = /^[A-Za-z_]\w*$/;
const ASSIGNMENT = /^([A-Za-z_]\w*)\+?=/;

/** What a builtin says of variables. */
export interface Named {
  /** Names that it sets, also those in quotes. */
  readonly assigns: readonly string[];
  /** Whether it may evaluate something that is known only then, or make one variable stand for another. */
  readonly isUncertain: boolean;
}

/** What a command does to variables by way of its arguments. */
export function namedBy({ program, arguments: words }: ShellCommand): Named {
  if (program === null) return { assigns: [], isUncertain: false };
  if (DECLARING.has(program)) return declaredBy(words);
  if (READING.has(program)) return readBy(words);
  if (program === 'printf' || program === 'wait') return plainNames(valuesOf(words, ['-v', '-p']));
  if (program === 'test' || program === '[')
    return { ...plainNames(valuesOf(words, ['-v', '-R'])), assigns: [] };
  if (program === 'let') return countedBy(words);
  return { assigns: [], isUncertain: false };
}

function declaredBy(words: readonly Word[]): Named {
  const assigns = words.flatMap((word) => {
    const name = word === null ? undefined : (ASSIGNMENT.exec(word)?.[1] ?? NAME.exec(word)?.[0]);
    return name === undefined ? [] : [name];
  });
  const isUncertain = words.some(
    (word) => word === null || /^[-+]\w*[in]/.test(word) || !hasPlainSubscript(word.split('=', 1)[0] ?? ''),
  );
  return { assigns, isUncertain };
}

/** A subscript is arithmetic, in which any name may be more than a number. */
function hasPlainSubscript(name: string): boolean {
  return !name.includes('[') || /^\w+\[\d+\]$/.test(name);
}

function readBy(words: readonly Word[]): Named {
  const isUncertain = words.some((word) => word === null || word.includes('[') || /^-\w*C/.test(word));
  return { assigns: words.filter((word) => word !== null && NAME.test(word)).map(String), isUncertain };
}

function plainNames(names: readonly Word[]): Named {
  const isUncertain = !names.every((name) => name !== null && NAME.test(name));
  return { assigns: isUncertain ? [] : names.map(String), isUncertain };
}

/** `i=1`, `i+=2`, `i++`: of numbers only. */
function countedBy(words: readonly Word[]): Named {
  const names = words.map((word) =>
    word === null ? undefined : /^([A-Za-z_]\w*)(?:\+\+|--|[-+*/%]?=-?\d+)$/.exec(word)?.[1],
  );
  return { assigns: names.filter((name) => name !== undefined), isUncertain: names.includes(undefined) };
}
