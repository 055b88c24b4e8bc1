import { compareNumbers, RegoDecimal } from '../../rego/number.js';
import { compareStrings } from '../../rego/value.js';
import { BuiltinError } from '../builtin.js';
import type { Expr, Operand, Term, Terms, With } from './syntax.js';

/** How deeply two terms are compared. */
const MAX_DEPTH = 1_000;

const TERM_ORDER: readonly Term['type'][] = [
  'null',
  'boolean',
  'number',
  'string',
  'templatestring',
  'var',
  'ref',
  'array',
  'object',
  'set',
  'arraycomprehension',
  'objectcomprehension',
  'setcomprehension',
  'call',
];

const EXPRESSION_ORDER: readonly Terms['kind'][] = ['some', 'term', 'call', 'every', 'not', 'and', 'or'];

/** Terms in the order in which OPA lists a set's elements, of equal ones the first. */
export function distinct(terms: readonly Term[]): Term[] {
  const sorted = [...terms].sort((left, right) => compareTerms(left, right, 0));
  return sorted.filter((term, index) => {
    const before = sorted[index - 1];
    return before === undefined || compareTerms(before, term, 0) !== 0;
  });
}

/** Pairs in the order of their keys; of equal keys all stay. */
export function byKey(pairs: readonly (readonly [Term, Term])[]): (readonly [Term, Term])[] {
  return [...pairs].sort(([left], [right]) => compareTerms(left, right, 0));
}

function compareTerms(left: Term, right: Term, depth: number): number {
  if (depth > MAX_DEPTH) throw new BuiltinError(`a module nests deeper than ${MAX_DEPTH}`);
  const inner = depth + 1;
  if (left.type === 'boolean' && right.type === 'boolean') return Number(left.value) - Number(right.value);
  if (left.type === 'number' && right.type === 'number') return compareNumberTexts(left.value, right.value);
  if (left.type === 'string' && right.type === 'string') return compareStrings(left.value, right.value);
  if (left.type === 'var' && right.type === 'var') return compareStrings(left.value, right.value);
  if (isList(left) && isList(right) && left.type === right.type) {
    return compareLists(left.value, right.value, (a, b) => compareTerms(a, b, inner));
  }
  if (left.type === 'object' && right.type === 'object') {
    const compare = (a: readonly [Term, Term], b: readonly [Term, Term]) =>
      compareTerms(a[0], b[0], inner) || compareTerms(a[1], b[1], inner);
    return compareLists(left.value, right.value, compare);
  }
  if (left.type === 'templatestring' && right.type === 'templatestring') {
    const shape = Number(left.multiLine) - Number(right.multiLine) || left.parts.length - right.parts.length;
    return shape || compareLists(left.parts, right.parts, (a, b) => compareParts(a, b, inner));
  }
  if (left.type === 'objectcomprehension' && right.type === 'objectcomprehension') {
    const head = compareTerms(left.key, right.key, inner) || compareTerms(left.value, right.value, inner);
    return head || compareBodies(left.body, right.body, inner);
  }
  if (isComprehension(left) && isComprehension(right) && left.type === right.type) {
    return compareTerms(left.term, right.term, inner) || compareBodies(left.body, right.body, inner);
  }
  return TERM_ORDER.indexOf(left.type) - TERM_ORDER.indexOf(right.type);
}

function isList(term: Term): term is Extract<Term, { type: 'ref' | 'array' | 'set' | 'call' }> {
  return ['ref', 'array', 'set', 'call'].includes(term.type);
}

function isComprehension(
  term: Term,
): term is Extract<Term, { type: 'arraycomprehension' | 'setcomprehension' }> {
  return term.type === 'arraycomprehension' || term.type === 'setcomprehension';
}

/** OPA reads numbers such as `.5`, which JSON has not. */
function compareNumberTexts(left: string, right: string): number {
  const decimal = (text: string) => new RegoDecimal(text.replace(/^(-?)\./, '$10.'));
  return compareNumbers(decimal(left), decimal(right));
}

function compareParts(left: Term | Expr, right: Term | Expr, depth: number): number {
  const isExpr = (part: Term | Expr): part is Expr => 'terms' in part;
  if (isExpr(left)) return isExpr(right) ? compareExpressions(left, right, depth) : 1;
  return isExpr(right) ? -1 : compareTerms(left, right, depth);
}

function compareBodies(left: readonly Expr[], right: readonly Expr[], depth: number): number {
  return compareLists(left, right, (a, b) => compareExpressions(a, b, depth));
}

function compareExpressions(left: Expr, right: Expr, depth: number): number {
  return (
    EXPRESSION_ORDER.indexOf(left.terms.kind) - EXPRESSION_ORDER.indexOf(right.terms.kind) ||
    Number(left.negated) - Number(right.negated) ||
    compareContents(left.terms, right.terms, depth) ||
    compareLists(left.with, right.with, (a: With, b: With) => {
      return compareTerms(a.target, b.target, depth) || compareTerms(a.value, b.value, depth);
    })
  );
}

function compareContents(left: Terms, right: Terms, depth: number): number {
  const compare = (a: Term, b: Term) => compareTerms(a, b, depth);
  if (left.kind === 'term' && right.kind === 'term') return compare(left.term, right.term);
  if (left.kind === 'call' && right.kind === 'call') return compareLists(left.terms, right.terms, compare);
  if (left.kind === 'some' && right.kind === 'some')
    return compareLists(left.symbols, right.symbols, compare);
  if (left.kind === 'not' && right.kind === 'not') return compareBodies(left.body, right.body, depth);
  if (left.kind === 'every' && right.kind === 'every') {
    const keys = (every: typeof left) => (every.key === undefined ? [] : [every.key]);
    return (
      compareLists(keys(left), keys(right), compare) ||
      compare(left.value, right.value) ||
      compare(left.domain, right.domain) ||
      compareBodies(left.body, right.body, depth)
    );
  }
  if ('lhs' in left && 'lhs' in right) {
    const operands = (a: Operand, b: Operand) => compareBodies(a.body, b.body, depth);
    return operands(left.lhs, right.lhs) || operands(left.rhs, right.rhs);
  }
  return 0;
}

function compareLists<Item>(
  left: readonly Item[],
  right: readonly Item[],
  compare: (a: Item, b: Item) => number,
): number {
  for (const [index, item] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const order = compare(item, other);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
