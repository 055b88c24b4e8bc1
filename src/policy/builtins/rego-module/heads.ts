import { parseInfix } from './infix.js';
import type { Parser } from './parser.js';
import { type Head, isRootDocument, operatorName, ref, type Term, TRUE } from './syntax.js';
import { parseRef, parseVariable } from './terms.js';

const OPERATORS = ['+', '-', '*', '/', '%', '&', '|', '==', '!=', '>', '>=', '<', '<='];

/** A head as it stands, before what follows it decides on its meaning. */
export interface WrittenHead {
  readonly head: Head;
  readonly contains: boolean;
}

/** `name`, `name.path[key]` or `name(arguments)`, with `contains key`, `= value`, `:= value` or nothing behind it. */
export function parseHead(parser: Parser): WrittenHead | undefined {
  const term = finishName(parser, parseVariable(parser));
  if (term === undefined) return parser.unexpected('expected rule head name');
  const named = headOf(parser, term);
  if (named === undefined) return undefined;
  if (parser.at('contains')) return parseContains(parser, named, term.type === 'call');
  const assign = parser.at(':=');
  if (assign || parser.at('=')) {
    parser.next();
    const value = parseInfix(parser);
    if (value !== undefined) return { head: { ...named, assign, value }, contains: false };
    parser.unexpected('expected rule value term');
  }
  const isTrue = named.ref.length !== 2 || named.args.length > 0;
  return {
    head: isTrue ? { ...named, assign, value: TRUE, generatedValue: true } : { ...named, assign },
    contains: false,
  };
}

/** Unlike in a term, there may be a space before what belongs to the name. */
function finishName(parser: Parser, name: Term): Term | undefined {
  parser.nextOrSpace();
  if (OPERATORS.includes(parser.kind)) parser.unexpected();
  else if (parser.at('Whitespace')) parser.next();
  if (parser.at('(') || parser.at('.') || parser.at('[')) return parseRef(parser, name);
  return isRootDocument(name) ? ref(name) : name;
}

function headOf(parser: Parser, term: Term): Head | undefined {
  if (term.type === 'var') return head([term], []);
  if (term.type === 'ref') return head(term.value, []);
  if (term.type !== 'call') return undefined;
  const [operator, ...args] = term.value;
  if (operator?.type !== 'ref' || operator.value[0]?.type !== 'var')
    return parser.unexpected('rule head ref invalid');
  return head(operator.value, args);
}

export function head(path: readonly Term[], args: readonly Term[]): Head {
  const name = path.length === 1 ? (operatorName(path[0]) ?? '') : '';
  return {
    name,
    ref: path,
    args,
    key: undefined,
    value: undefined,
    assign: false,
    generatedValue: false,
    keywords: [],
  };
}

function parseContains(parser: Parser, named: Head, isFunction: boolean): WrittenHead {
  if (isFunction)
    parser.unexpected('the contains keyword can only be used with multi-value rule definitions');
  parser.next();
  const key = parseInfix(parser);
  if (key === undefined) parser.unexpected('expected rule key term');
  return { head: { ...named, key, keywords: ['contains'] }, contains: true };
}
