import { numberOf, numberText } from './number.js';
import { isArray, isNumber, RegoObject, RegoSet, type RegoValue } from './value.js';

/**
 * Reads a value as OPA's `opa_value_dump` writes it: JSON, but keys may be of any kind, `{1,2}` is a set and `set()`
 * the empty one. Nesting is bounded by OPA's own reader, which made the value.
 *
 * @throws SyntaxError where the text is none of OPA's
 * Source: https://www.openpolicyagent.org/docs/wasm#exports
 */
export function parseValue(text: string): RegoValue {
  const reader = new ValueReader(text);
  const value = reader.value();
  reader.end();
  return value;
}

/** Writes a value for OPA's `opa_value_parse`. */
export function formatValue(value: RegoValue): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (isNumber(value)) return numberText(value);
  if (value instanceof RegoObject) {
    return `{${value.entries.map(([key, item]) => `${formatValue(key)}:${formatValue(item)}`).join(',')}}`;
  }
  if (value instanceof RegoSet) {
    return value.size === 0 ? 'set()' : `{${value.elements.map(formatValue).join(',')}}`;
  }
  return isArray(value) ? `[${value.map(formatValue).join(',')}]` : 'null';
}

const PLAIN = /[^"\\]*/y;
const NUMBER = /-?\d*(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\r\n]*/y;

class ValueReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): RegoValue {
    this.#match(SPACE);
    switch (this.#text[this.#at]) {
      case '"':
        return this.#string();
      case '[':
        this.#at += 1;
        return this.#list(']');
      case '{':
        this.#at += 1;
        return this.#braces();
      case 's':
        return this.#word('set()', RegoSet.of([]));
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      default:
        return numberOf(this.#match(NUMBER));
    }
  }

  end(): void {
    this.#match(SPACE);
    if (this.#at !== this.#text.length) throw this.#unexpected();
  }

  #list(close: string): RegoValue[] {
    const values: RegoValue[] = [];
    if (this.#skip(close)) return values;
    do values.push(this.value());
    while (this.#skip(','));
    this.#expect(close);
    return values;
  }

  /** After the first value it is known whether it is a key or an element. */
  #braces(): RegoObject | RegoSet {
    if (this.#skip('}')) return RegoObject.of([]);
    const first = this.value();
    if (!this.#skip(':')) {
      return RegoSet.of(this.#skip(',') ? [first, ...this.#list('}')] : this.#closed([first]));
    }
    const entries: [RegoValue, RegoValue][] = [[first, this.value()]];
    while (this.#skip(',')) {
      const key = this.value();
      this.#expect(':');
      entries.push([key, this.value()]);
    }
    return RegoObject.of(this.#closed(entries));
  }

  #closed<Item>(items: Item[]): Item[] {
    this.#expect('}');
    return items;
  }

  #string(): string {
    const start = this.#at;
    this.#at += 1;
    this.#match(PLAIN);
    if (this.#text[this.#at] === '"') {
      this.#at += 1;
      return this.#text.slice(start + 1, this.#at - 1);
    }
    while (this.#text[this.#at] === '\\') {
      this.#at += 2;
      this.#match(PLAIN);
    }
    this.#expect('"');
    return JSON.parse(this.#text.slice(start, this.#at)) as string;
  }

  #word<Value>(word: string, value: Value): Value {
    if (!this.#text.startsWith(word, this.#at)) throw this.#unexpected();
    this.#at += word.length;
    return value;
  }

  #skip(character: string): boolean {
    this.#match(SPACE);
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #expect(character: string): void {
    if (!this.#skip(character)) throw this.#unexpected();
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const matched = pattern.exec(this.#text)?.[0];
    if (matched === undefined) throw this.#unexpected();
    this.#at += matched.length;
    return matched;
  }

  #unexpected(): SyntaxError {
    return new SyntaxError(`a Rego value is not as expected at its character ${this.#at}`);
  }
}
