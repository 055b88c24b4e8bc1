import { Buffer } from 'node:buffer';
import { numberOf, RegoDecimal } from '../../rego/number.js';
import { RegoObject, type RegoValue } from '../../rego/value.js';
import { BuiltinError } from '../builtin.js';
import type { Body, Comment, Expr, Head, Import, Module, Operand, Rule, Term, Terms } from './syntax.js';

const MAX_DEPTH = 1_000;
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * A module's tree as policies see it.
 *
 * @param file how the module is called
 * @throws BuiltinError where JSON cannot say what the module says
 */
export function encodeModule(module: Module, source: string, file: string): RegoValue {
  const encoder = new Encoder();
  return object({
    package: object({ path: encoder.terms(module.package) }),
    imports: optional(module.imports.map((each) => encoder.import(each))),
    rules: optional(module.rules.map((rule) => encoder.rule(rule))),
    comments: optional(encodeComments(module.comments, source, file)),
  });
}

type Members = Readonly<Record<string, RegoValue | undefined>>;

/** An object of those members that are there. */
function object(members: Members): RegoValue {
  const entries: [string, RegoValue][] = [];
  for (const [name, value] of Object.entries(members)) if (value !== undefined) entries.push([name, value]);
  return RegoObject.of(entries);
}

function optional(list: readonly RegoValue[]): RegoValue | undefined {
  return list.length === 0 ? undefined : list;
}

/** What is false is left out. */
function flag(value: boolean): true | undefined {
  return value ? true : undefined;
}

class Encoder {
  #depth = 0;

  import({ path, alias }: Import): RegoValue {
    return object({ path: this.term(path), alias });
  }

  rule({ head, body, isDefault, otherwise }: Rule): RegoValue {
    return this.#deeper(() =>
      object({
        head: this.#head(head),
        body: this.#body(body),
        default: flag(isDefault),
        else: otherwise === undefined ? undefined : this.rule(otherwise),
      }),
    );
  }

  terms(list: readonly Term[]): RegoValue[] {
    return list.map((term) => this.term(term));
  }

  term(term: Term): RegoValue {
    return this.#deeper(() => object({ type: term.type, value: this.#value(term) }));
  }

  #head({ name, ref, args, key, value, assign }: Head): RegoValue {
    return object({
      name: name === '' ? undefined : name,
      ref: this.terms(ref),
      args: optional(this.terms(args)),
      key: key === undefined ? undefined : this.term(key),
      value: value === undefined ? undefined : this.term(value),
      assign: flag(assign),
    });
  }

  #body(body: Body): RegoValue {
    return body.map((expr, index) => this.#expression(expr, index));
  }

  #expression(expr: Expr, index: number): RegoValue {
    const list = expr.with.map(({ target, value }) => {
      return object({ target: this.term(target), value: this.term(value) });
    });
    return object({
      index,
      terms: this.#deeper(() => this.#contents(expr.terms)),
      generated: flag(expr.generated),
      negated: flag(expr.negated),
      with: optional(list),
    });
  }

  #contents(terms: Terms): RegoValue {
    switch (terms.kind) {
      case 'term':
        return this.term(terms.term);
      case 'call':
        return this.terms(terms.terms);
      case 'some':
        return object({ symbols: this.terms(terms.symbols) });
      case 'every': {
        const { key, value, domain, body } = terms;
        return object({
          key: key === undefined ? null : this.term(key),
          value: this.term(value),
          domain: this.term(domain),
          body: this.#body(body),
        });
      }
      case 'not':
        return object({ type: 'not', body: this.#body(terms.body), explicit_body: terms.explicit });
      default:
        return this.#logical(terms.kind, terms.lhs, terms.rhs);
    }
  }

  #logical(type: string, lhs: Operand, rhs: Operand): RegoValue {
    return object({
      type,
      lhs: this.#body(lhs.body),
      rhs: this.#body(rhs.body),
      explicit_lhs: flag(lhs.explicit),
      explicit_rhs: flag(rhs.explicit),
    });
  }

  #value(term: Term): RegoValue {
    switch (term.type) {
      case 'null':
        return object({});
      case 'boolean':
      case 'var':
        return term.value;
      case 'string':
        return encodeString(term.value);
      case 'number':
        return encodeNumber(term.value);
      case 'object':
        return term.value.map((pair) => this.terms(pair));
      case 'arraycomprehension':
      case 'setcomprehension':
        return object({ term: this.term(term.term), body: this.#body(term.body) });
      case 'objectcomprehension':
        return object({
          key: this.term(term.key),
          value: this.term(term.value),
          body: this.#body(term.body),
        });
      case 'templatestring': {
        const parts = term.parts.map((part) =>
          'terms' in part ? this.#expression(part, 0) : this.term(part),
        );
        return object({ parts: parts.length === 0 ? null : parts, multi_line: term.multiLine });
      }
      default:
        return this.terms(term.value);
    }
  }

  #deeper<Result>(encode: () => Result): Result {
    if (this.#depth === MAX_DEPTH) throw new BuiltinError(`a module nests deeper than ${MAX_DEPTH}`);
    this.#depth += 1;
    const result = encode();
    this.#depth -= 1;
    return result;
  }
}

/** OPA reads the tree's JSON as Rego, which has no byte-order marks. */
function encodeString(text: string): string {
  if (text.includes('\uFEFF')) throw new BuiltinError('rego_parse_error: illegal byte-order mark');
  return text;
}

/** Rego has numbers, such as `.5`, that JSON has not. */
function encodeNumber(text: string): RegoValue {
  if (!JSON_NUMBER.test(text)) throw new BuiltinError(`json: invalid number literal ${JSON.stringify(text)}`);
  return text === '-0' ? new RegoDecimal(text) : numberOf(text);
}

function encodeComments(comments: readonly Comment[], source: string, file: string): RegoValue[] {
  let row = 1;
  let lineStart = 0;
  return comments.map(({ start, text }) => {
    for (
      let end = source.indexOf('\n', lineStart);
      end >= 0 && end < start;
      end = source.indexOf('\n', lineStart)
    ) {
      row += 1;
      lineStart = end + 1;
    }
    const col = [...source.slice(lineStart, start)].length + 1;
    const isLast = start + text.length === source.length;
    return object({
      Text: commentText(text, isLast),
      Location: object({ file: encodeString(file), row, col }),
    });
  });
}

/**
 * What stands after the `#`, in Base64. Of carriage returns at its end all are dropped but one that stands alone. Where
 * the module ends with it and its last character has several bytes, OPA drops all of these but one.
 */
function commentText(text: string, isLast: boolean): string | null {
  const bytes = Buffer.from(text.slice(1));
  const last = [...text].at(-1) ?? '';
  const cut = isLast ? Buffer.byteLength(last) - 1 : 0;
  let end = bytes.length - cut;
  if (end === 1 && bytes[0] === 0x0d) return null;
  while (end > 1 && bytes[end - 1] === 0x0d) end -= 1;
  return bytes.subarray(0, end).toString('base64');
}
