import { commandsOfGit } from './git.js';
import { reachOf, valuesOf } from './options.js';
import { mayRunBySed } from './sed.js';
import type { Word } from './word.js';

/** What a program runs that it was given: a command as words of its own, or one as text for a shell. */
export type Wrapped =
  | { readonly kind: 'words'; readonly words: readonly Word[] }
  | { readonly kind: 'text'; readonly text: Word };

/** How to find the command among a program's arguments. */
interface Wrapper {
  /** Options that take the next word along. */
  readonly taking: readonly string[];
  /** How many words stand before the command. */
  readonly before: number;
}

const wrapper = (taking: string, before = 0): Wrapper => ({ taking: taking.split(' '), before });

/** Programs that run what follows them. */
const WRAPPERS: Readonly<Record<string, Wrapper>> = {
  sudo: wrapper('-u -g -h -p -C -D -R -T -U -r -t --user --group --host --prompt --chdir --chroot'),
  doas: wrapper('-u -C'),
  env: wrapper('-u -C --unset --chdir'),
  nohup: wrapper(''),
  setsid: wrapper(''),
  nice: wrapper('-n --adjustment'),
  ionice: wrapper('-c -n -p --class --classdata'),
  chrt: wrapper('', 1),
  taskset: wrapper('', 1),
  timeout: wrapper('-k -s --kill-after --signal', 1),
  time: wrapper('-f -o --format --output'),
  stdbuf: wrapper('-i -o -e'),
  xargs: wrapper('-I -n -P -L -d -E -s -a --max-args --max-procs --delimiter --arg-file --replace'),
  parallel: wrapper('-j --jobs'),
  command: wrapper(''),
  builtin: wrapper(''),
  exec: wrapper('-a'),
  coproc: wrapper(''),
  chroot: wrapper('', 1),
  unshare: wrapper(''),
  nsenter: wrapper('-t --target'),
  flock: wrapper('-w -E', 1),
  strace: wrapper('-e -o -p -s -u'),
  ltrace: wrapper('-e -o -p -s -u'),
  watch: wrapper('-n --interval'),
  busybox: wrapper(''),
  toybox: wrapper(''),
  'systemd-run': wrapper('-p -u --unit --property'),
  runuser: wrapper('-u'),
  setpriv: wrapper(''),
  firejail: wrapper(''),
  bwrap: wrapper(''),
};

/** Programs that read commands: from `-c`, a file, or what comes in. */
export const SHELLS: ReadonlySet<string> = new Set([
  'sh',
  'bash',
  'dash',
  'zsh',
  'ksh',
  'ash',
  'mksh',
  'rbash',
  'fish',
  'csh',
  'tcsh',
]);

/** Others whose `-c` is text for a shell. */
const WITH_TEXT: ReadonlySet<string> = new Set(['su', 'runuser', 'script', 'flock']);

/** Options of `find` behind which a command stands, up to `;` or `+`. */
const FIND_RUNS = new Set(['-exec', '-execdir', '-ok', '-okdir']);

/** Options whose value is text for a shell. */
const TEXT_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  split: ['--filter'],
  tar: [
    ...['--to-command', '--use-compress-program', '--info-script', '--new-volume-script'],
    ...['--checkpoint-action', '--rsh-command', '--rmt-command', '-I', '-F'],
  ],
  zip: ['-TT', '--unzip-command'],
  man: ['-P', '--pager', '-H', '--html'],
  script: ['-c', '--command'],
};

/** The commands that a command runs by way of its arguments. */
export function wrappedBy(program: string, words: readonly Word[]): Wrapped[] {
  const wrapped: Wrapped[] = [];
  if (SHELLS.has(program)) wrapped.push(...textForShell(words));
  if (WITH_TEXT.has(program)) wrapped.push(...textBehindOption(words));
  if (program === 'eval')
    wrapped.push({ kind: 'text', text: joined(words[0] === '--' ? words.slice(1) : words) });
  if (program === 'trap') wrapped.push({ kind: 'text', text: words.find((word) => word !== '--') ?? '' });
  if (program === 'ssh') wrapped.push(...remote(words));
  if (program === 'watch')
    wrapped.push({ kind: 'text', text: joined(behindOptions(words, WRAPPERS['watch'])) });
  else if (program === 'find') wrapped.push(...commandsOfFind(words));
  else if (Object.hasOwn(WRAPPERS, program)) {
    for (const inner of readings(words, WRAPPERS[program])) wrapped.push({ kind: 'words', words: inner });
  }
  if (program === 'env') wrapped.push(...splitByEnv(words));
  wrapped.push(...byOwnGrammar(program, words));
  return wrapped;
}

/** What programs run that have words of their own for it. */
function byOwnGrammar(program: string, words: readonly Word[]): Wrapped[] {
  const text = (text: Word): Wrapped => ({ kind: 'text', text });
  switch (program) {
    case 'git':
      return commandsOfGit(words);
    case 'tar':
      // In the first word, with or without a dash, letters take the words behind it in turn: tar cfI a 'text' b.
      return /^-?[A-Za-z]+[IF]|^[IF]/.test(words[0] ?? '') ? [text(null)] : texts(program, words);
    case 'sed':
      return mayRunBySed(words) ? [text(null)] : [];
    case 'alias':
      return words.filter((word) => word === null || word.includes('=')).map((word) => text(aliased(word)));
    case 'sg':
      return words
        .slice(1)
        .filter((word) => word !== '-c')
        .map(text);
    case 'strace':
    case 'ltrace':
      // A file name that begins with a bar or a mark is a command.
      return valuesOf(words, ['-o', '--output'])
        .filter((file) => file === null || /^[|!]/.test(file))
        .map((file) => text(file?.slice(1) ?? null));
    default:
      return Object.hasOwn(TEXT_OPTIONS, program) ? texts(program, words) : [];
  }
}

function texts(program: string, words: readonly Word[]): Wrapped[] {
  return valuesOf(words, TEXT_OPTIONS[program] ?? []).map((value) => ({
    kind: 'text',
    text: value?.replace(/^exec=/, '') ?? null,
  }));
}

/** What stands for an alias, whatever its name. */
function aliased(word: Word): Word {
  return word === null ? null : word.slice(word.indexOf('=') + 1);
}

/** What a shell is given to run: `bash -lc 'text'`, also with options, and what these take, between the two. */
function textForShell(words: readonly Word[]): Wrapped[] {
  let hasText = false;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? null;
    if (word === '--rcfile' || word === '--init-file') index += 1;
    else if (word !== null && /^[-+][A-Za-z]/.test(word)) {
      hasText ||= word.startsWith('-') && word.includes('c');
      index += word.match(/o/gi)?.length ?? 0; // each takes the name of a setting
    } else if (word === null || !/^--./.test(word)) {
      if (word === '--' || word === '-') continue;
      return hasText ? [{ kind: 'text', text: word }] : [];
    }
  }
  return hasText ? [{ kind: 'text', text: null }] : [];
}

/** `su -c 'text'`, `-ctext`, `-lc 'text'`, `--command=text`, cut short or not. */
function textBehindOption(words: readonly Word[]): Wrapped[] {
  return words.flatMap((word, index): Wrapped[] => {
    if (word === null) return [];
    const attached = /^--(?:c|s)[a-z-]*=([\s\S]*)$/.exec(word)?.[1] ?? /^-[^-c]*c([\s\S]+)$/.exec(word)?.[1];
    if (attached !== undefined) return [{ kind: 'text', text: attached }];
    const isOption =
      /^-[^-c]*c$/.test(word) ||
      (word.length > 3 && '--command'.startsWith(word)) ||
      word === '--session-command';
    return isOption ? [{ kind: 'text', text: words[index + 1] ?? null }] : [];
  });
}

/** `ssh host command`: what follows the host is text for the shell there. */
function remote(words: readonly Word[]): Wrapped[] {
  const inner = behindOptions(
    words,
    wrapper('-b -c -D -E -e -F -I -i -J -L -l -m -O -o -p -Q -R -S -W -w', 1),
  );
  return inner.length === 0 ? [] : [{ kind: 'text', text: joined(inner) }];
}

/** `env -S 'command words'`, also behind other letters and cut short. */
function splitByEnv(words: readonly Word[]): Wrapped[] {
  return words.flatMap((word, index): Wrapped[] => {
    if (word === null) return [];
    const attached = /^(?:-[^-uCS]*S|--s[a-z-]*=)([\s\S]+)$/.exec(word)?.[1];
    if (attached !== undefined) return [{ kind: 'text', text: attached }];
    const isOption = /^-[^-uCS]*S$/.test(word) || (word.length > 2 && '--split-string'.startsWith(word));
    return isOption ? [{ kind: 'text', text: words[index + 1] ?? null }] : [];
  });
}

function commandsOfFind(words: readonly Word[]): Wrapped[] {
  return words.flatMap((word, index): Wrapped[] => {
    if (word === null || !FIND_RUNS.has(word)) return [];
    const rest = words.slice(index + 1);
    const end = rest.findIndex((later) => later === ';' || later === '+');
    return [{ kind: 'words', words: end === -1 ? rest : rest.slice(0, end) }];
  });
}

/**
 * What may be the command behind a program's options. Where an option that is not known stands right before it, the word
 * could be that option's: then what follows it is the command, and both are given.
 */
function readings(words: readonly Word[], wrapper: Wrapper | undefined): (readonly Word[])[] {
  const inner = behindOptions(words, wrapper);
  if (inner.length === 0) return [];
  const option = words[words.length - inner.length - 1];
  const isDoubtful =
    typeof option === 'string' && /^-./.test(option) && reachOf(option, wrapper?.taking ?? []) === 'unknown';
  const other = isDoubtful ? behindOptions(inner.slice(1), wrapper) : [];
  return other.length === 0 ? [inner] : [inner, other];
}

/** What follows a program's own options, assignments and leading words. */
function behindOptions(words: readonly Word[], wrapper: Wrapper | undefined): readonly Word[] {
  let before = wrapper?.before ?? 0;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? null;
    if (word !== null && /^-./.test(word)) {
      if (reachOf(word, wrapper?.taking ?? []) === 'takes_next') index += 1;
    } else if (word !== null && /^\w+=/.test(word)) continue;
    else if (before === 0) return words.slice(index);
    else before -= 1;
  }
  return [];
}

function joined(words: readonly Word[]): Word {
  return words.includes(null) ? null : words.join(' ');
}
