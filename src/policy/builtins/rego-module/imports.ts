import { FUTURE_KEYWORDS, KEYWORDS, type Parser } from './parser.js';
import { type Import, isRootDocument, type RefTerm, ref, type Term, text, variable } from './syntax.js';
import { parseTerm } from './terms.js';

/** The path of a package, which begins with `data`; undefined where it is a reference that begins with `package`. */
export function parsePackage(parser: Parser): readonly Term[] | undefined {
  if (!enterPath(parser)) return undefined;
  const term = parseTerm(parser);
  if (term === undefined) return undefined;
  const [first, ...rest] = term.type === 'ref' ? term.value : [term];
  if (first?.type !== 'var') return parser.unexpected('expected var');
  if (rest.some((part) => part.type !== 'string')) return parser.fail('unexpected token: expecting string');
  if (parser.at('-')) return parser.unexpected();
  return [variable('data'), text(first.value), ...rest];
}

/** As `parsePackage`; what an import makes a keyword is one from here on. */
export function parseImport(parser: Parser): Import | undefined {
  if (!enterPath(parser)) return undefined;
  const { start } = parser;
  const term = parser.withoutFutureKeywords(() => parseTerm(parser));
  const path = term?.type === 'var' ? ref(term) : term;
  if (path?.type !== 'ref') return parser.fail('expected path');
  const [root, ...rest] = path.value;
  if (rest.some((part) => part.type !== 'string'))
    return parser.fail('unexpected token: expecting string', start);
  const name = root?.type === 'var' ? root.value : '';
  if (!isRootDocument(root) && name !== 'future' && name !== 'rego') {
    return parser.fail('unexpected import path, must begin with one of: {data, future, input, rego}', start);
  }
  const alias = parseAlias(parser);
  if (parser.problem !== undefined) return undefined;
  if (alias === undefined && name !== 'future' && KEYWORDS.includes(lastName(path))) {
    return parser.fail(`unexpected import path, must not end with a keyword, got: ${lastName(path)}`, start);
  }
  if (parser.at('-')) return parser.unexpected();
  if (name === 'rego' || name === 'future') importKeywords(parser, { path, alias }, start);
  return parser.problem === undefined ? { path, alias } : undefined;
}

/** Goes to where a path begins. */
function enterPath(parser: Parser): boolean {
  parser.nextOrSpace();
  if (parser.at('.') || parser.at('[')) return false;
  if (parser.at('Whitespace')) parser.next();
  if (parser.at('Identifier')) return true;
  if (parser.mayBeInRef()) parser.asIdentifier();
  else parser.unexpected();
  return parser.at('Identifier');
}

function parseAlias(parser: Parser): string | undefined {
  if (!parser.at('as')) return undefined;
  parser.next();
  if (!parser.at('Identifier')) return parser.unexpected('expected var');
  const alias = parseTerm(parser);
  return alias?.type === 'var' ? alias.value : parser.unexpected('expected var');
}

function lastName({ value }: RefTerm): string {
  const last = value.at(-1);
  return last?.type === 'string' || last?.type === 'var' ? last.value : '';
}

function importKeywords(parser: Parser, { path, alias }: Import, start: number): void {
  const names = path.value.map((part) => (part.type === 'var' || part.type === 'string' ? part.value : ''));
  const [root, ...rest] = names;
  const words = root === 'rego' ? languageKeywords(rest) : futureKeywords(rest);
  if (words === undefined) parser.fail(`invalid import \`${names.join('.')}\``, start);
  else if (alias !== undefined) parser.fail(`\`${root}\` imports cannot be aliased`, start);
  else {
    parser.addKeywords(words);
    parser.reconsider();
  }
}

/** The language of version 1 is what modules are in anyway. */
function languageKeywords(names: readonly string[]): readonly string[] | undefined {
  if (names.length !== 1) return undefined;
  if (names[0] === 'v1') return [];
  return names[0] === 'v2' ? FUTURE_KEYWORDS : undefined;
}

function futureKeywords([keywords, word, ...rest]: readonly string[]): readonly string[] | undefined {
  if (keywords !== 'keywords') return undefined;
  if (word === undefined || rest.length > 0) return FUTURE_KEYWORDS;
  return FUTURE_KEYWORDS.includes(word) ? [word] : undefined;
}

/** Which tokens after a keyword show that it was meant as a rule's name. */
const AFTER_NAME = [':=', '=', 'if', 'contains', '('];
const AFTER_OPERATOR = [':=', '=', 'if', 'contains'];
const AFTER_PATH = [':=', '=', '('];
const NAME_FOLLOWERS: Readonly<Record<string, readonly string[]>> = {
  every: AFTER_NAME,
  if: AFTER_NAME,
  in: AFTER_NAME,
  some: AFTER_NAME,
  as: AFTER_NAME,
  package: AFTER_PATH,
  import: AFTER_PATH,
  not: AFTER_OPERATOR,
  and: AFTER_OPERATOR,
  or: AFTER_OPERATOR,
  contains: ['if', 'contains'],
};

/** Refuses a rule that is called like a keyword. */
export function refuseKeywordName(parser: Parser): void {
  const { kind, place } = parser;
  const followers = Object.hasOwn(NAME_FOLLOWERS, kind) ? NAME_FOLLOWERS[kind] : undefined;
  if (followers === undefined) return;
  parser.next();
  const isName = followers.includes(parser.kind);
  parser.goBack(place);
  if (isName) parser.fail(`${kind} keyword cannot be used for rule name`);
}
