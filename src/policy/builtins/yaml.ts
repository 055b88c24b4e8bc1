import { numberText } from '../rego/number.js';
import { isArray, isNumber, RegoObject, RegoSet, type RegoValue } from '../rego/value.js';
import { BuiltinError, type BuiltinTable, type Evaluation, stringOperand } from './builtin.js';
import { goJson, membersOf } from './json.js';
import { readYaml } from './yaml/read.js';
import { compareKeys, type Node, numberNode, writeYaml } from './yaml/write.js';

/** Source: https://www.openpolicyagent.org/docs/policy-reference/builtins/encoding, https://pkg.go.dev/go.yaml.in/yaml/v3 */
export const YAML = {
  'yaml.marshal': (evaluation, value) => writeYaml(nodeOf(evaluation, value ?? null, 0)),
  'yaml.unmarshal': (evaluation, text) => readYaml(evaluation, stringOperand(text, 1)),
  'yaml.is_valid': (evaluation, text) => isValid(evaluation, text),
} satisfies BuiltinTable;

function isValid(evaluation: Evaluation, text: RegoValue | undefined): boolean {
  if (typeof text !== 'string') return false;
  try {
    readYaml(evaluation, text);
    return true;
  } catch (error) {
    if (error instanceof BuiltinError) return false;
    throw error;
  }
}

/** Lines are indented by two for each level, so that the text may be longer than the value by depth times size. */
function nodeOf(evaluation: Evaluation, value: RegoValue, depth: number): Node {
  evaluation.spend(depth);
  if (typeof value === 'string') return { kind: 'string', text: readAgain(value) };
  if (value === null || typeof value === 'boolean') return { kind: 'plain', text: String(value) };
  if (isNumber(value)) return numberNode(numberText(value));
  if (value instanceof RegoObject) {
    const entries = membersOf(value).map(
      ([key, item]) => [keyReadAgain(key), nodeOf(evaluation, item, depth + 1)] as const,
    );
    return { kind: 'map', entries: entries.sort(([left], [right]) => compareKeys(left, right)) };
  }
  const items = value instanceof RegoSet ? value.elements : isArray(value) ? value : [];
  return { kind: 'list', items: items.map((item) => nodeOf(evaluation, item, depth + 1)) };
}

/** OPA writes JSON first and reads that as YAML, which knows fewer characters, and folds lines at U+0085. */
function readAgain(text: string): string {
  if (/[\x7f-\x84\x86-\x9f\ufffe\uffff]/.test(text)) throw new BuiltinError('YAML has no such character');
  if (!text.includes('\x85')) return text;
  const [first = '', ...lines] = text.split('\x85');
  let folded = first.replace(/ +$/, '');
  let breaks = 0;
  for (const [index, line] of lines.entries()) {
    const isLast = index === lines.length - 1;
    const part = line.replace(/^ +/, '').replace(isLast ? /$/ : / +$/, '');
    breaks += 1;
    if (part === '' && !isLast) continue;
    folded += (breaks === 1 ? ' ' : '\n'.repeat(breaks - 1)) + part;
    breaks = 0;
  }
  return folded;
}

/** A key of JSON must stand on one line of YAML, and end within 1,024 characters. */
function keyReadAgain(key: string): string {
  if (key.includes('\x85') || [...goJson(key)].length > MAX_KEY) {
    throw new BuiltinError('a key is longer than keys can be in YAML');
  }
  return readAgain(key);
}

const MAX_KEY = 1024;
