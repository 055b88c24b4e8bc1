import type { Parser } from './parser.js';
import type { Expr, Head, Term } from './syntax.js';

/** @returns whether a default rule has a constant value and nothing but different variables as arguments */
export function checkDefault(parser: Parser, { value, args }: Head, start: number): boolean {
  if (value === undefined) parser.fail('illegal default rule (must have a value)', start);
  else if (variableKind(value) !== undefined) {
    parser.fail(`illegal default rule (value cannot contain ${variableKind(value)})`, start);
  }
  const names = new Set<string>();
  for (const argument of args) {
    if (argument.type !== 'var') {
      parser.fail(`illegal default rule (arguments cannot contain ${argument.type})`, start);
    } else if (names.has(argument.value)) {
      parser.fail(`illegal default rule (arguments cannot be repeated ${argument.value})`, start);
    } else names.add(argument.value);
  }
  return parser.problem === undefined;
}

/** The type of something in a term that is not constant; what a comprehension says does not count. */
function variableKind(term: Term): string | undefined {
  switch (term.type) {
    case 'var':
    case 'ref':
    case 'call':
      return term.type;
    case 'array':
    case 'set':
      return firstOf(term.value);
    case 'object':
      return firstOf(term.value.flat());
    case 'templatestring':
      return firstOf(term.parts.flatMap((part) => ('terms' in part ? termsOf(part) : [part])));
    default:
      return undefined;
  }
}

function firstOf(terms: readonly Term[]): string | undefined {
  for (const term of terms) {
    const kind = variableKind(term);
    if (kind !== undefined) return kind;
  }
  return undefined;
}

function termsOf({ terms }: Expr): readonly Term[] {
  if (terms.kind === 'term') return [terms.term];
  return terms.kind === 'call' ? terms.terms : [];
}
