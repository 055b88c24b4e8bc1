/** A number as it was written. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A JSON value in which nothing of the text's meaning was lost: numbers as written, members in a map. */
export type StrictJson =
  | null
  | boolean
  | string
  | JsonNumber
  | readonly StrictJson[]
  | ReadonlyMap<string, StrictJson>;

const MAX_DEPTH = 200;
const WHITESPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const LONE_SURROGATE = /\p{Surrogate}/u;
const LITERALS = [
  ['true', true],
  ['false', false],
  ['null', null],
] as const;

/**
 * Reads exactly one JSON text (RFC 8259) and refuses whatever two readers could read differently: a byte-order
 * mark, bad UTF-8, a member named twice, a lone surrogate, a number beyond a double's range, nesting over 200.
 *
 * @throws SyntaxError that says what is wrong and at which character
 */
export function readStrictJson(bytes: Buffer): StrictJson {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (thrown) {
    throw new SyntaxError('it is not UTF-8', { cause: thrown });
  }
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): StrictJson {
    if (depth > MAX_DEPTH) throw this.#wrong(`it is nested deeper than ${MAX_DEPTH}`);
    this.#skipWhitespace();
    const first = this.#text[this.#at];
    if (first === '{') return this.#object(depth);
    if (first === '[') return this.#array(depth);
    if (first === '"') return this.#string();
    for (const [literal, value] of LITERALS) {
      if (!this.#text.startsWith(literal, this.#at)) continue;
      this.#at += literal.length;
      return value;
    }
    return this.#number();
  }

  end(): void {
    this.#skipWhitespace();
    if (this.#at < this.#text.length) throw this.#wrong('there is more than one JSON text');
  }

  #object(depth: number): StrictJson {
    const members = new Map<string, StrictJson>();
    this.#at += 1;
    if (this.#accept('}')) return members;
    do {
      this.#skipWhitespace();
      if (this.#text[this.#at] !== '"') throw this.#wrong("a member's name is expected");
      const name = this.#string();
      if (members.has(name)) throw this.#wrong(`the member ${JSON.stringify(name)} stands twice`);
      if (!this.#accept(':')) throw this.#wrong('":" is expected');
      members.set(name, this.value(depth + 1));
    } while (this.#accept(','));
    if (!this.#accept('}')) throw this.#wrong('"," or "}" is expected');
    return members;
  }

  #array(depth: number): StrictJson {
    const elements: StrictJson[] = [];
    this.#at += 1;
    if (this.#accept(']')) return elements;
    do {
      elements.push(this.value(depth + 1));
    } while (this.#accept(','));
    if (!this.#accept(']')) throw this.#wrong('"," or "]" is expected');
    return elements;
  }

  #string(): string {
    const start = this.#at;
    let end = start + 1;
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === '\\' ? 2 : 1;
    let value: unknown;
    try {
      value = JSON.parse(this.#text.slice(start, end + 1));
    } catch (thrown) {
      throw this.#wrong('a string is malformed', thrown);
    }
    if (typeof value !== 'string' || LONE_SURROGATE.test(value)) {
      throw this.#wrong('a string holds half of a surrogate pair');
    }
    this.#at = end + 1;
    return value;
  }

  #number(): JsonNumber {
    NUMBER.lastIndex = this.#at;
    const text = NUMBER.exec(this.#text)?.[0];
    if (text === undefined) throw this.#wrong('a value is expected');
    if (!Number.isFinite(Number(text))) throw this.#wrong(`the number ${text.slice(0, 40)} is out of range`);
    this.#at += text.length;
    return new JsonNumber(text);
  }

  #accept(character: string): boolean {
    this.#skipWhitespace();
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #skipWhitespace(): void {
    WHITESPACE.lastIndex = this.#at;
    WHITESPACE.exec(this.#text);
    this.#at = WHITESPACE.lastIndex;
  }

  #wrong(what: string, cause?: unknown): SyntaxError {
    return new SyntaxError(`${what} at character ${this.#at}`, { cause });
  }
}
