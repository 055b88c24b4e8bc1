import { BuiltinError } from '../builtin.js';
import { scanTemplate, scanToken, type Token } from './scan.js';
import type { Comment, Term } from './syntax.js';

/** How deeply terms, bodies and groups may nest. */
const MAX_NESTING = 200;

/** Words that are keywords in every module. */
export const KEYWORDS: readonly string[] = [
  'package',
  'import',
  'as',
  'default',
  'else',
  'not',
  'some',
  'with',
  'null',
  'true',
  'false',
  'in',
  'every',
  'contains',
  'if',
];

/** Words that a module may import from `future.keywords`: some are keywords anyway. */
export const FUTURE_KEYWORDS: readonly string[] = ['in', 'every', 'contains', 'if', 'not', 'and', 'or'];

/** What OPA's messages call a token, where that is not how it is written. */
const TOKEN_NAMES: Readonly<Record<string, string>> = {
  Eof: 'eof',
  Illegal: 'illegal',
  Whitespace: 'whitespace',
  Identifier: 'identifier',
  Number: 'number',
  String: 'string',
  TemplatePart: 'template-string-part',
  TemplateEnd: 'template-string-end',
  RawTemplatePart: 'raw-template-string-part',
  RawTemplateEnd: 'raw-template-string-end',
  '+': 'plus',
  '-': 'minus',
  '*': 'mul',
  '/': 'div',
  '%': 'rem',
  '&': 'and',
  '|': 'or',
  '=': 'eq',
  '==': 'equal',
  ':=': 'assign',
  '!=': 'neq',
  '>': 'gt',
  '<': 'lt',
  '>=': 'gte',
  '<=': 'lte',
};

/** What is wrong with a module, and where. */
export interface Problem {
  readonly message: string;
  readonly start: number;
}

/** The last comment, and those before it: a list that is safe to go back in. */
interface Comments {
  readonly comment: Comment;
  readonly before: Comments | undefined;
}

/** A term that was read, and those before it: a list that is safe to go back in. */
interface KnownTerm {
  readonly start: number;
  readonly term: Term | undefined;
  readonly after: Place;
  readonly before: KnownTerm | undefined;
}

/** Where a parser is; it can go back there. */
export interface Place {
  readonly token: Token;
  readonly afterNewline: boolean;
  readonly wildcards: number;
  readonly comments: Comments | undefined;
  readonly problem: Problem | undefined;
}

/**
 * Goes through the tokens of a module. The functions that read a part of the grammar answer undefined where it is not
 * there as it should be, and note the problem; who can try something else goes back, which forgets the problem.
 */
export class Parser {
  readonly source: string;
  readonly #spend: (units: number) => void;
  #known: KnownTerm | undefined;
  #keywords: ReadonlyMap<string, string> = new Map(KEYWORDS.map((word) => [word, word]));
  #nesting = 0;
  #notTakesBodies = false;
  #place: Place;

  /** @param spend accounts for work */
  constructor(source: string, spend: (units: number) => void) {
    this.source = source;
    this.#spend = spend;
    const start = source.startsWith('\uFEFF') ? 1 : 0;
    const token: Token = { kind: 'Start', text: '', start: 0, end: start, problem: undefined };
    this.#place = { token, afterNewline: false, wildcards: 0, comments: undefined, problem: undefined };
    this.next();
  }

  get kind(): string {
    return this.#place.token.kind;
  }

  get text(): string {
    return this.#place.token.text;
  }

  get start(): number {
    return this.#place.token.start;
  }

  /** Whether an end of line was passed on the way to this token. */
  get afterNewline(): boolean {
    return this.#place.afterNewline;
  }

  get problem(): Problem | undefined {
    return this.#place.problem;
  }

  get place(): Place {
    return this.#place;
  }

  comments(): Comment[] {
    const comments: Comment[] = [];
    for (let list = this.#place.comments; list !== undefined; list = list.before) comments.push(list.comment);
    return comments.reverse();
  }

  /** Where the last comment is, to know later whether another one came. */
  get lastComment(): object | undefined {
    return this.#place.comments;
  }

  at(kind: string): boolean {
    return this.kind === kind;
  }

  /** To the next token that is no space. */
  next(): void {
    this.#advance(true, this.#scan);
  }

  /** To the next token, which may be a space. */
  nextOrSpace(): void {
    this.#advance(false, this.#scan);
  }

  /** From the brace that ends an expression in a template string to the string's next part. */
  nextInTemplate(raw: boolean): void {
    this.#advance(false, (at) => scanTemplate(this.source, at, at - 1, { raw }));
  }

  goBack(place: Place): void {
    this.#place = place;
  }

  /** Takes a keyword for a name. */
  asIdentifier(): void {
    this.#retag('Identifier');
  }

  isKeyword(word: string): boolean {
    return this.#keywords.has(word);
  }

  /** Whether a keyword, or an operator that is called like one, may be a part of a reference. */
  mayBeInRef(): boolean {
    const word = TOKEN_NAMES[this.kind] ?? this.kind;
    return KEYWORDS.includes(word) || this.#keywords.has(word);
  }

  /** Whether `not` was imported: it then takes bodies and groups, and is an expression of its own. */
  get notTakesBodies(): boolean {
    return this.#notTakesBodies;
  }

  addKeywords(words: readonly string[]): void {
    if (words.includes('not')) this.#notTakesBodies = true;
    this.#keywords = new Map([...this.#keywords, ...words.map((word) => [word, word] as const)]);
  }

  /** The token ahead may have been read before it was known to be a keyword. */
  reconsider(): void {
    const { text } = this;
    if (this.at('Identifier') && FUTURE_KEYWORDS.includes(text) && this.isKeyword(text)) this.#retag(text);
  }

  /** Reads something for which future keywords are ordinary names. */
  withoutFutureKeywords<Result>(read: () => Result): Result {
    const keywords = this.#keywords;
    this.#keywords = new Map([...keywords].filter(([word]) => !FUTURE_KEYWORDS.includes(word)));
    const known = this.#known;
    this.#known = undefined;
    const result = read();
    this.#keywords = keywords;
    this.#known = known;
    return result;
  }

  /** A name that nothing else has. */
  wildcard(): string {
    const { wildcards } = this.#place;
    this.#place = { ...this.#place, wildcards: wildcards + 1 };
    return `$${wildcards}`;
  }

  /** Notes a problem; the first one counts. @returns undefined, for those who have no result then */
  fail(message: string, start = this.start): undefined {
    if (this.problem === undefined) this.#place = { ...this.#place, problem: { message, start } };
    return undefined;
  }

  /** Notes that the token should not be there. */
  unexpected(note = ''): undefined {
    const { kind } = this;
    if (kind === 'Illegal') return this.fail('illegal token');
    const isWord = KEYWORDS.includes(kind) || FUTURE_KEYWORDS.includes(kind);
    const name = `${TOKEN_NAMES[kind] ?? kind} ${isWord ? 'keyword' : 'token'}`;
    return this.fail(`unexpected ${name}${note === '' ? '' : `: ${note}`}`);
  }

  /** @throws BuiltinError where it is too deep */
  deeper<Result>(read: () => Result): Result {
    if (this.#nesting === MAX_NESTING) throw new BuiltinError(`a module nests deeper than ${MAX_NESTING}`);
    this.#nesting += 1;
    const result = read();
    this.#nesting -= 1;
    return result;
  }

  /**
   * Reads a term once, even if the grammar goes back to where it begins. What is known of terms inside of it is
   * forgotten, since there a keyword may have been taken for a name, or not.
   */
  once(read: () => Term | undefined): Term | undefined {
    const { start } = this;
    const known = this.#before(start + 1);
    if (known?.start === start) {
      this.#place = known.after;
      return known.term;
    }
    const term = read();
    this.#known = { start, term, after: this.#place, before: this.#before(start) };
    return term;
  }

  /** To be called where nothing goes back any more. */
  forgetTerms(): void {
    this.#known = undefined;
  }

  /** Tries something, of which nothing stays known where it is undefined. */
  attempt<Result>(read: () => Result | undefined): Result | undefined {
    const place = this.#place;
    const known = this.#known;
    const result = read();
    if (result === undefined) {
      this.#place = place;
      this.#known = known;
    }
    return result;
  }

  /** What is known of the last term that begins before an offset. */
  #before(start: number): KnownTerm | undefined {
    let known = this.#known;
    while (known !== undefined && known.start >= start) known = known.before;
    return known;
  }

  #scan = (at: number): Token => scanToken(this.source, at, this.#keywords);

  #advance(skipSpaces: boolean, scan: (at: number) => Token): void {
    const from = this.#place;
    let { comments } = from;
    let afterNewline = from.token.kind === 'Whitespace' && from.afterNewline;
    let token = from.token;
    do {
      token = scan(token.end);
      this.#spend(1);
      if (token.kind === 'Comment') {
        comments = { comment: { start: token.start, text: token.text }, before: comments };
      }
      if (token.text === '\n' && token.kind === 'Whitespace') afterNewline = true;
    } while (token.kind === 'Comment' || (skipSpaces && token.kind === 'Whitespace'));
    const problem =
      from.problem ??
      (token.problem === undefined ? undefined : { message: token.problem, start: token.start });
    this.#place = { token, afterNewline, wildcards: from.wildcards, comments, problem };
  }

  #retag(kind: string): void {
    this.#place = { ...this.#place, token: { ...this.#place.token, kind } };
  }
}
