/** A token of GraphQL; punctuation is its own kind. */
export interface Token {
  readonly kind: string;
  /** What a name, number, string or comment says; of a string, what it means. */
  readonly value: string;
  readonly position: number;
}

const IGNORED = /[\t ,\n\r\uFEFF]*/y;
const NAME = /[_A-Za-z][_0-9A-Za-z]*/y;
const COMMENT = /#[\t -\uFFFF]*/y;
const NUMBER = /-?(?:0(?!\d)|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const HALF_NUMBER = /[.eE]/y;
/** Without quotes, backslashes, ends of lines and other control characters. */
const PLAIN = /[\t !#-[\]-\uFFFF]*/y;
const BLOCK = /^[\t\n\r -\uFFFF]*$/;
const PUNCTUATION = '!$&():=@[]{}|';
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '/': '/',
  '\\': '\\',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/**
 * Cuts a GraphQL text into tokens. What is none is a token of the kind `<Invalid>`, which no rule of the grammar takes.
 *
 * Source: https://spec.graphql.org/October2021/#sec-Language.Source-Text, as gqlparser reads it
 */
export class Lexer {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Token {
    this.#take(IGNORED);
    const position = this.#at;
    const character = this.#text[position];
    if (character === undefined) return { kind: '<EOF>', value: '', position };
    if (PUNCTUATION.includes(character)) {
      this.#at += 1;
      return { kind: character, value: '', position };
    }
    if (this.#text.startsWith('...', position)) {
      this.#at += 3;
      return { kind: '...', value: '', position };
    }
    if (character === '#') return { kind: 'Comment', value: this.#take(COMMENT), position };
    if (character === '"')
      return this.#text.startsWith('"""', position) ? this.#blockString() : this.#string();
    const name = this.#take(NAME);
    return name === '' ? this.#number() : { kind: 'Name', value: name, position };
  }

  #number(): Token {
    const position = this.#at;
    NUMBER.lastIndex = position;
    const match = NUMBER.exec(this.#text);
    if (match === null) return this.#invalid(position);
    this.#at += match[0].length;
    if (match[2] === undefined) {
      // A point or an exponent that no digit follows; after an exponent, a point begins something else.
      HALF_NUMBER.lastIndex = this.#at;
      const half = HALF_NUMBER.exec(this.#text)?.[0];
      if (half !== undefined && !(half === '.' && match[1] !== undefined)) return this.#invalid(this.#at);
    }
    const kind = match[1] === undefined && match[2] === undefined ? 'Int' : 'Float';
    return { kind, value: match[0], position };
  }

  #string(): Token {
    this.#at += 1;
    const position = this.#at;
    let value = '';
    for (;;) {
      value += this.#take(PLAIN);
      const character = this.#text[this.#at];
      if (character === '"') {
        this.#at += 1;
        return { kind: 'String', value, position };
      }
      const meant = character === '\\' ? this.#escape() : undefined;
      if (meant === undefined) return this.#invalid(this.#at);
      value += meant;
    }
  }

  /** One half of a surrogate pair means nothing by itself, and halves are not joined. */
  #escape(): string | undefined {
    const letter = this.#text[this.#at + 1] ?? '';
    if (letter !== 'u') {
      this.#at += 2;
      return Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
    }
    const digits = this.#text.slice(this.#at + 2, this.#at + 6);
    this.#at += 6;
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) return undefined;
    const unit = Number.parseInt(digits, 16);
    return unit >= 0xd800 && unit <= 0xdfff ? '\uFFFD' : String.fromCharCode(unit);
  }

  /** Of four quotes or more the last three close the string. */
  #blockString(): Token {
    const position = this.#at + 3;
    const parts: string[] = [];
    let from = position;
    for (let at = position; at < this.#text.length; at += 1) {
      if (this.#text.startsWith('\\"""', at)) {
        parts.push(this.#text.slice(from, at));
        from = at + 1;
        at += 3;
      } else if (this.#text.startsWith('"""', at)) {
        let end = at + 3;
        while (this.#text[end] === '"') end += 1;
        parts.push(this.#text.slice(from, end - 3));
        this.#at = end;
        const raw = parts.join('');
        if (!BLOCK.test(raw)) return this.#invalid(position);
        return { kind: 'BlockString', value: blockStringValue(raw), position };
      }
    }
    return this.#invalid(this.#text.length);
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const taken = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += taken.length;
    return taken;
  }

  #invalid(position: number): Token {
    return { kind: '<Invalid>', value: '', position };
  }
}

/** Takes away the indentation that all lines share (the first line's too), and blank lines around the text. */
function blockStringValue(raw: string): string {
  const lines = raw.split(/\r\n|\n|\r/);
  const indents = lines.map((line) => line.search(/[^ \t]/)).filter((indent) => indent >= 0);
  if (indents.length === 0) return '';
  const common = indents.reduce((least, indent) => Math.min(least, indent));
  const cut = lines.map((line, index) => (index === 0 ? line : line.slice(common)));
  const isText = (line: string) => /[^ \t]/.test(line);
  return cut.slice(cut.findIndex(isText), cut.findLastIndex(isText) + 1).join('\n');
}
