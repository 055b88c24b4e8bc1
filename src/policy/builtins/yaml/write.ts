import { formatFloat } from '../go-format/float.js';
import { resolvePlain } from './scalars.js';

/** What is written as YAML: numbers and strings are scalars as text, the latter still without quotes. */
export type Node =
  | { readonly kind: 'plain'; readonly text: string }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly Node[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [string, Node])[] };

/** A document in block style, indented by two, as go-yaml writes it. */
export function writeYaml(node: Node): string {
  return `${block(node, '')}\n`;
}

/** @param indent what stands before each further line of the node */
function block(node: Node, indent: string): string {
  switch (node.kind) {
    case 'plain':
      return node.text;
    case 'string':
      return scalar(node.text, indent === '' ? '  ' : indent);
    case 'list':
      if (node.items.length === 0) return '[]';
      return node.items.map((item) => `- ${block(item, `${indent}  `)}`).join(`\n${indent}`);
    case 'map':
      if (node.entries.length === 0) return '{}';
      return node.entries.map(([key, value]) => entry(key, value, indent)).join(`\n${indent}`);
  }
}

function entry(key: string, value: Node, indent: string): string {
  const isSimple = !/[\r\n\x85\u2028\u2029]/.test(key) && Buffer.byteLength(key) <= 128;
  if (!isSimple) return `? ${scalar(key, `${indent}  `)}\n${indent}: ${block(value, `${indent}  `)}`;
  const inner = `${indent}  `;
  const text = block(value, inner);
  const isNested =
    (value.kind === 'list' && value.items.length > 0) || (value.kind === 'map' && value.entries.length > 0);
  return `${simpleScalar(key, inner)}:${isNested ? `\n${inner}` : ' '}${text}`;
}

function scalar(text: string, indent: string): string {
  return text.includes('\n') && !/ $| \n|[^\t\n -~\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/.test(text)
    ? literal(text, indent)
    : simpleScalar(text, indent);
}

/** A block that keeps its lines; the sign behind the bar says what becomes of the line ends at its end. */
function literal(text: string, indent: string): string {
  const lines = text.split('\n');
  const ending = !text.endsWith('\n') ? '-' : text === '\n' || text.endsWith('\n\n') ? '+' : '';
  if (text.endsWith('\n')) lines.pop();
  const hint = /^[ \n]/.test(text) ? '2' : '';
  return `|${hint}${ending}${lines.map((line) => (line === '' ? '\n' : `\n${indent}${indented(line, indent)}`)).join('')}`;
}

function indented(line: string, indent: string): string {
  return line.replace(/[\u2028\u2029](?![\u2028\u2029]|$)/g, `$&${indent}`);
}

/** A line separator within quotes ends the line, so that the next one is indented. */
function simpleScalar(text: string, indent: string): string {
  const isUnprintable = / [\u2028\u2029]|[\u2028\u2029] |[^\n -~\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/.test(
    text,
  );
  if (isUnprintable || text.includes('\n') || isRead(text)) return doubleQuoted(text);
  return isPlain(text) ? text : `'${indented(text.replaceAll("'", "''"), indent)}'`;
}

const OLD_BOOLEAN = /^(?:[yYnN]|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF)$/;
const SEXAGESIMAL = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

/** Whether a string without quotes would be read as something else, also by those who read YAML 1.1. */
function isRead(text: string): boolean {
  return resolvePlain(text).kind !== 'str' || OLD_BOOLEAN.test(text) || SEXAGESIMAL.test(text);
}

function isPlain(text: string): boolean {
  return (
    !/^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[?:-](?: |$)| )/.test(text) &&
    !/[ ]$|:(?: |$)| #/.test(text) &&
    !/[\u2028\u2029]/.test(text)
  );
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\0', '\\0'],
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\v', '\\v'],
  ['\f', '\\f'],
  ['\r', '\\r'],
  ['\x1b', '\\e'],
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\x85', '\\N'],
  ['\xa0', '\\_'],
  ['\u2028', '\\L'],
  ['\u2029', '\\P'],
]);

function doubleQuoted(text: string): string {
  const escaped = text.replace(
    /["\\]|[^ -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/gu,
    (character) => ESCAPES.get(character) ?? escapeOf(character.codePointAt(0) ?? 0),
  );
  return `"${escaped}"`;
}

function escapeOf(code: number): string {
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** A number as go-yaml reads it from JSON and writes it again. */
export function numberNode(text: string): Node {
  const scalarOfText = resolvePlain(text);
  if (scalarOfText.kind === 'int') return { kind: 'plain', text: String(scalarOfText.value) };
  if (scalarOfText.kind === 'float') return { kind: 'plain', text: formatFloat(scalarOfText.value, 'g', -1) };
  return { kind: 'string', text };
}

/** Keys as people count: `a2` before `a10`, and letters behind all else. */
export function compareKeys(left: string, right: string): number {
  const [a, b] = [[...left], [...right]];
  return Number(isLess(b, a)) - Number(isLess(a, b));
}

const isLetter = (character: string): boolean => /^\p{L}/u.test(character);
const isDigit = (character: string | undefined): character is string => /^\p{Nd}/u.test(character ?? '');
const codeOf = (character: string): number => character.codePointAt(0) ?? 0;

function isLess(a: readonly string[], b: readonly string[]): boolean {
  let isAfterDigit = false;
  for (const [index, left] of a.entries()) {
    const right = b[index];
    if (right === undefined) return false;
    if (left === right) {
      isAfterDigit = isDigit(left);
      continue;
    }
    const letters = [isLetter(left), isLetter(right)];
    if (letters[0] && letters[1]) return codeOf(left) < codeOf(right);
    if (letters[0] || letters[1]) return (isAfterDigit ? letters[0] : letters[1]) === true;
    return isLessNumber(a, b, index);
  }
  return a.length < b.length;
}

function isLessNumber(a: readonly string[], b: readonly string[], index: number): boolean {
  const isInsideNumber = (a[index] === '0' || b[index] === '0') && hasLeadingDigit(a, index);
  const left = digitsAt(a, index, isInsideNumber);
  const right = digitsAt(b, index, isInsideNumber);
  if (left.value !== right.value) return left.value < right.value;
  if (left.end !== right.end) return left.end < right.end;
  return codeOf(a[index] ?? '') < codeOf(b[index] ?? '');
}

function hasLeadingDigit(characters: readonly string[], index: number): boolean {
  for (let at = index - 1; at >= 0 && isDigit(characters[at]); at -= 1) {
    if (characters[at] !== '0') return true;
  }
  return false;
}

function digitsAt(
  characters: readonly string[],
  start: number,
  isInside: boolean,
): { value: bigint; end: number } {
  let value = isInside ? 1n : 0n;
  let end = start;
  for (let digit = characters[end]; isDigit(digit); digit = characters[end]) {
    value = BigInt.asIntN(64, value * 10n + BigInt(codeOf(digit) - 0x30));
    end += 1;
  }
  return { value, end };
}
