/** A token of Rego: the text of a keyword or of punctuation, or one of the words that begin with a capital. */
export interface Token {
  readonly kind: string;
  /** The text of a name, number, string or comment, with its delimiters. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Why the kind is Illegal, where there is more to say. */
  readonly problem: string | undefined;
}

const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_\p{Nd}]*/uy;
const NUMBER = /\d+(?:\.(\d*))?(?:[eE][+-]?(\d*))?/y;
const LETTER = /[A-Za-z_]/;
const COMMENT = /#[^\n]*/y;
const PLAIN = /[^"\\\n]*/y;
const TEMPLATE = /[^"\\\n{]*/y;
const RAW_TEMPLATE = /[^`\\{]*/y;
const TWO = new Set([':=', '==', '>=', '<=', '!=']);
const ONE = new Set('[]{}(),:+-*/%&|=><;.');
const PROBLEMS: Readonly<Record<string, string>> = {
  '!': 'illegal ! character',
  $: 'illegal $ character',
  '\u00a0': 'illegal non-breaking space character, use a regular space instead',
};

/** @returns the token that begins at an offset; a single space or end of line is a token too */
export function scanToken(source: string, start: number, keywords: ReadonlyMap<string, string>): Token {
  const character = source[start];
  if (character === undefined) return token('Eof', '', start, start);
  if (isSpace(character)) return token('Whitespace', character, start, start + 1);
  const name = match(IDENTIFIER, source, start);
  if (name !== '') return token(keywords.get(name) ?? 'Identifier', name, start, start + name.length);
  if (character >= '0' && character <= '9') return scanNumber(source, start);
  const two = source.slice(start, start + 2);
  if (TWO.has(two)) return token(two, '', start, start + 2);
  if (ONE.has(character)) return token(character, '', start, start + 1);
  if (character === '#') {
    const text = match(COMMENT, source, start);
    return token('Comment', text, start, start + text.length);
  }
  if (character === '"') return scanString(source, start);
  if (character === '`') return scanRawString(source, start);
  if (two === '$"') return scanTemplate(source, start, start + 1, { raw: false });
  if (two === '$`') return scanTemplate(source, start, start + 1, { raw: true });
  return illegal(start, start + 1, PROBLEMS[character]);
}

/**
 * @param delimiter where the opening quote stands, or the brace that ends an expression within the string
 * @returns what is up to the next expression (a TemplatePart), or up to the end of the string (a TemplateEnd); in its
 *   text `\{` has become `{`
 */
export function scanTemplate(
  source: string,
  start: number,
  delimiter: number,
  { raw }: { raw: boolean },
): Token {
  const close = raw ? '`' : '"';
  const parts: string[] = [];
  let from = delimiter;
  let at = delimiter + 1;
  for (;;) {
    at += match(raw ? RAW_TEMPLATE : TEMPLATE, source, at).length;
    const character = source[at];
    if (character === close || character === '{') {
      parts.push(source.slice(from, at + 1));
      const kind = character === '{' ? 'TemplatePart' : 'TemplateEnd';
      return token(raw ? `Raw${kind}` : kind, parts.join(''), start, at + 1);
    }
    if (character !== '\\') return illegal(start, at, 'non-terminated string');
    const escaped = source[at + 1];
    if (escaped === '{') {
      parts.push(source.slice(from, at));
      from = at + 1;
      at += 2;
    } else if (raw) at += 1;
    else {
      const length = escapeLength(escaped);
      if (length === 0) return illegal(start, at + 1, 'illegal escape sequence');
      at += length;
    }
  }
}

function scanString(source: string, start: number): Token {
  let at = start + 1;
  for (;;) {
    at += match(PLAIN, source, at).length;
    if (source[at] === '"') return token('String', source.slice(start, at + 1), start, at + 1);
    if (source[at] !== '\\') return illegal(start, at, 'non-terminated string');
    const length = escapeLength(source[at + 1]);
    if (length === 0) return illegal(start, at + 1, 'illegal escape sequence');
    at += length;
  }
}

function scanRawString(source: string, start: number): Token {
  const close = source.indexOf('`', start + 1);
  if (close < 0) return illegal(start, source.length, 'non-terminated string');
  return token('String', source.slice(start, close + 1), start, close + 1);
}

/** How many characters an escape has, its backslash included; 0 where there is no such escape. */
function escapeLength(escaped: string | undefined): number {
  if (escaped === 'u') return 6;
  return escaped !== undefined && '\\"/bfnrt'.includes(escaped) ? 2 : 0;
}

function scanNumber(source: string, start: number): Token {
  NUMBER.lastIndex = start;
  const [text = '', fraction, exponent] = NUMBER.exec(source) ?? [];
  const end = start + text.length;
  if (fraction === '') return illegal(start, end, 'expected fraction');
  if (exponent === '') return illegal(start, end, 'expected exponent');
  if (LETTER.test(source.charAt(end))) return illegal(start, end, 'illegal number format');
  return token('Number', text, start, end);
}

function isSpace(character: string): boolean {
  return character === ' ' || character === '\n' || character === '\t' || character === '\r';
}

function match(pattern: RegExp, source: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0] ?? '';
}

function token(kind: string, text: string, start: number, end: number): Token {
  return { kind, text, start, end, problem: undefined };
}

function illegal(start: number, end: number, problem: string | undefined): Token {
  return { kind: 'Illegal', text: '', start, end, problem };
}
