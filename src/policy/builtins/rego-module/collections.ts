import { byKey, distinct } from './compare.js';
import { parseBody } from './expressions.js';
import { parseInfixInList, parseTermList } from './infix.js';
import type { Parser, Place } from './parser.js';
import type { Term } from './syntax.js';
import { parseTerm } from './terms.js';

/**
 * An array, or an array comprehension: what stands before a `|` is a comprehension's head if a body follows. The token
 * that ends it is left to be passed.
 */
export function parseArray(parser: Parser): Term | undefined {
  parser.next();
  if (parser.at(']')) return { type: 'array', value: [] };
  const mayComprehend = !skipComma(parser);
  const place = parser.place;
  const head = parseTerm(parser);
  if (head === undefined) return undefined;
  if (parser.at(']')) return { type: 'array', value: [head] };
  if (parser.at(',')) return listed(parser, ']', [head], (value) => ({ type: 'array', value }));
  if (parser.at('|') && mayComprehend) {
    parser.next();
    const body = parseBody(parser, ']');
    if (body !== undefined) return { type: 'arraycomprehension', term: head, body };
    if (!parser.at(',')) return undefined;
  }
  parser.goBack(place);
  return listed(parser, ']', undefined, (value) => ({ type: 'array', value }));
}

/** A set, an object, or a comprehension of one. */
export function parseBraces(parser: Parser): Term | undefined {
  parser.next();
  if (parser.at('}')) return { type: 'object', value: [] };
  const mayComprehend = !skipComma(parser);
  const place = parser.place;
  const head = parseTerm(parser);
  if (head === undefined) return undefined;
  if (parser.at('}') || parser.at(',')) return parseSet(parser, head);
  if (parser.at('|') && mayComprehend) return parseSetComprehension(parser, place, head);
  if (parser.at(':')) return parseObject(parser, head, mayComprehend);
  parser.goBack(place);
  const first = parseInfixInList(parser);
  if (first === undefined) return undefined;
  if (parser.at('}') || parser.at(',')) return parseSet(parser, first);
  if (parser.at(':')) return parseObject(parser, first, mayComprehend);
  return parser.unexpected('non-terminated set');
}

/** A comma may stand before the first element; then it is no comprehension. */
function skipComma(parser: Parser): boolean {
  if (!parser.at(',')) return false;
  parser.next();
  return true;
}

/** @param first what was read already, the token being the comma after it */
function listed(
  parser: Parser,
  close: string,
  first: readonly Term[] | undefined,
  make: (terms: readonly Term[]) => Term,
): Term | undefined {
  if (first !== undefined) parser.next();
  const rest = parseTermList(parser, close);
  return rest === undefined ? undefined : make([...(first ?? []), ...rest]);
}

function set(terms: readonly Term[]): Term {
  return { type: 'set', value: distinct(terms) };
}

function parseSet(parser: Parser, first: Term): Term | undefined {
  return parser.at('}') ? set([first]) : listed(parser, '}', [first], set);
}

function parseSetComprehension(parser: Parser, place: Place, term: Term): Term | undefined {
  parser.next();
  const body = parseBody(parser, '}');
  if (body !== undefined) return { type: 'setcomprehension', term, body };
  if (!parser.at(',')) return undefined;
  parser.goBack(place);
  return listed(parser, '}', undefined, set);
}

function parseObject(parser: Parser, key: Term, mayComprehend: boolean): Term | undefined {
  parser.next();
  const place = parser.place;
  const simple = parseTerm(parser);
  if (simple === undefined) return undefined;
  if (mayComprehend && (parser.at('}') || parser.at(','))) return finishObject(parser, key, simple);
  if (mayComprehend && parser.at('|')) {
    parser.next();
    const body = parseBody(parser, '}');
    if (body !== undefined) return { type: 'objectcomprehension', key, value: simple, body };
  }
  parser.goBack(place);
  const value = parseInfixInList(parser);
  if (value === undefined) return undefined;
  if (parser.at('}') || parser.at(',')) return finishObject(parser, key, value);
  return parser.unexpected('non-terminated object');
}

function finishObject(parser: Parser, key: Term, value: Term): Term | undefined {
  const pairs: (readonly [Term, Term])[] = [[key, value]];
  while (!parser.at('}')) {
    parser.next();
    if (parser.at('}')) break;
    const pair = parsePair(parser);
    if (pair === undefined) return undefined;
    pairs.push(pair);
  }
  return { type: 'object', value: byKey(pairs) };
}

/** A key and its value, up to the comma or the brace behind them. */
function parsePair(parser: Parser): readonly [Term, Term] | undefined {
  const key = parseInfixInList(parser);
  if (key === undefined) return undefined;
  if (!parser.at(':')) return parser.unexpected('expected ":"');
  parser.next();
  const value = parseInfixInList(parser);
  if (value === undefined) return undefined;
  return parser.at(',') || parser.at('}') ? [key, value] : parser.unexpected('expected "," or "}"');
}
