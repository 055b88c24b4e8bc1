import type { Node } from 'web-tree-sitter';

/** A word as it is after quotes and escapes; null where that is known only when the command runs. */
export type Word = string | null;

/** A character that makes an unquoted word a pattern, which may become other words. */
const PATTERN = /[*?[\]{}]/;

/** Braces that make several words of one: `{a,b}`, `{1..3}`. */
const BRACES = /\{[^}]*(?:,|\.\.)/;

/** What a word of a command says. */
export function wordOf(node: Node): Word {
  switch (node.type) {
    case 'command_name':
      return parts(node);
    case 'word':
      return unescaped(node.text);
    case 'number':
    case 'variable_name':
    case 'special_variable_name':
    case 'file_descriptor':
      return /^[\w-]+$/.test(node.text) ? node.text : null;
    case 'string':
      return quoted(node);
    case 'raw_string':
      return node.text.slice(1, -1);
    case 'ansi_c_string':
      return ansi(node.text.slice(2, -1));
    case 'concatenation':
      return joined(node);
    default:
      return null;
  }
}

/** Whether a word stands there as it was written, so that it can name a program. */
export function isPlain(node: Node, word: Word): boolean {
  if (word === null || !isProgramName(word)) return false;
  if (['string', 'raw_string', 'ansi_c_string', 'number'].includes(node.type)) return true;
  if (node.type === 'word') return !PATTERN.test(node.text) && !node.text.startsWith('~');
  return node.namedChildren.every((child) => child !== null && isPlain(child, wordOf(child)));
}

/** Whether a word can name a program for certain: letters that look alike or are folded may name another one elsewhere. */
export function isProgramName(word: string): boolean {
  return /^[!-~]*$/.test(word);
}

/** Outside of quotes a backslash keeps the next character as it is (POSIX Shell, 2.2.1). */
function unescaped(text: string): string {
  return text.replaceAll(/\\([\s\S])/g, '$1');
}

function joined(node: Node): Word {
  return BRACES.test(node.text) ? null : parts(node);
}

function parts(node: Node): Word {
  let text = '';
  let at = node.startIndex;
  for (const child of node.namedChildren) {
    const word = child === null ? null : wordOf(child);
    // What stands between two parts is a sign that has no name, as the `$` in `ls$` is.
    if (child === null || word === null || child.startIndex !== at) return null;
    text += word;
    at = child.endIndex;
  }
  return at === node.endIndex ? text : null;
}

/** In double quotes a backslash escapes only these (POSIX Shell, 2.2.3). */
function quoted(node: Node): Word {
  if (node.namedChildren.some((child) => child?.type !== 'string_content')) return null;
  return node.text
    .slice(1, -1)
    .replaceAll(/\\([$`"\\\n])/g, (_whole, escaped: string) => (escaped === '\n' ? '' : escaped));
}

const ANSI: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '?': '?',
};

/** `$'\x72m'` (Bash manual, ANSI-C quoting); null for an escape that is not known, or makes no character. */
function ansi(text: string): Word {
  let known = true;
  const said = text.replaceAll(
    /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|c([\s\S])|([\s\S]))/g,
    (
      _whole,
      octal?: string,
      hex?: string,
      short?: string,
      long?: string,
      control?: string,
      other?: string,
    ) => {
      const byte = octal === undefined ? hex : undefined;
      const number = octal === undefined ? Number.parseInt(byte ?? '1', 16) : Number.parseInt(octal, 8);
      // Bash ends the string at a NUL, and writes the others as bytes.
      if (number === 0 || number > 0x7f) known = false;
      if (octal !== undefined) return String.fromCharCode(number & 0x7f);
      const point = hex ?? short ?? long;
      if (point !== undefined) return character(Number.parseInt(point, 16));
      if (control !== undefined) return String.fromCharCode(control.charCodeAt(0) & 0x1f);
      const escaped = ANSI[other ?? ''];
      if (escaped === undefined) known = false;
      return escaped ?? '';
    },
  );
  return known ? said : null;
}

function character(point: number): string {
  return point > 0x10ffff ? '\ufffd' : String.fromCodePoint(point);
}
