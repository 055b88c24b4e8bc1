import type { Parser } from './parser.js';
import { type RefTerm, ref, type Term, text, variable } from './syntax.js';
import { nameRefKeyword, parseTerm } from './terms.js';

/** Which function each operator calls; operators further down bind more tightly. */
const LEVELS: readonly Readonly<Record<string, string>>[] = [
  { '==': 'equal', '!=': 'neq', '<': 'lt', '>': 'gt', '<=': 'lte', '>=': 'gte' },
  { '|': 'or' },
  { '&': 'and' },
  { '+': 'plus', '-': 'minus' },
  { '*': 'mul', '/': 'div', '%': 'rem' },
];

/** A term with operators; of `in`, with the pair `key, value in collection`. */
export function parseInfix(parser: Parser): Term | undefined {
  return parseMembership(parser, { pairs: true });
}

/** A term with operators where a comma ends it. */
export function parseInfixInList(parser: Parser): Term | undefined {
  return parseMembership(parser, { pairs: false });
}

/** Terms up to a closing token, with commas between them and perhaps one at the end. */
export function parseTermList(parser: Parser, close: string): Term[] | undefined {
  const terms: Term[] = [];
  while (!parser.at(close)) {
    const term = parseInfixInList(parser);
    if (term === undefined) return undefined;
    terms.push(term);
    if (parser.at(',')) parser.next();
    else if (!parser.at(close)) return parser.unexpected(`expected "," or "${close}"`);
  }
  return terms;
}

/** The operator of the token, if it is one of these. */
export function parseOperator(parser: Parser, names: Readonly<Record<string, string>>): Term | undefined {
  const name = Object.hasOwn(names, parser.kind) ? names[parser.kind] : undefined;
  if (name === undefined) return undefined;
  parser.next();
  return { ...ref(variable(name)), infix: true };
}

function parseMembership(parser: Parser, { pairs }: { pairs: boolean }): Term | undefined {
  let left = parseLevel(parser, 0);
  if (left === undefined) return undefined;
  for (;;) {
    const pair: Term | undefined = pairs && parser.at(',') ? parsePairMembership(parser, left) : undefined;
    if (pair !== undefined) left = pair;
    else {
      nameRefKeyword(parser);
      if (!parser.at('in')) return left;
      parser.next();
      const collection = parseLevel(parser, 0);
      if (collection === undefined) return left;
      left = { type: 'call', value: [member('member_2'), left, collection] };
    }
    if (!parser.at('in')) return left;
  }
}

function parsePairMembership(parser: Parser, key: Term): Term | undefined {
  const place = parser.place;
  parser.next();
  const value = parseLevel(parser, 0);
  if (value !== undefined && parser.at('in')) {
    parser.next();
    const collection = parseLevel(parser, 0);
    if (collection !== undefined)
      return { type: 'call', value: [member('member_3'), key, value, collection] };
  }
  parser.goBack(place);
  return undefined;
}

function member(name: string): RefTerm {
  return ref(variable('internal'), text(name));
}

function parseLevel(parser: Parser, level: number): Term | undefined {
  const operators = LEVELS[level];
  if (operators === undefined) return parseTerm(parser);
  let left = parseLevel(parser, level + 1);
  while (left !== undefined) {
    const operator = parseOperator(parser, operators);
    const right = operator === undefined ? undefined : parseLevel(parser, level + 1);
    if (operator === undefined || right === undefined) return left;
    left = { type: 'call', value: [operator, left, right] };
  }
  return undefined;
}
