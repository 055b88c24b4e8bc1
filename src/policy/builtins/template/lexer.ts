import { BuiltinError } from '../builtin.js';

/** Signs are a kind of their own; white space counts, as it separates arguments from fields. */
export type TokenKind =
  | 'text'
  | '{{'
  | '}}'
  | 'space'
  | '='
  | ':='
  | '|'
  | '('
  | ')'
  | ','
  | '.'
  | 'boolean'
  | 'character'
  | 'complex'
  | 'field'
  | 'identifier'
  | 'keyword'
  | 'nil'
  | 'number'
  | 'string'
  | 'variable'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As it was written. */
  readonly text: string;
}

/**
 * Takes a template apart; comments and the white space that trim markers take away are gone.
 *
 * @throws BuiltinError where Go's lexer fails
 * Source: https://pkg.go.dev/text/template#hdr-Text_and_spaces
 */
export function lex(template: string): Token[] {
  return new Lexer(template).run();
}

const KEYWORDS: ReadonlySet<string> = new Set([
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'range',
  'template',
  'with',
]);
const SPACE = ' \t\r\n';
const SIGNS: readonly TokenKind[] = ['=', ':=', '|', '(', ')', ','];
const WORD = /[\p{L}\p{Nd}_]*/uy;
const ALPHANUMERIC = /[\p{L}\p{Nd}_]/uy;
/** What may be meant as a number; {@link numberLiteral} tells whether it is one. */
const NUMBER =
  /[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?/y;

class Lexer {
  readonly #text: string;
  readonly #tokens: Token[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  run(): Token[] {
    while (this.#textBeforeAction()) {
      if (this.#text.startsWith('/*', this.#at)) this.#comment();
      else this.#action();
    }
    this.#push('end', '');
    return this.#tokens;
  }

  /** Reads up to and with the next `{{`, or the rest where there is none. */
  #textBeforeAction(): boolean {
    const open = this.#text.indexOf('{{', this.#at);
    const isTrimmed = this.#text[open + 2] === '-' && this.#isSpace(open + 3);
    let end = open < 0 ? this.#text.length : open;
    while (open >= 0 && isTrimmed && end > this.#at && this.#isSpace(end - 1)) end -= 1;
    if (end > this.#at) this.#push('text', this.#text.slice(this.#at, end));
    this.#at = open + (isTrimmed ? 4 : 2);
    return open >= 0;
  }

  #comment(): void {
    const end = this.#text.indexOf('*/', this.#at + 2);
    if (end < 0) throw new BuiltinError('unclosed comment');
    this.#at = end + 2;
    if (!this.#close()) throw new BuiltinError('comment ends before closing delimiter');
  }

  #action(): void {
    this.#push('{{', '{{');
    while (!this.#close()) this.#token();
    this.#push('}}', '}}');
  }

  /** Reads `}}`, or ` -}}` with the white space behind it. */
  #close(): boolean {
    if (this.#text.startsWith('}}', this.#at)) {
      this.#at += 2;
      return true;
    }
    if (!this.#isSpace(this.#at) || !this.#text.startsWith('-}}', this.#at + 1)) return false;
    this.#at += 4;
    while (this.#isSpace(this.#at)) this.#at += 1;
    return true;
  }

  #token(): void {
    const first = this.#text[this.#at];
    if (first === undefined) throw new BuiltinError('unclosed action');
    const sign = SIGNS.find((candidate) => this.#text.startsWith(candidate, this.#at));
    if (sign !== undefined) this.#take(sign, sign.length);
    else if (SPACE.includes(first)) this.#space();
    else if (first === '"') this.#quoted('string');
    else if (first === "'") this.#quoted('character');
    else if (first === '`') this.#raw();
    else if (first === '$') this.#name('variable');
    else if (first === '.' && !/[0-9]/.test(this.#text[this.#at + 1] ?? '')) this.#name('field');
    else if (/[0-9+.-]/.test(first)) this.#number();
    else this.#identifier();
  }

  #space(): void {
    if (this.#tokens.at(-1)?.kind !== 'space') this.#push('space', ' ');
    this.#at += 1;
  }

  #quoted(kind: 'string' | 'character'): void {
    let end = this.#at + 1;
    while (this.#text[end] !== this.#text[this.#at]) {
      if (this.#text[end] === '\\') end += 1;
      if (end >= this.#text.length || this.#text[end] === '\n')
        throw new BuiltinError(`unterminated ${kind}`);
      end += 1;
    }
    this.#take(kind, end + 1 - this.#at);
  }

  #raw(): void {
    const end = this.#text.indexOf('`', this.#at + 1);
    if (end < 0) throw new BuiltinError('unterminated raw quoted string');
    this.#take('string', end + 1 - this.#at);
  }

  /** A `$` or a point with the word behind it, which may be empty. */
  #name(kind: 'variable' | 'field'): void {
    const word = this.#match(WORD, this.#at + 1);
    this.#take(kind === 'field' && word === '' ? '.' : kind, 1 + word.length);
    this.#expectTerminator();
  }

  #identifier(): void {
    const word = this.#match(WORD, this.#at);
    if (word === '') throw new BuiltinError('unrecognized character in action');
    const isBoolean = word === 'true' || word === 'false';
    const named = KEYWORDS.has(word) ? 'keyword' : isBoolean ? 'boolean' : 'identifier';
    this.#take(word === 'nil' ? 'nil' : named, word.length);
    this.#expectTerminator();
  }

  /** Two numbers without a space between them are one of two dimensions. */
  #number(): void {
    const real = this.#numberAt(this.#at);
    const end = this.#at + real.length;
    if (!/[+-]/.test(this.#text[end] ?? '')) {
      this.#take('number', real.length);
      return;
    }
    const imaginary = this.#numberAt(end);
    if (!imaginary.endsWith('i')) throw new BuiltinError('bad number syntax');
    this.#take('complex', real.length + imaginary.length);
  }

  #numberAt(at: number): string {
    const number = this.#match(NUMBER, at);
    if (this.#match(ALPHANUMERIC, at + number.length) !== '') throw new BuiltinError('bad number syntax');
    return number;
  }

  #expectTerminator(): void {
    const next = this.#text[this.#at];
    const isEnd =
      next === undefined || ' \t\r\n.,|:)('.includes(next) || this.#text.startsWith('}}', this.#at);
    if (!isEnd) throw new BuiltinError(`bad character ${JSON.stringify(next)}`);
  }

  #match(pattern: RegExp, at: number): string {
    pattern.lastIndex = at;
    return pattern.exec(this.#text)?.[0] ?? '';
  }

  #take(kind: TokenKind, length: number): void {
    this.#push(kind, this.#text.slice(this.#at, this.#at + length));
    this.#at += length;
  }

  #push(kind: TokenKind, text: string): void {
    this.#tokens.push({ kind, text });
  }

  #isSpace(at: number): boolean {
    const character = this.#text[at];
    return character !== undefined && SPACE.includes(character);
  }
}
