import { ruleOf } from './bodyless-rules.js';
import { parseQuery } from './expressions.js';
import { parseImport, parsePackage, refuseKeywordName } from './imports.js';
import { KEYWORDS, Parser, type Problem } from './parser.js';
import { parseRules } from './rules.js';
import type { Body, Import, Module, Rule, Term } from './syntax.js';

type Statement =
  | { readonly kind: 'package'; readonly path: readonly Term[]; readonly start: number }
  | { readonly kind: 'import'; readonly import: Import; readonly start: number }
  | { readonly kind: 'rule'; readonly rule: Rule; readonly start: number }
  | { readonly kind: 'body'; readonly body: Body; readonly start: number };

/** Why a text is no module. */
export class ModuleProblem extends Error {
  /** An offset into the text. */
  readonly start: number;

  constructor({ message, start }: Problem) {
    super(message);
    this.start = start;
  }
}

/**
 * Reads a module of Rego v1, with what it imports from other versions.
 *
 * @param spend accounts for work
 * @throws ModuleProblem with the first problem
 * Source: https://www.openpolicyagent.org/docs/policy-reference#grammar
 */
export function parseModule(source: string, spend: (units: number) => void): Module {
  refuseCharacters(source);
  const parser = new Parser(source, spend);
  const statements: Statement[] = [];
  while (!parser.at('Eof')) {
    const found = parseStatement(parser);
    if (parser.problem !== undefined) throw new ModuleProblem(parser.problem);
    if (found === undefined) break;
    statements.push(...found);
    parser.forgetTerms();
  }
  return assemble(statements, parser);
}

function refuseCharacters(source: string): void {
  const bad = source.indexOf('\0');
  if (bad >= 0) throw new ModuleProblem({ message: 'illegal null character', start: bad });
  const mark = source.indexOf('\uFEFF', 1);
  if (mark >= 0) throw new ModuleProblem({ message: 'illegal byte-order mark', start: mark });
}

/** Tries what a statement can be, one after another, until one is there or is there and wrong. */
function parseStatement(parser: Parser): Statement[] | undefined {
  const { start, place } = parser;
  refuseKeywordName(parser);
  if (parser.problem !== undefined) return undefined;
  if (parser.at('package')) {
    const path = parsePackage(parser);
    if (path !== undefined) return [{ kind: 'package', path, start }];
    if (parser.problem !== undefined) return undefined;
    parser.goBack(place);
  }
  if (parser.at('import')) {
    const imported = parseImport(parser);
    if (imported !== undefined) return [{ kind: 'import', import: imported, start }];
    if (parser.problem !== undefined) return undefined;
    parser.goBack(place);
  }
  const rules = parseRules(parser);
  if (rules !== undefined) return rules.map((rule) => ({ kind: 'rule', rule, start: rule.start }));
  if (parser.problem !== undefined) return undefined;
  parser.goBack(place);
  const body = parseQuery(parser, 'Eof', { single: true });
  return body === undefined ? undefined : [{ kind: 'body', body, start }];
}

function assemble([first, ...rest]: readonly Statement[], parser: Parser): Module {
  if (first === undefined) throw new ModuleProblem({ message: 'empty module', start: 0 });
  if (first.kind !== 'package') throw new ModuleProblem({ message: 'package expected', start: first.start });
  const imports: Import[] = [];
  const rules: Rule[] = [];
  for (const statement of rest) {
    if (statement.kind === 'package') {
      throw new ModuleProblem({ message: 'unexpected package', start: statement.start });
    }
    if (statement.kind === 'import') imports.push(statement.import);
    else
      rules.push(statement.kind === 'rule' ? statement.rule : bodylessRule(statement.body, statement.start));
  }
  for (const rule of rules) checkLanguage(rule);
  return { package: first.path, imports, rules, comments: parser.comments() };
}

function bodylessRule(body: Body, start: number): Rule {
  const rule = ruleOf(body);
  if (typeof rule === 'string') throw new ModuleProblem({ message: rule, start });
  return rule;
}

/** What version 1 of the language demands of rules. */
function checkLanguage(rule: Rule): void {
  for (let each: Rule | undefined = rule; each !== undefined; each = each.otherwise) {
    const message = languageProblem(each);
    if (message !== undefined) throw new ModuleProblem({ message, start: each.start });
  }
}

function languageProblem({ head, isDefault, generatedBody }: Rule): string | undefined {
  const what = head.args.length > 0 ? 'function' : 'rule';
  if (head.ref.length < 2 && KEYWORDS.includes(head.name)) {
    return `${head.name} keyword cannot be used for rule name`;
  }
  if (generatedBody && head.generatedValue)
    return `${what} must have value assignment and/or body declaration`;
  if (!generatedBody && !isDefault && !head.keywords.includes('if')) {
    return `\`if\` keyword is required before ${what} body`;
  }
  if (head.value === undefined && !head.keywords.includes('contains')) {
    return '`contains` keyword is required for partial set rules';
  }
  return undefined;
}
