import type { Node } from 'web-tree-sitter';
import type { Redirection, ShellCommand } from '../../domain/index.js';
import { namesSetBy } from './evaluated.js';
import { flagsOf } from './flags.js';
import { isPlain, type Word, wordOf } from './word.js';

/** Of a text with more, the others are not looked for. */
export const MOST_COMMANDS = 500;

/** Text that a command hands on to a shell: `sh -c '…'`, a heredoc of `bash`. */
export interface Handed {
  readonly text: Word;
  readonly via: readonly string[];
}

/** What a tree says. */
export interface Found {
  readonly commands: ShellCommand[];
  /** Heredocs and other texts that are some command's input. */
  readonly inputs: { readonly command: ShellCommand; readonly text: Word }[];
  /** Whether something stood there that is not understood. */
  strange: boolean;
}

/** What holds for a command because of where it stands. */
interface Situation {
  readonly within: ShellCommand['within'];
  readonly pipedFrom: { readonly program: Word } | undefined;
  readonly redirects: readonly Node[];
}

/** Nodes that only hold others, of which each may be a command. */
const HOLDERS = new Set([
  'program',
  'list',
  'compound_statement',
  'subshell',
  'do_group',
  'if_statement',
  'elif_clause',
  'else_clause',
  'while_statement',
  'for_statement',
  'c_style_for_statement',
  'case_statement',
  'case_item',
  'negated_command',
  'command_substitution',
  'process_substitution',
  'function_definition',
  'variable_assignments',
]);
/** Nodes that are no commands, and may hold substitutions. */
const VALUES = new Set([
  'word',
  'string',
  'raw_string',
  'ansi_c_string',
  'translated_string',
  'string_content',
  'concatenation',
  'number',
  'simple_expansion',
  'expansion',
  'variable_name',
  'special_variable_name',
  'subscript',
  'array',
  'arithmetic_expansion',
  'binary_expression',
  'unary_expression',
  'postfix_expression',
  'ternary_expression',
  'parenthesized_expression',
  'test_operator',
  'regex',
  'extglob_pattern',
  'brace_expression',
  'comment',
  'command_name',
  'file_descriptor',
  'variable_assignment',
  'heredoc_start',
  'heredoc_end',
  'heredoc_body',
  'heredoc_content',
  'test_command',
]);
const SUBSTITUTIONS = new Set(['command_substitution', 'process_substitution']);
const DECLARATIONS = new Set(['declaration_command', 'unset_command']);

/** Finds every command of a tree, in the order of the text. */
export function commandsIn(root: Node): Found {
  const found: Found = { commands: [], inputs: [], strange: false };
  visit(root, { within: null, pipedFrom: undefined, redirects: [] });
  return found;

  function visit(node: Node, situation: Situation): void {
    if (found.commands.length > MOST_COMMANDS) {
      found.strange = true;
      return;
    }
    const names = namesSetBy(node);
    if (names.length > 0) add({ ...bare(situation.within), assigns: names });
    if (node.type === 'ansi_c_string' && !ANSI_STRING.test(node.text)) found.strange = true;
    if (node.type === 'command') command(node, situation);
    else if (node.type === 'pipeline') pipeline(node, situation);
    else if (node.type === 'redirected_statement') redirected(node, situation);
    else if (DECLARATIONS.has(node.type)) declaration(node, situation);
    else if (HOLDERS.has(node.type)) below(node, { ...situation, within: withinOf(node, situation) });
    else if (VALUES.has(node.type)) values(node, situation);
    else found.strange = true;
  }

  function below(node: Node, situation: Situation): void {
    for (const child of node.namedChildren) if (child !== null) visit(child, situation);
  }

  /** Words run nothing but the substitutions in them, whose input is nobody's pipe. */
  function values(node: Node, { within }: Situation): void {
    if (node.type === 'variable_assignment' && node.parent?.type !== 'command') {
      add({ ...bare(within), assigns: namesOf([node]) });
    }
    below(node, { within, pipedFrom: undefined, redirects: [] });
  }

  function pipeline(node: Node, situation: Situation): void {
    let { pipedFrom } = situation;
    for (const child of node.namedChildren) {
      if (child === null) continue;
      const before = found.commands.length;
      visit(child, { ...situation, pipedFrom });
      // Behind a group or a loop it is the output of many: the last stands for them.
      pipedFrom = { program: found.commands.slice(before).at(-1)?.program ?? null };
    }
  }

  function redirected(node: Node, situation: Situation): void {
    const body = node.childForFieldName('body');
    const redirects = node.childrenForFieldName('redirect').filter((child) => child !== null);
    const all = [...situation.redirects, ...redirects];
    if (body !== null) visit(body, { ...situation, redirects: all });
    else add({ ...bare(situation.within), redirections: redirectionsOf(all) });
    for (const redirect of redirects) continued(redirect, situation);
  }

  /** What stands in a redirection: substitutions, and behind a heredoc's beginning the rest of its line. */
  function continued(redirect: Node, situation: Situation): void {
    const program = found.commands.at(-1)?.program ?? null;
    for (const child of redirect.namedChildren) {
      if (child === null) continue;
      if (child.type === 'pipeline' || child.type === 'command' || child.type === 'list') {
        visit(child, { ...situation, pipedFrom: { program } });
      } else if (child.type === 'file_redirect' || child.type === 'herestring_redirect') {
        continued(child, situation);
      } else visit(child, { ...situation, pipedFrom: undefined, redirects: [] });
    }
  }

  function declaration(node: Node, { within }: Situation): void {
    const [first] = node.children;
    const program = first?.text ?? null;
    const words = node.namedChildren.filter((child) => child !== null);
    const assigned = words.filter(({ type }) => type === 'variable_assignment' || type === 'variable_name');
    add({
      ...bare(within),
      program,
      path: program,
      arguments: words.map(argumentOf),
      assigns: namesOf(assigned),
    });
    for (const word of words) below(word, { within, pipedFrom: undefined, redirects: [] });
  }

  function command(node: Node, { within, pipedFrom, redirects }: Situation): void {
    const name = node.childForFieldName('name');
    const own = node.namedChildren.filter((child) => child !== null);
    const words = node.childrenForFieldName('argument').filter((child) => child !== null);
    const path = name === null ? ':' : programOf(name);
    const texts = words.map(argumentOf);
    const all = [...redirects, ...own.filter(({ type }) => type.endsWith('_redirect'))];
    const made: ShellCommand = {
      ...bare(within),
      program: path === null ? null : baseName(path),
      path,
      arguments: texts,
      flags: flagsOf(texts),
      assigns: namesOf(own.filter(({ type }) => type === 'variable_assignment')),
      redirections: redirectionsOf(all),
      input: inputOf(all) ?? (pipedFrom === undefined ? null : 'pipe'),
      piped_from: pipedFrom?.program ?? null,
    };
    add(made);
    for (const redirect of all)
      if (isText(redirect)) found.inputs.push({ command: made, text: textOf(redirect) });
    for (const child of own) {
      if (child.type.endsWith('_redirect')) continued(child, { within, pipedFrom: undefined, redirects: [] });
      else visit(child, { within, pipedFrom: undefined, redirects: [] });
    }
  }

  function add(command: ShellCommand): void {
    found.commands.push(command);
  }
}

/** What only sets variables or opens files runs nothing, as `:` does (POSIX Shell, 2.9.1). */
function bare(within: ShellCommand['within']): ShellCommand {
  return {
    program: ':',
    path: ':',
    arguments: [],
    flags: [],
    assigns: [],
    redirections: [],
    input: null,
    piped_from: null,
    via: [],
    within,
  };
}

function withinOf(node: Node, { within }: Situation): ShellCommand['within'] {
  if (SUBSTITUTIONS.has(node.type)) return 'substitution';
  return node.type === 'function_definition' ? 'function' : within;
}

function argumentOf(node: Node): Word {
  return node.type === 'variable_assignment' ? node.text : wordOf(node);
}

function programOf(name: Node): Word {
  const said = wordOf(name);
  return isPlain(name, said) ? said : null;
}

/** What is in a folder on this machine may be anywhere on another: only the name tells what it is. */
function baseName(path: string): string | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name === '' ? null : name;
}

function namesOf(assignments: readonly Node[]): string[] {
  return assignments.map((node) => /^\w+/.exec(node.text)?.[0] ?? node.text);
}

function redirectionsOf(nodes: readonly Node[]): Redirection[] {
  return nodes
    .filter(({ type }) => type === 'file_redirect')
    .map((node) => {
      const target = node.childForFieldName('destination');
      const operator = node.children.find((child) => child !== null && !child.isNamed)?.text ?? '';
      return { operator, target: target === null ? null : wordOf(target) };
    });
}

/** Where standard input comes from; the last redirection counts. */
function inputOf(nodes: readonly Node[]): ShellCommand['input'] {
  let input: ShellCommand['input'] = null;
  for (const node of nodes) {
    if (isText(node)) input = 'text';
    else if (node.children.some((child) => child?.text === '<')) input = 'file';
  }
  return input;
}

function isText({ type }: Node): boolean {
  return type === 'heredoc_redirect' || type === 'herestring_redirect';
}

/** The grammar takes an escaped backslash before the end of such a string for an escaped quote. */
const ANSI_STRING = /^\$'(?:[^'\\]|\\[\s\S])*'$/;

/** What a heredoc or herestring gives to a command; null where it is known only when it runs. */
function textOf(node: Node): Word {
  if (node.type === 'herestring_redirect') {
    const [word] = node.namedChildren;
    return word === undefined || word === null ? null : wordOf(word);
  }
  const body = node.namedChildren.find((child) => child?.type === 'heredoc_body');
  const start = node.namedChildren.find((child) => child?.type === 'heredoc_start')?.text ?? '';
  // Where the word that ends it is not quoted, the shell that reads it resolves escapes and expansions first.
  const expands =
    !/['"\\]/.test(start) &&
    (body?.text.includes('\\') === true ||
      body?.namedChildren.some((child) => child?.type !== 'heredoc_content') === true);
  return body === undefined || body === null || expands ? null : body.text;
}
