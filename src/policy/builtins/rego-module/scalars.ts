import { parseLiteral } from './expressions.js';
import type { Parser } from './parser.js';
import { type Expr, operatorName, type Term, text } from './syntax.js';

/** The largest power of two that a number may have. */
const MAX_BINARY_EXPONENT = 100_000;

/** With its sign, and perhaps with a point before its first digit. */
export function parseNumber(parser: Parser): Term | undefined {
  let prefix = '';
  if (parser.at('-')) {
    prefix = '-';
    parser.next();
    if (!parser.at('Number') && !parser.at('.')) return parser.unexpected('expected number');
  }
  if (parser.at('.')) {
    prefix += '.';
    parser.next();
    if (!parser.at('Number')) return parser.unexpected('expected number');
  }
  const digits = parser.text;
  if (!prefix.endsWith('.') && /^0[^.eE]/.test(digits)) {
    return parser.unexpected('expected number without leading zero');
  }
  const number = prefix + digits;
  if (prefix.endsWith('.') && /\./.test(digits)) return parser.unexpected('illegal value');
  if (isTooLarge(number)) return parser.fail('number too big');
  return { type: 'number', value: number };
}

/** @param number a number in JSON's syntax, or with nothing before its point */
function isTooLarge(number: string): boolean {
  if (number.length < 1_000 && !/[eE]/.test(number)) return false;
  const [mantissa = '', exponent = '0'] = number.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return false;
  // digits × 10^(exponent - fraction's length), of which only the first digits matter for the size.
  const power = Number(exponent) - fraction.length + digits.length;
  const leading = Number(`0.${digits.slice(0, 17)}`);
  const binary = Math.floor(Math.log2(leading) + power * Math.log2(10)) + 1;
  return binary > MAX_BINARY_EXPONENT || binary < -MAX_BINARY_EXPONENT;
}

export function parseString(parser: Parser): Term | undefined {
  const { text: literal } = parser;
  const inner = literal.slice(1, -1);
  if (literal.startsWith('`') || !inner.includes('\\')) return text(inner);
  const value = meaning(inner);
  return value === undefined ? parser.fail(`illegal string literal: ${literal}`) : text(value);
}

/** What an escaped text means, or undefined where JSON forbids it; halves of surrogate pairs mean nothing. */
function meaning(inner: string): string | undefined {
  try {
    return (JSON.parse(`"${inner}"`) as string).replace(/\p{Surrogate}/gu, '\uFFFD');
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** @param raw whether it stands in backquotes, in which nothing is escaped but braces, and lines may end */
export function parseTemplateString(parser: Parser, raw: boolean): Term | undefined {
  const parts: (Term | Expr)[] = [];
  for (;;) {
    const { kind } = parser;
    if (!kind.endsWith('TemplatePart') && !kind.endsWith('TemplateEnd')) {
      return parser.fail('expected template-string part');
    }
    const inner = parser.text.slice(1, -1);
    const value = raw || !inner.includes('\\') ? inner : meaning(inner);
    if (value === undefined) return parser.fail(`illegal template-string part: ${parser.text}`);
    if (value !== '') parts.push(text(value));
    if (kind.endsWith('TemplateEnd')) return { type: 'templatestring', parts, multiLine: raw };
    const part = parseTemplateExpression(parser);
    if (part === undefined) return undefined;
    parts.push(part);
    if (!parser.at('}')) return parser.fail('expected } to end template string expression');
    parser.nextInTemplate(raw);
  }
}

/** A scalar stands for itself, unless a comment belongs to it. */
function parseTemplateExpression(parser: Parser): Term | Expr | undefined {
  const comment = parser.lastComment;
  parser.next();
  const isCommented = parser.lastComment !== comment;
  const expr = parseLiteral(parser);
  if (expr === undefined) return parser.fail('invalid template-string expression');
  const refused = refusal(expr);
  if (refused !== undefined)
    return parser.fail(`unexpected ${refused} in template-string expression`, expr.start);
  if (expr.terms.kind !== 'term' || isCommented) return expr;
  const { term } = expr.terms;
  return ['string', 'number', 'boolean', 'null'].includes(term.type) ? term : expr;
}

/** What a template string's expression must not be. */
function refusal({ terms, negated }: Expr): string | undefined {
  if (negated) return "negation ('not')";
  if (terms.kind === 'every' || terms.kind === 'some') return `'${terms.kind}'`;
  if (terms.kind !== 'call') return undefined;
  const name = operatorName(terms.terms[0]);
  if (name === 'eq') return "unification ('=')";
  return name === 'assign' ? "assignment (':=')" : undefined;
}
