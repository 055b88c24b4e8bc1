import { negate, parseBody, parseExpression, parseWith, takeNot } from './expressions.js';
import type { Parser } from './parser.js';
import { type Body, type Expr, expression, type Logical, type Operand, operatorName } from './syntax.js';
import { parseTerm } from './terms.js';

/** Functions that have no value: nothing can be made of whether they have one. */
const VOID = ['print', 'internal.print', 'internal.test_case'];

/** A group in parentheses; without an operand where the group is wrong. */
export interface Group {
  readonly operand: Operand | undefined;
}

const WRONG: Group = { operand: undefined };

/** Whether `and` or `or` were imported. */
export function logicalKeywordsKnown(parser: Parser): boolean {
  return parser.isKeyword('and') || parser.isKeyword('or');
}

export function isLogicalOperator(parser: Parser): boolean {
  return parser.at('and') || parser.at('or');
}

export function attachWith(parser: Parser, expr: Expr | undefined): Expr | undefined {
  if (expr === undefined || !parser.at('with')) return expr;
  const list = parseWith(parser);
  return list === undefined ? undefined : { ...expr, with: list };
}

/** A complete operand, which may be all there is or the first one of several. */
export function foldLogicalTail(parser: Parser, operand: Operand): Expr | undefined {
  return attachWith(parser, isLogicalOperator(parser) ? parseLogicalChain(parser, operand) : operand.body[0]);
}

/** What follows the first operand of `or` and `and`, of which `and` binds more tightly. */
export function parseLogicalChain(parser: Parser, first: Operand): Expr | undefined {
  return parser.deeper(() => {
    let left = parseAndChain(parser, first);
    while (left !== undefined && parser.at('or')) {
      parser.next();
      const operand = parseOperand(parser, { speculative: false });
      const right = operand === undefined ? undefined : parseAndChain(parser, operand);
      if (right === undefined) return undefined;
      left = join(parser, 'or', left, right);
    }
    return left?.body[0];
  });
}

function parseAndChain(parser: Parser, first: Operand): Operand | undefined {
  let left = first;
  while (parser.at('and')) {
    parser.next();
    const right = parseOperand(parser, { speculative: false });
    if (right === undefined) return undefined;
    left = join(parser, 'and', left, right);
  }
  return left;
}

function join(parser: Parser, kind: Logical['kind'], lhs: Operand, rhs: Operand): Operand {
  for (const { body, start } of [lhs, rhs]) {
    if (body.every(isVoidCall))
      parser.fail(`operand of \`${kind}\` cannot consist only of calls without a value`, start);
  }
  const { start } = lhs;
  return { body: [expression({ kind, lhs, rhs }, { first: '', start })], explicit: false, start };
}

function isVoidCall({ terms, negated }: Expr): boolean {
  return !negated && terms.kind === 'call' && VOID.includes(operatorName(terms.terms[0]) ?? '');
}

/** A body in braces that an operator follows, where a statement begins; undefined where it is something else. */
export function parseExplicitOperand(parser: Parser): Operand | undefined {
  return parser.attempt(() => {
    const { start } = parser;
    parser.next();
    const body = parseBody(parser, '}');
    if (body === undefined) return undefined;
    parser.next();
    if (!isLogicalOperator(parser)) return undefined;
    refuseAmbiguousUnion(parser, body, start);
    return { body, explicit: true, start };
  });
}

/** `{ … }` after `not`. */
export function parseNotBody(parser: Parser): Operand | undefined {
  const { start } = parser;
  const body = parseBraces(parser);
  if (body === undefined || refuseAmbiguousUnion(parser, body, start)) return undefined;
  return negate({ body, explicit: true, start });
}

function parseBraces(parser: Parser): Body | undefined {
  parser.next();
  const body = parseBody(parser, '}');
  if (body !== undefined) parser.next();
  return body;
}

/** @param speculative whether it is only tried, and something else is read where it is none */
function parseOperand(parser: Parser, { speculative }: { speculative: boolean }): Operand | undefined {
  const { start } = parser;
  if (parser.at('{')) {
    const body = parseBraces(parser);
    if (body === undefined) {
      return speculative ? undefined : parser.fail('an operand in braces must be a body', start);
    }
    refuseAmbiguousUnion(parser, body, start);
    return { body, explicit: true, start };
  }
  const negated = takeNot(parser);
  const wraps = negated && parser.notTakesBodies;
  if (wraps && parser.at('{')) return parseNotBody(parser);
  if (parser.at('(') && logicalKeywordsKnown(parser) && (!negated || wraps)) {
    const group = parseLogicalGroup(parser, { isOperand: true });
    if (group !== undefined) {
      return negated && group.operand !== undefined ? negate(group.operand) : group.operand;
    }
  }
  const expr = parseExpression(parser);
  if (expr === undefined) return undefined;
  if (wraps) return negate({ body: [expr], explicit: false, start });
  return { body: [{ ...expr, negated }], explicit: false, start };
}

/** `{ a | b }` could be a comprehension as well. */
function refuseAmbiguousUnion(parser: Parser, body: Body, start: number): boolean {
  const [first] = body;
  if (first?.terms.kind !== 'call' || first.first === '(') return false;
  const [operator] = first.terms.terms;
  if (operator?.type !== 'ref' || operator.infix === undefined || operatorName(operator) !== 'or')
    return false;
  parser.fail('ambiguous `{ ... | ... }` operand: read as a body, not as a comprehension', start);
  return true;
}

/**
 * A group in parentheses of operands with `and`, `or` or `not`; undefined where the parentheses hold a term.
 *
 * @param isOperand whether it stands where only an operand can
 */
export function parseLogicalGroup(parser: Parser, { isOperand }: { isOperand: boolean }): Group | undefined {
  return parser.deeper(() => {
    const { start, place } = parser;
    parser.next();
    if (parser.at(')') && isOperand) {
      parser.fail('empty parenthesized group', start);
      return WRONG;
    }
    const operand = parser.at(')') ? undefined : parseOperand(parser, { speculative: true });
    const group = operand === undefined ? undefined : finishGroup(parser, operand, { isOperand });
    if (group !== undefined)
      return group.operand === undefined ? group : { operand: { ...group.operand, start } };
    parser.goBack(place);
    if (operand?.explicit === true && !holdsTerm(parser)) {
      parser.fail('`(...)` in an operand position cannot contain a body', start);
      return WRONG;
    }
    return undefined;
  });
}

function finishGroup(
  parser: Parser,
  operand: Operand,
  { isOperand }: { isOperand: boolean },
): Group | undefined {
  const { body, explicit, start } = operand;
  const [only, second] = body;
  if (isLogicalOperator(parser)) {
    const expr = attachWith(parser, parseLogicalChain(parser, operand));
    if (expr === undefined) return WRONG;
    return closed(parser, { body: [expr], explicit: false, start });
  }
  if (only === undefined || explicit) return undefined;
  if (parser.at('with') && second === undefined) {
    const modified = attachWith(parser, only);
    if (modified === undefined) return WRONG;
    if (isLogicalOperator(parser)) {
      parser.fail(`\`with\` modifier is not allowed on operand of \`${parser.kind}\``);
      return WRONG;
    }
    const group = closed(parser, { body: [modified], explicit: false, start });
    return group === WRONG || isOperand || isLogicalOperator(parser) ? group : undefined;
  }
  const { kind } = only.terms;
  const isGroup = kind === 'and' || kind === 'or' || kind === 'not' || only.negated;
  return second === undefined && isGroup ? closed(parser, operand) : undefined;
}

function closed(parser: Parser, operand: Operand): Group {
  if (!parser.at(')')) {
    parser.fail('expected ) to close parenthesized group');
    return WRONG;
  }
  parser.next();
  return { operand };
}

/** Whether the parentheses hold a term. */
function holdsTerm(parser: Parser): boolean {
  const { place } = parser;
  parser.next();
  const term = parseTerm(parser);
  parser.goBack(place);
  return term !== undefined;
}
