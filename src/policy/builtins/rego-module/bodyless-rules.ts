import { BUILTIN_NAMES } from './builtin-names.js';
import { head } from './heads.js';
import { type Body, type Head, operatorName, type Rule, type Term, TRUE, trueBody } from './syntax.js';

/**
 * The rule that an expression outside of any rule stands for, such as `x := 1`, `p[k] = v` or `f(x)`.
 *
 * @returns what is wrong with it, where it stands for none
 */
export function ruleOf(body: Body): Rule | string {
  const [expr, second] = body;
  if (expr === undefined || second !== undefined) return 'multiple expressions cannot be used for rule head';
  if (expr.with.length > 0) return 'expressions using with keyword cannot be used for rule head';
  if (expr.negated) return 'negated expressions cannot be used for rule head';
  if (expr.terms.kind === 'some') return "'some' declarations cannot be used for rule head";
  if (expr.terms.kind === 'term') return termProblem(expr.terms.term);
  if (expr.terms.kind !== 'call') return 'expression cannot be used for rule head';
  const [operator, ...operands] = expr.terms.terms;
  const name = operatorName(operator) ?? '';
  const written =
    name === 'eq' || name === 'assign' ? assigned(operands, name) : called(operator, operands, name);
  if (typeof written === 'string') return written;
  const { start } = expr;
  return {
    start,
    head: written,
    body: trueBody(start),
    isDefault: false,
    otherwise: undefined,
    generatedBody: true,
  };
}

/** A term alone would be a rule of older versions of the language. */
function termProblem(term: Term): string {
  if (term.type !== 'ref') return `${term.type} cannot be used for rule name`;
  if (term.value.length === 1) return 'refs cannot be used for rule head';
  return term.value.length === 2
    ? '`contains` keyword is required for partial set rules'
    : 'rule must have value assignment and/or body declaration';
}

function assigned([left, value]: readonly Term[], name: string): Head | string {
  if (left === undefined || value === undefined) return 'assignment requires two operands';
  const named = left.type === 'call' ? functionHead(left.value) : pathHead(left);
  return typeof named === 'string' ? named : { ...named, value, assign: name === 'assign' };
}

function functionHead([operator, ...args]: readonly Term[]): Head | string {
  if (operator?.type !== 'ref') return 'a call cannot be used in a function signature';
  return operator.value[0]?.type === 'var' ? head(operator.value, args) : 'invalid rule head';
}

function pathHead(left: Term): Head | string {
  if (left.type === 'var') return head([left], []);
  if (left.type !== 'ref') return `${left.type} cannot be used for rule name`;
  const [first, key] = left.value;
  if (first?.type !== 'var') return 'invalid rule head';
  const named = head(left.value, []);
  return left.value.length === 2 ? { ...named, name: first.value, key } : named;
}

function called(operator: Term | undefined, args: readonly Term[], name: string): Head | string {
  if (BUILTIN_NAMES.has(name)) return 'rule name conflicts with built-in function';
  if (args.length === 0) return 'rule argument list must take at least one argument';
  const named = functionHead(operator === undefined ? [] : [operator, ...args]);
  return typeof named === 'string' ? named : { ...named, value: TRUE };
}
