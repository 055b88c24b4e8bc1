import type { ShellCommand, ShellFacts } from '../../domain/index.js';
import { commandsIn, MOST_COMMANDS } from './commands.js';
import { isEvaluated } from './evaluated.js';
import { flagsOf } from './flags.js';
import { namedBy } from './names.js';
import { withTree } from './parser.js';
import { isProgramName, type Word } from './word.js';
import { SHELLS, wrappedBy } from './wrappers.js';

/** A longer text is not read: the grammar may take a second to mend the errors of so much, and takes four times that for twice. */
const MOST_CHARACTERS = 8_192;
/** Text in a text in a text …, and commands that run commands. */
const MOST_DEPTH = 8;
/**
 * What grammars take otherwise than shells do: controls and blanks that are no blanks to a shell; the end of a line that a
 * backslash takes away in the middle of a word; a mark behind a blank that is part of a word.
 */
const DOUBTFUL = /[^\P{Cc}\t\n]|[^\S \t\n]|\p{Cf}|[^\s\\]\\\n|\\[ \t]#/u;

/**
 * Reads a command line of bash or a POSIX shell.
 *
 * @param text - undefined where the argument is no string
 */
export function readShell(text: string | undefined): ShellFacts {
  const reading: Reading = { commands: [], readable: true };
  if (text === undefined) return { readable: false, commands: [] };
  readText(reading, text, { via: [], depth: 0 });
  return { readable: reading.readable, commands: reading.commands };
}

interface Reading {
  readonly commands: ShellCommand[];
  readable: boolean;
}

/** Who handed a text on, and how far down that is. */
interface From {
  readonly via: readonly string[];
  readonly depth: number;
}

function readText(reading: Reading, text: Word, from: From): void {
  if (text === null || text.length > MOST_CHARACTERS || from.depth > MOST_DEPTH || DOUBTFUL.test(text)) {
    reading.readable = false;
    return;
  }
  const found = withTree(text, ({ rootNode }) => ({
    ...commandsIn(rootNode),
    isUncertain: rootNode.hasError || isEvaluated(rootNode),
  }));
  if (found === undefined || found.isUncertain || found.strange) reading.readable = false;
  for (const command of found?.commands ?? []) {
    const placed =
      from.depth === 0 ? command : { ...command, via: from.via, within: command.within ?? ('text' as const) };
    const text = found?.inputs.find((input) => input.command === command);
    readCommand(reading, placed, from.depth);
    if (text !== undefined && command.program !== null && SHELLS.has(command.program)) {
      readText(reading, text.text, { via: [...placed.via, command.program], depth: from.depth + 1 });
    }
  }
}

function readCommand(reading: Reading, command: ShellCommand, depth: number): void {
  if (reading.commands.length >= MOST_COMMANDS || depth > MOST_DEPTH) {
    reading.readable = false;
    return;
  }
  const { assigns, isUncertain } = namedBy(command);
  if (isUncertain) reading.readable = false;
  reading.commands.push({ ...command, assigns: [...new Set([...command.assigns, ...assigns])] });
  if (command.program === null) return;
  const from = { via: [...command.via, command.program], depth: depth + 1 };
  for (const wrapped of wrappedBy(command.program, command.arguments)) {
    if (wrapped.kind === 'text') readText(reading, wrapped.text, from);
    else readCommand(reading, wrappedCommand(command, wrapped.words, from.via), depth + 1);
  }
}

/** The command that another runs with words of its own; its input and output are the other's. */
function wrappedCommand(
  outer: ShellCommand,
  [path = null, ...words]: readonly Word[],
  via: readonly string[],
): ShellCommand {
  const isProgram = path !== null && isProgramName(path) && !/[*?[\]{}]/.test(path);
  return {
    ...outer,
    program: isProgram ? path.slice(path.lastIndexOf('/') + 1) : null,
    path: isProgram ? path : null,
    arguments: words,
    flags: flagsOf(words),
    assigns: [],
    via,
  };
}
