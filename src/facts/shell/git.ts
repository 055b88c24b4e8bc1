import { valuesOf } from './options.js';
import type { Word } from './word.js';
import type { Wrapped } from './wrappers.js';

/** Options before the subcommand that take the next word along. */
const TAKING = new Set([
  '-c',
  '-C',
  '--git-dir',
  '--work-tree',
  '--namespace',
  '--config-env',
  '--exec-path',
]);
/** What git looks at, and never runs (git-config). Every other value may be a command, or name where commands are found. */
const HARMLESS_KEY =
  /^(?:user|color|advice|column|log|status|pull|index|pack|gc)\.[\w.-]+$|^(?:core\.(?:quotepath|autocrlf|eol|filemode|ignorecase|abbrev|bare)|init\.defaultbranch|push\.default|safe\.directory|commit\.gpgsign|fetch\.prune|merge\.(?:ff|conflictstyle)|diff\.(?:renames|algorithm|context)|http\.(?:version|postbuffer))$/i;
/** Options of subcommands whose value is text for a shell. */
const RUNNING = [
  '--exec',
  '--extcmd',
  '--open-files-in-pager',
  '--upload-pack',
  '--receive-pack',
  ...['env', 'tree', 'index', 'parent', 'msg', 'commit', 'tag-name'].map((part) => `--${part}-filter`),
  ...['to', 'cc', 'header', 'sendmail'].map((part) => `--${part}-cmd`),
];
const RUNNING_SHORT: Readonly<Record<string, readonly string[]>> = {
  rebase: ['-x'],
  difftool: ['-x'],
  grep: ['-O'],
  clone: ['-u'],
};

/** The commands that git runs by way of its arguments (git(1), git-config(1)). */
export function commandsOfGit(words: readonly Word[]): Wrapped[] {
  let at = 0;
  while (at < words.length && words[at]?.startsWith('-') === true) at += TAKING.has(words[at] ?? '') ? 2 : 1;
  const subcommand = words[at] ?? '';
  const rest = words.slice(at + 1);
  return [
    ...valuesOf(words.slice(0, at), ['-c']).flatMap(setting),
    ...valuesOf(words.slice(0, at), ['--config-env']).map(() => text(null)),
    ...(subcommand === 'config' ? configured(rest) : []),
    ...(subcommand === 'bisect' && rest[0] === 'run'
      ? [{ kind: 'words' as const, words: rest.slice(1) }]
      : []),
    ...(subcommand === 'submodule' ? foreach(rest) : []),
    ...valuesOf(rest, RUNNING).map(text),
    ...valuesOf(rest, RUNNING_SHORT[subcommand] ?? []).map(text),
    ...(subcommand === 'clone' ? valuesOf(rest, ['-c', '--config']).flatMap(setting) : []),
    // A transport that is a command (gitremote-helpers): git-remote-ext has quotes of its own.
    ...words.filter((word) => word?.startsWith('ext::') === true).map(() => text(null)),
  ];
}

/** `key=value`. */
function setting(word: Word): Wrapped[] {
  if (word === null) return [text(null)];
  const [key = '', ...value] = word.split('=');
  return keyed(key, value.join('='));
}

/** `git config [set] [options] key value [pattern]`: what has a dot may be a key, and what follows it its value. */
function configured(words: readonly Word[]): Wrapped[] {
  const plain = words.filter((word) => word === null || !word.startsWith('-'));
  return plain.slice(1).flatMap((value, index) => {
    const key = plain[index] ?? null;
    if (key === null) return [text(null)];
    return key.includes('.') ? keyed(key, value) : [];
  });
}

function keyed(key: string, value: Word): Wrapped[] {
  return HARMLESS_KEY.test(key) ? [] : [text(value)];
}

function foreach(words: readonly Word[]): Wrapped[] {
  const at = words.indexOf('foreach');
  const behind =
    at === -1 ? [] : words.slice(at + 1).filter((word) => word === null || !word.startsWith('--'));
  return behind.length === 0 ? [] : [text(behind.includes(null) ? null : behind.join(' '))];
}

/** A command behind `!`, or a program with arguments: both go to a shell. */
function text(value: Word): Wrapped {
  return { kind: 'text', text: value?.replace(/^!/, '') ?? null };
}
