import type { Node } from 'web-tree-sitter';

/**
 * Bash runs commands where none is written: the value of a variable in arithmetic is an expression itself, whose subscripts
 * may hold substitutions (`x='a[$(id)]'; echo $((x))`), and so are values behind `${!x}` and `${x@P}` (Bash manual, 3.5.3, 6.5).
 */

/** Leaves in which the grammar may leave a substitution unread. */
const LEAVES = new Set(['word', 'regex', 'extglob_pattern', 'string_content', 'heredoc_content']);
const SUBSTITUTION = /`|\$[({[]/;
/** Variables that are numbers unless somebody sets them. */
const NUMBERS = ['RANDOM', 'SRANDOM', 'SECONDS', 'LINENO', 'EPOCHSECONDS', 'UID', 'EUID', 'PPID', 'BASHPID'];
const NUMERIC_VALUE = /^-?\d+$|^\$\(\([^'"`[\]]*\)\)$|^\$[#?]$|^\$\{#\w+\}$/;
const COMPARES_NUMBERS = /^-(?:eq|ne|lt|le|gt|ge)$/;
const DELIMITER = /^(?:\w+|'\w+'|"\w+"|\\\w+)$/;

/** Arithmetic stands in arithmetic: of more, the same text would be read again and again. */
const MOST_ARITHMETIC = 100;

/** What a tree says of variables, and what is evaluated in it. */
interface Evaluation {
  readonly numeric: Set<string>;
  readonly other: Set<string>;
  readonly arithmetic: string[];
  isUncertain: boolean;
}

/** Whether bash may run something by evaluating what is known only then. */
export function isEvaluated(root: Node): boolean {
  const evaluation: Evaluation = {
    numeric: new Set(NUMBERS),
    other: new Set(),
    arithmetic: [],
    isUncertain: false,
  };
  const waiting = [{ node: root, isNumeric: false }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node } = next;
    // In `[[ … ]]` both sides of -eq are arithmetic; `[ … ]` takes numbers only.
    const isNumeric = node.type === 'test_command' ? node.text.startsWith('[[') : next.isNumeric;
    look(node, evaluation);
    if (isNumeric && node.type === 'binary_expression') compares(node, evaluation);
    for (const child of node.namedChildren) if (child !== null) waiting.push({ node: child, isNumeric });
  }
  const { numeric, other, arithmetic } = evaluation;
  if (arithmetic.length > MOST_ARITHMETIC) return true;
  for (const name of other) numeric.delete(name);
  return evaluation.isUncertain || !arithmetic.every((text) => isOfNumbers(text, numeric));
}

/** Names that a tree sets otherwise than by an assignment or a command: by a loop, or by `${name:=value}`. */
export function namesSetBy(node: Node): string[] {
  if (node.type === 'for_statement') {
    const name = node.childForFieldName('variable')?.text;
    return name === undefined ? [] : [name];
  }
  const name = node.type === 'expansion' ? /^\$\{(\w+)(?:\[[^\]]*\])?:?=/.exec(node.text)?.[1] : undefined;
  return name === undefined ? [] : [name];
}

function look(node: Node, evaluation: Evaluation): void {
  switch (node.type) {
    case 'variable_assignment':
      assigned(node, evaluation);
      break;
    case 'for_statement':
      loops(node, evaluation);
      break;
    case 'expansion':
      expands(node, evaluation);
      break;
    case 'subscript':
      evaluation.arithmetic.push(node.childForFieldName('index')?.text.replace(/^[@*]$/, '') ?? '');
      break;
    case 'arithmetic_expansion':
      evaluation.arithmetic.push(node.text);
      break;
    case 'compound_statement':
      if (node.text.startsWith('((')) evaluation.arithmetic.push(node.text);
      break;
    case 'c_style_for_statement':
      for (const part of ['initializer', 'condition', 'update'])
        evaluation.arithmetic.push(...node.childrenForFieldName(part).map((child) => child?.text ?? ''));
      break;
    case 'unary_expression':
      if (/^-[vR]$/.test(node.childForFieldName('operator')?.text ?? '')) evaluation.isUncertain = true;
      break;
    case 'heredoc_redirect':
      ends(node, evaluation);
      break;
    default:
      if (
        LEAVES.has(node.type) &&
        !isQuoted(node) &&
        SUBSTITUTION.test(node.text.replaceAll(/\\[\s\S]/g, ''))
      )
        evaluation.isUncertain = true;
  }
}

function assigned(node: Node, { numeric, other }: Evaluation): void {
  const name = /^\w+/.exec(node.text)?.[0] ?? '';
  const value = node.childForFieldName('value')?.text ?? '';
  (NUMERIC_VALUE.test(value) ? numeric : other).add(name);
}

function loops(node: Node, { numeric, other }: Evaluation): void {
  const [name = ''] = namesSetBy(node);
  const values = node.childrenForFieldName('value').map((child) => child?.text ?? '');
  const areNumbers = values.length > 0 && values.every((value) => /^(?:-?\d+|\{\d+\.\.\d+\})$/.test(value));
  (areNumbers && !node.text.startsWith('select') ? numeric : other).add(name);
}

function expands(node: Node, evaluation: Evaluation): void {
  const { text } = node;
  for (const name of namesSetBy(node)) evaluation.other.add(name);
  if (/^\$\{!(?!\w+(?:\[[@*]\]|[@*])\}$)/.test(text) || /@[A-PR-Za-z]\}$/.test(text))
    evaluation.isUncertain = true;
  const part = /^\$\{\w+(?:\[[^\]]*\])?:(?![-=?+])([\s\S]*)\}$/.exec(text)?.[1];
  if (part !== undefined) evaluation.arithmetic.push(part);
}

function compares(node: Node, { arithmetic }: Evaluation): void {
  if (!COMPARES_NUMBERS.test(node.childForFieldName('operator')?.text ?? '')) return;
  for (const side of ['left', 'right']) arithmetic.push(node.childForFieldName(side)?.text ?? '[');
}

/** A heredoc ends at the first line that is its delimiter: where the grammar sees another, it is not certain what is a command. */
function ends(node: Node, evaluation: Evaluation): void {
  const start = node.namedChildren.find((child) => child?.type === 'heredoc_start')?.text ?? '';
  const body = node.namedChildren.find((child) => child?.type === 'heredoc_body')?.text ?? '';
  const word = start.replaceAll(/['"\\]/g, '');
  const lines = body
    .split('\n')
    .map((line) => (node.text.startsWith('<<-') ? line.replace(/^\t+/, '') : line));
  // In a heredoc the grammar overlooks backticks and arithmetic, which bash does not.
  const isOverlooked = start === word && /`|\$\(\(|\$\[/.test(body.replaceAll(/\\[\s\S]/g, ''));
  // Where the body begins with a backslash the grammar takes its first words for arguments.
  const row = node.startPosition.row;
  const isMixed = node.namedChildren.some(
    (child) => child !== null && !child.type.startsWith('heredoc_') && child.startPosition.row > row,
  );
  if (!DELIMITER.test(start) || lines.includes(word) || isOverlooked || isMixed)
    evaluation.isUncertain = true;
}

/** Whether a leaf stands in a heredoc in which nothing is expanded. */
function isQuoted(node: Node): boolean {
  if (node.type !== 'heredoc_content') return false;
  const start = node.parent?.parent?.namedChildren.find((child) => child?.type === 'heredoc_start')?.text;
  return start !== undefined && /['"\\]/.test(start);
}

/** Whether arithmetic is of numbers, and of variables that are set to numbers only. */
function isOfNumbers(text: string, numeric: ReadonlySet<string>): boolean {
  const flat = text.replaceAll('$((', '((').replaceAll(/\$\{?#\w*\}?|\$[?$]/g, '0');
  if (!/^[\w\s+\-*/%<>=!&|^~?:,;()${}]*$/.test(flat) || /\$\(|\$\{?[^A-Za-z_{]/.test(flat)) return false;
  const names = flat.replaceAll(/\b(?:0[xX][0-9a-fA-F]+|\d+)\b/g, '').match(/[A-Za-z_]\w*/g) ?? [];
  return names.every((name) => numeric.has(name));
}
