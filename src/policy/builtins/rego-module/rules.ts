import { checkDefault } from './default-rules.js';
import { parseBody, parseLiteral } from './expressions.js';
import { parseHead, type WrittenHead } from './heads.js';
import { parseInfix } from './infix.js';
import type { Parser } from './parser.js';
import {
  type Body,
  type Head,
  isGround,
  isWildcard,
  type Rule,
  type Term,
  TRUE,
  trueBody,
  variable,
} from './syntax.js';
import { nameRefKeyword } from './terms.js';

/** Rules that share a head, of which there are several where several bodies follow it; undefined where none begins. */
export function parseRules(parser: Parser): Rule[] | undefined {
  const { start } = parser;
  nameRefKeyword(parser);
  const isDefault = parser.at('default');
  if (isDefault) {
    parser.next();
    nameRefKeyword(parser);
  }
  if (!parser.at('Identifier')) {
    return isDefault ? parser.unexpected('expected rule name') : undefined;
  }
  const written = parseHead(parser);
  if (written === undefined) return undefined;
  const bare = { start, head: written.head, isDefault, otherwise: undefined, generatedBody: false };
  if (isDefault) {
    return checkDefault(parser, written.head, start) ? [{ ...bare, body: trueBody(start) }] : undefined;
  }
  const head = settleHead(parser, written);
  if (head === undefined) return undefined;
  return parseBodies(parser, { ...bare, head, body: [] }, written.contains);
}

/** Decides what `p[x]` means, which depends on what follows it. */
function settleHead(parser: Parser, { head, contains }: WrittenHead): Head | undefined {
  const [first, key] = head.ref;
  if (contains || head.ref.length !== 2 || first === undefined || key === undefined) return head;
  const name = first.type === 'var' ? first.value : undefined;
  if (parser.at('if')) {
    const keyed = (!isGround(key) || key.type === 'ref') && head.args.length === 0 ? { ...head, key } : head;
    if (keyed.value === undefined) return { ...keyed, value: TRUE, generatedValue: true };
    return name === undefined ? undefined : { ...keyed, name };
  }
  if (head.args.length > 0) return head;
  if (name === undefined) return undefined;
  return { ...head, name, key, ref: head.value === undefined ? [first] : head.ref };
}

function parseBodies(parser: Parser, bare: Rule, contains: boolean): Rule[] | undefined {
  const { start } = bare;
  const hasIf = parser.at('if');
  if (!hasIf && !parser.at('{')) {
    return contains ? [{ ...bare, body: trueBody(start), generatedBody: true }] : undefined;
  }
  const keywords = hasIf ? [...bare.head.keywords, 'if'] : bare.head.keywords;
  const head = { ...bare.head, keywords };
  const body = hasIf ? parseConditions(parser) : parseBracedBody(parser);
  if (body === undefined) return undefined;
  const rule = { ...bare, head, body };
  if (parser.at('else') && !nameRefKeyword(parser)) {
    const otherwise = parseFirstElse(parser, head);
    if (otherwise === undefined) return undefined;
    if (parser.at('{')) parser.fail('expected else keyword');
    return [{ ...rule, otherwise }];
  }
  const rules: Rule[] = [rule];
  while (parser.at('{')) {
    const { start: from } = parser;
    const next = parseBracedBody(parser);
    if (next === undefined) return undefined;
    rules.push({
      ...rule,
      start: from,
      head: { ...head, args: renameWildcards(parser, head.args) },
      body: next,
    });
  }
  return rules;
}

function parseBracedBody(parser: Parser): Body | undefined {
  parser.next();
  const body = parseBody(parser, '}');
  if (body !== undefined) parser.next();
  return body;
}

/** After `if`: one expression, else a body in braces. A set is always true, so that braces are taken for a body. */
function parseConditions(parser: Parser): Body | undefined {
  parser.next();
  const { place } = parser;
  const isBraced = parser.at('{');
  const expr = parseLiteral(parser);
  if (expr !== undefined && !(isBraced && expr.terms.kind === 'term' && expr.terms.term.type === 'set'))
    return [expr];
  if (!isBraced) return undefined;
  parser.goBack(place);
  return parseBracedBody(parser);
}

function parseFirstElse(parser: Parser, head: Head): Rule | undefined {
  if (head.ref.length > 1 && !head.ref.slice(1).every(isGround)) {
    return parser.fail('else keyword cannot be used on rules with variables in head');
  }
  if (head.key !== undefined) return parser.fail('else keyword cannot be used on multi-value rules');
  return parseElse(parser, head);
}

function parseElse(parser: Parser, head: Head): Rule | undefined {
  return parser.deeper(() => {
    const { start } = parser;
    const args = renameWildcards(parser, head.args);
    parser.next();
    const valued = parseElseHead(parser, { ...head, args, generatedValue: false, keywords: [] });
    if (valued === undefined) return undefined;
    const rule = { start, isDefault: false, otherwise: undefined, generatedBody: false };
    const hasIf = parser.at('if');
    if (!hasIf && !parser.at('{'))
      return { ...rule, head: valued, body: trueBody(start), generatedBody: true };
    if (hasIf) parser.next();
    const body = parseElseBody(parser);
    if (body === undefined) return undefined;
    const otherwise = parser.at('else') ? parseElse(parser, head) : undefined;
    if (parser.problem !== undefined) return undefined;
    return { ...rule, head: { ...valued, keywords: hasIf ? ['if'] : [] }, body, otherwise };
  });
}

function parseElseHead(parser: Parser, head: Head): Head | undefined {
  if (parser.at('{') || parser.at('if')) return { ...head, value: TRUE, generatedValue: true };
  const assign = parser.at(':=');
  if (!assign && !parser.at('=')) return parser.unexpected('expected else value term or rule body');
  parser.next();
  const value = parseInfix(parser);
  return value === undefined ? undefined : { ...head, assign, value };
}

function parseElseBody(parser: Parser): Body | undefined {
  if (parser.at('{')) return parseBracedBody(parser);
  if (parser.at('Eof')) return parser.unexpected('rule body expected');
  const expr = parseLiteral(parser);
  return expr === undefined ? undefined : [expr];
}

/** An argument that is not named has another name in each rule. */
function renameWildcards(parser: Parser, list: readonly Term[]): Term[] {
  return list.map((term) => (isWildcard(term) ? variable(parser.wildcard()) : term));
}
