import { parseArray, parseBraces } from './collections.js';
import { parseInfix, parseTermList } from './infix.js';
import type { Parser } from './parser.js';
import { parseNumber, parseString, parseTemplateString } from './scalars.js';
import { type CallTerm, isRootDocument, ref, type Term, TRUE, text, variable } from './syntax.js';

/** What a reference may begin with. */
const REF_HEADS = new Set([
  'var',
  'array',
  'object',
  'set',
  'arraycomprehension',
  'objectcomprehension',
  'setcomprehension',
  'call',
]);

/** A term without operators between terms. */
export function parseTerm(parser: Parser): Term | undefined {
  return parser.deeper(() => parser.once(() => parseNewTerm(parser)));
}

function parseNewTerm(parser: Parser): Term | undefined {
  nameLogicalCall(parser);
  if (parser.at('-')) {
    const place = parser.place;
    parser.next();
    if (parser.at('Identifier') || parser.at('contains')) {
      const operand = finishTerm(parser, parseVariable(parser));
      if (operand === undefined) return undefined;
      const zero: Term = { type: 'number', value: '0' };
      return { type: 'call', value: [ref(variable('minus')), zero, operand] };
    }
    parser.goBack(place);
  }
  return finishTerm(parser, parseHead(parser));
}

function parseHead(parser: Parser): Term | undefined {
  switch (parser.kind) {
    case 'null':
      return { type: 'null' };
    case 'true':
      return TRUE;
    case 'false':
      return { type: 'boolean', value: false };
    case '-':
    case '.':
    case 'Number':
      return parseNumber(parser);
    case 'String':
      return parseString(parser);
    case 'TemplatePart':
    case 'TemplateEnd':
      return parseTemplateString(parser, false);
    case 'RawTemplatePart':
    case 'RawTemplateEnd':
      return parseTemplateString(parser, true);
    case 'Identifier':
    case 'contains':
      return parseVariable(parser);
    case '[':
      return parseArray(parser);
    case '{':
      return parseBraces(parser);
    case '(':
      return parseParentheses(parser);
    default:
      return parser.unexpected();
  }
}

/** `and(` and `or(`, where a term should be, are calls. */
function nameLogicalCall(parser: Parser): void {
  if (!parser.at('and') && !parser.at('or')) return;
  if (kindAfter(parser) === '(') parser.asIdentifier();
}

/** The kind of what follows this token, be it a space. */
export function kindAfter(parser: Parser): string {
  const place = parser.place;
  parser.nextOrSpace();
  const { kind } = parser;
  parser.goBack(place);
  return kind;
}

/** A keyword that is followed by `.` or `[` begins a reference. */
export function nameRefKeyword(parser: Parser): boolean {
  if (!parser.mayBeInRef()) return false;
  const follower = kindAfter(parser);
  if (follower !== '.' && follower !== '[') return false;
  parser.asIdentifier();
  return true;
}

export function parseVariable(parser: Parser): Term {
  return variable(parser.text === '_' ? parser.wildcard() : parser.text);
}

function parseParentheses(parser: Parser): Term | undefined {
  parser.next();
  const term = parseInfix(parser);
  if (term === undefined) return undefined;
  return parser.at(')') ? term : parser.fail('non-terminated expression');
}

/** Goes past a term's last token, and on if a reference or a call begins with the term. */
function finishTerm(parser: Parser, head: Term | undefined): Term | undefined {
  if (head === undefined) return undefined;
  parser.nextOrSpace();
  if (parser.at('(') || parser.at('.') || parser.at('[')) return parseRef(parser, head);
  if (parser.at('Whitespace')) parser.next();
  return isRootDocument(head) ? ref(head) : head;
}

/** `head.name[index](arguments)…`: what belongs to it follows without spaces. */
export function parseRef(parser: Parser, head: Term): Term | undefined {
  if (!REF_HEADS.has(head.type)) parser.fail(`illegal ref (head cannot be ${head.type})`);
  const parts = [head];
  for (;;) {
    if (parser.at('.')) {
      parser.nextOrSpace();
      if (!parser.at('Identifier') && !parser.mayBeInRef()) return parser.unexpected('expected identifier');
      parts.push(text(parser.text));
      parser.nextOrSpace();
    } else if (parser.at('[')) {
      parser.next();
      const part = parseInfix(parser);
      if (part === undefined) return undefined;
      if (!parser.at(']')) return parser.unexpected('expected [');
      parts.push(part);
      parser.nextOrSpace();
    } else if (parser.at('(')) return finishCall(parser, parseCall(parser, ref(...parts)));
    else {
      if (parser.at('Whitespace')) parser.next();
      return ref(...parts);
    }
  }
}

function finishCall(parser: Parser, call: Term | undefined): Term | undefined {
  if (call === undefined) return undefined;
  if (parser.at('Whitespace')) parser.next();
  else if (parser.at('.') || parser.at('[')) return parser.deeper(() => parseRef(parser, call));
  return call;
}

function parseCall(parser: Parser, operator: Term): Term | undefined {
  parser.next();
  if (parser.at(')')) {
    parser.nextOrSpace();
    return isSetConstructor(operator) ? { type: 'set', value: [] } : call([operator]);
  }
  const terms = parseTermList(parser, ')');
  if (terms === undefined) return undefined;
  parser.nextOrSpace();
  return call([operator, ...terms]);
}

function isSetConstructor(operator: Term): boolean {
  if (operator.type !== 'ref' || operator.value.length !== 1) return false;
  const [name] = operator.value;
  return name?.type === 'var' && name.value === 'set';
}

function call(value: readonly Term[]): CallTerm {
  return { type: 'call', value };
}
