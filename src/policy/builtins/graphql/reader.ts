import type { CommentGroup } from './ast.js';
import { GraphqlFault } from './fault.js';
import { Lexer, type Token } from './lexer.js';
import { Nesting } from './nesting.js';

/** How deeply selections, values and types may nest. */
const MAX_NESTING = 400;

/** Tokens with one of lookahead. Comments are no tokens of the grammar, but belong to the token that they precede. */
export class Reader {
  readonly #lexer: Lexer;
  #next: Token | undefined;
  #comments: CommentGroup | undefined;
  readonly #nesting = new Nesting(MAX_NESTING);

  constructor(text: string) {
    this.#lexer = new Lexer(text);
  }

  peek(): Token {
    if (this.#next !== undefined) return this.#next;
    const list: { value: string }[] = [];
    let token = this.#lexer.read();
    for (; token.kind === 'Comment'; token = this.#lexer.read()) list.push({ value: token.value });
    this.#next = token;
    this.#comments = list.length === 0 ? undefined : { list };
    return token;
  }

  take(): Token {
    const token = this.peek();
    this.#next = undefined;
    this.#comments = undefined;
    return token;
  }

  /** The comments right before the next token. */
  comment(): CommentGroup | undefined {
    this.peek();
    return this.#comments;
  }

  get position(): number {
    return this.peek().position;
  }

  at(kind: string): boolean {
    return this.peek().kind === kind;
  }

  atName(value: string): boolean {
    const token = this.peek();
    return token.kind === 'Name' && token.value === value;
  }

  skip(kind: string): boolean {
    if (!this.at(kind)) return false;
    this.take();
    return true;
  }

  expect(kind: string): Token {
    const token = this.peek();
    if (token.kind === kind) return this.take();
    throw new GraphqlFault(`Expected ${kind}, found ${token.kind}`, token.position);
  }

  keyword(value: string): void {
    if (!this.atName(value)) {
      throw new GraphqlFault(`Expected "${value}", found ${tokenText(this.peek())}`, this.position);
    }
    this.take();
  }

  name(): string {
    return this.expect('Name').value;
  }

  unexpected(token = this.peek()): GraphqlFault {
    return new GraphqlFault(`Unexpected ${tokenText(token)}`, token.position);
  }

  /** Items in brackets, if there are brackets, any number of them. */
  many<Item>(open: string, close: string, item: () => Item): Item[] {
    const items: Item[] = [];
    if (!this.skip(open)) return items;
    this.nest(() => {
      while (!this.at(close)) items.push(item());
    });
    this.take();
    return items;
  }

  /** Items in brackets, if there are brackets, at least one. */
  some<Item>(open: string, close: string, item: () => Item): Item[] {
    return this.someWithComment(open, close, item).items;
  }

  /** As `some`, with the comments before the closing bracket. */
  someWithComment<Item>(open: string, close: string, item: () => Item): Ended<Item> {
    const items: Item[] = [];
    if (!this.skip(open)) return { items, comment: undefined };
    this.nest(() => {
      while (!this.at(close)) items.push(item());
    });
    if (items.length === 0) {
      throw new GraphqlFault(`expected at least one definition, found ${this.peek().kind}`, this.position);
    }
    const comment = this.comment();
    this.take();
    return { items, comment };
  }

  nest<Result>(inner: () => Result): Result {
    return this.#nesting.deeper(inner);
  }
}

export interface Ended<Item> {
  readonly items: Item[];
  readonly comment: CommentGroup | undefined;
}

function tokenText(token: Token): string {
  return token.value === '' ? token.kind : `${token.kind} ${JSON.stringify(token.value)}`;
}
