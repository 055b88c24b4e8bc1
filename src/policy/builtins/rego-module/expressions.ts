import { parseInfix, parseOperator } from './infix.js';
import {
  attachWith,
  foldLogicalTail,
  isLogicalOperator,
  logicalKeywordsKnown,
  parseExplicitOperand,
  parseLogicalChain,
  parseLogicalGroup,
  parseNotBody,
} from './logical.js';
import type { Parser } from './parser.js';
import {
  type Body,
  type Expr,
  expression,
  operatorName,
  type Term,
  type Terms,
  type With,
} from './syntax.js';
import { kindAfter, nameRefKeyword, parseTerm, parseVariable } from './terms.js';

/** Expressions up to a closing token, which is left to be passed. */
export function parseBody(parser: Parser, close: string): Body | undefined {
  return parser.deeper(() => parseQuery(parser, close, { single: false }));
}

/** @param single whether a semicolon is needed for more than one expression */
export function parseQuery(parser: Parser, close: string, { single }: { single: boolean }): Body | undefined {
  if (parser.at(close)) return parser.fail('found empty body');
  const body: Expr[] = [];
  for (;;) {
    const expr = parseLiteral(parser);
    if (expr === undefined) return undefined;
    body.push(expr);
    if (parser.at(';')) parser.next();
    else if (parser.at(close) || single) return body;
    else if (!parser.afterNewline) return parser.unexpected(`expected \\n or ; or ${close}`);
  }
}

/** An expression with what may stand around it: `not`, `some`, `every`, `with`, and where imported `and` and `or`. */
export function parseLiteral(parser: Parser): Expr | undefined {
  const { kind: first, start } = parser;
  const expr = parseAnyLiteral(parser);
  return expr === undefined ? undefined : { ...expr, first, start };
}

function parseAnyLiteral(parser: Parser): Expr | undefined {
  if (logicalKeywordsKnown(parser)) {
    const operand = parser.at('{') ? parseExplicitOperand(parser) : undefined;
    if (operand !== undefined) {
      if (parser.problem !== undefined) return undefined;
      return attachWith(parser, parseLogicalChain(parser, operand));
    }
    const group = parser.at('(') ? parseLogicalGroup(parser, { isOperand: false }) : undefined;
    if (group !== undefined) {
      return group.operand === undefined ? undefined : foldLogicalTail(parser, group.operand);
    }
  }
  if (nameRefKeyword(parser)) return parsePlainLiteral(parser, { negated: false });
  const negated = takeNot(parser);
  if (negated && parser.notTakesBodies && parser.at('{')) {
    const operand = parseNotBody(parser);
    return operand === undefined ? undefined : foldLogicalTail(parser, operand);
  }
  if (parser.at('some')) return negated ? parser.unexpected("illegal negation of 'some'") : parseSome(parser);
  if (parser.at('every'))
    return negated ? parser.unexpected("illegal negation of 'every'") : parseEvery(parser);
  return parsePlainLiteral(parser, { negated });
}

/** Goes past `not`, unless it begins a reference. */
export function takeNot(parser: Parser): boolean {
  if (!parser.at('not')) return false;
  const follower = kindAfter(parser);
  if (follower === '.' || follower === '[') return false;
  parser.next();
  return true;
}

function parsePlainLiteral(parser: Parser, { negated }: { negated: boolean }): Expr | undefined {
  const { kind: first, start } = parser;
  const wraps = negated && parser.notTakesBodies;
  if (wraps && parser.at('(')) {
    const group = parseLogicalGroup(parser, { isOperand: true });
    if (group !== undefined) {
      return group.operand === undefined ? undefined : foldLogicalTail(parser, negate(group.operand));
    }
  }
  const plain = parseExpression(parser);
  if (plain === undefined) return undefined;
  const hasWith = parser.at('with');
  const modified = attachWith(parser, plain);
  if (modified === undefined) return undefined;
  const expr = wraps ? wrapNot(modified) : { ...modified, negated };
  if (!isLogicalOperator(parser)) return expr;
  if (hasWith) return parser.fail(`\`with\` modifier is not allowed on operand of \`${parser.kind}\``, start);
  if (!negated && first === '{') {
    return parser.fail(
      `operand of \`${parser.kind}\` cannot begin with \`{\` unless the braces hold a body`,
      start,
    );
  }
  return attachWith(parser, parseLogicalChain(parser, { body: [expr], explicit: false, start }));
}

/** An operand that says the contrary of another one. */
export function negate({ body, explicit, start }: { body: Body; explicit: boolean; start: number }) {
  const terms: Terms = { kind: 'not', body, explicit };
  return { body: [expression(terms, { first: 'not', start })], explicit: false, start };
}

/** What is replaced by `with` is so for the whole. */
function wrapNot(expr: Expr): Expr {
  const terms: Terms = { kind: 'not', body: [{ ...expr, with: [] }], explicit: false };
  return { ...expression(terms, expr), with: expr.with };
}

/** A term, a call, or two terms with `=` or `:=` between them. */
export function parseExpression(parser: Parser): Expr | undefined {
  const { kind: first, start } = parser;
  const left = parseInfix(parser);
  if (left === undefined) return undefined;
  const operator = parseOperator(parser, { ':=': 'assign', '=': 'eq' });
  if (operator !== undefined) {
    const right = parseInfix(parser);
    if (right === undefined) return undefined;
    return expression({ kind: 'call', terms: [operator, left, right] }, { first, start });
  }
  const terms: Terms =
    left.type === 'call' ? { kind: 'call', terms: left.value } : { kind: 'term', term: left };
  return expression(terms, { first, start });
}

/** `with target as value`, once or more. */
export function parseWith(parser: Parser): With[] | undefined {
  const list: With[] = [];
  while (parser.at('with')) {
    parser.next();
    if (!parser.at('Identifier')) return parser.unexpected('expected ident');
    const target = parseTerm(parser);
    if (target === undefined) return undefined;
    if (target.type !== 'ref' && target.type !== 'var') parser.unexpected('expected with target path');
    if (!parser.at('as')) return parser.unexpected('expected as keyword');
    parser.next();
    const value = parseInfix(parser);
    if (value === undefined) return undefined;
    list.push({ target, value });
  }
  return list;
}

/** `some x in xs`, `some k, v in xs`, or `some x, y, z`. */
function parseSome(parser: Parser): Expr | undefined {
  const { kind: first, start, place } = parser;
  parser.next();
  const term = parseInfix(parser);
  if (term?.type === 'call') {
    if (!isMembership(term)) return parser.unexpected('expected `x in xs` or `x, y in xs` expression');
    return attachWith(parser, expression({ kind: 'some', symbols: [term] }, { first, start }));
  }
  parser.goBack(place);
  const symbols: Term[] = [];
  do {
    parser.next();
    if (!parser.at('Identifier')) return parser.unexpected('expected var');
    symbols.push(parseVariable(parser));
    parser.next();
  } while (parser.at(','));
  return expression({ kind: 'some', symbols }, { first, start });
}

/** `every x in xs { … }` or `every k, v in xs { … }`. */
function parseEvery(parser: Parser): Expr | undefined {
  const { kind: first, start } = parser;
  parser.next();
  const term = parseInfix(parser);
  if (term === undefined) return undefined;
  if (term.type !== 'call' || !isMembership(term)) {
    return parser.unexpected('expected `x[, y] in xs { ... }` expression');
  }
  const [value, domain] = term.value.slice(-2);
  const key = term.value.length === 4 ? term.value[1] : undefined;
  if (value === undefined || domain === undefined) return parser.unexpected('illegal domain');
  if (key !== undefined && key.type !== 'var') return parser.unexpected('expected key to be a variable');
  if (value.type !== 'var') return parser.unexpected('expected value to be a variable');
  if (!parser.at('{')) return parser.unexpected('missing body');
  parser.next();
  const body = parseBody(parser, '}');
  if (body === undefined) return undefined;
  parser.next();
  return attachWith(parser, expression({ kind: 'every', key, value, domain, body }, { first, start }));
}

function isMembership({ value }: { value: readonly Term[] }): boolean {
  const name = operatorName(value[0]);
  return name === `internal.member_${value.length - 1}` && value.length >= 3 && value.length <= 4;
}
