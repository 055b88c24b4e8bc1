import { BuiltinError } from '../builtin.js';
import { isFunction } from './functions.js';
import { lex, type Token, type TokenKind } from './lexer.js';
import { numberLiteral, stringLiteral } from './literals.js';
import { type Body, type Command, isBlank, type Operand, type Pipeline, type Statement } from './nodes.js';
import { NONE } from './values.js';
import { Variables } from './variables.js';

/** What the template itself is called: a `define` of that name stands for it where it has only white space. */
export const MAIN = 'template';

/**
 * Reads a template and those that it defines.
 *
 * @returns the bodies by name, that of the whole under {@link MAIN}
 * @throws BuiltinError where Go's parser fails, or where it nests deeper than {@link DEEPEST}
 * Source: https://pkg.go.dev/text/template#hdr-Actions
 */
export function parseTemplate(text: string): ReadonlyMap<string, Body> {
  const templates = new Map<string, Body>();
  const reader = { tokens: lex(text), at: 0, depth: 0 };
  define(templates, MAIN, new Parser(reader, templates).main());
  return templates;
}

/** Go would read 10,000 parentheses, and any number of actions, within each other. */
const DEEPEST = 500;

const LITERALS: ReadonlySet<TokenKind> = new Set(['boolean', 'character', 'complex', 'number', 'string']);
const OPERANDS: ReadonlySet<TokenKind> = new Set([
  ...LITERALS,
  '.',
  'field',
  'identifier',
  'nil',
  'variable',
  '(',
]);

function define(templates: Map<string, Body>, name: string, body: Body): void {
  const known = templates.get(name);
  if (known === undefined || isBlank(known)) templates.set(name, body);
  else if (!isBlank(body)) throw new BuiltinError(`multiple definition of template ${JSON.stringify(name)}`);
}

/** Where the parsers of a template and of those defined within it have come to. */
interface Reader {
  readonly tokens: readonly Token[];
  at: number;
  depth: number;
}

/** What ended a body; `else` is followed by the rest of its action. */
type Ending = 'end' | 'else';

/** Parses one template; those within it have variables and loops of their own. */
class Parser {
  readonly #reader: Reader;
  readonly #templates: Map<string, Body>;
  /** Those known so far; one that is out of scope is forgotten at the end of its action. */
  readonly #variables = new Variables(NONE);
  #loops = 0;

  constructor(reader: Reader, templates: Map<string, Body>) {
    this.#reader = reader;
    this.#templates = templates;
  }

  /** Reads all to the end. */
  main(): Body {
    const body: Statement[] = [];
    while (this.#peek().kind !== 'end') {
      const start = this.#reader.at;
      if (this.#next().kind === '{{' && this.#skip('keyword', 'define')) {
        this.#definition();
        continue;
      }
      this.#reader.at = start;
      const statement = this.#statement();
      if (typeof statement === 'string') throw this.#unexpected();
      body.push(statement);
    }
    return body;
  }

  #definition(): void {
    const name = stringLiteral(this.#expect('string').text);
    this.#expect('}}');
    this.#defineNested(name);
  }

  #defineNested(name: string): void {
    const nested = new Parser(this.#reader, this.#templates);
    const { body, ending } = nested.#body();
    if (ending !== 'end') throw this.#unexpected();
    define(this.#templates, name, body);
  }

  #body(): { body: Body; ending: Ending } {
    const body: Statement[] = [];
    for (;;) {
      const statement = this.#statement();
      if (typeof statement === 'string') return { body, ending: statement };
      body.push(statement);
    }
  }

  #statement(): Statement | Ending {
    const token = this.#nextSolid();
    if (token.kind === 'text') return { kind: 'text', text: token.text };
    if (token.kind !== '{{') throw this.#unexpected();
    const start = this.#reader.at;
    const first = this.#nextSolid();
    if (first.kind === 'keyword') return this.#deeper(() => this.#control(first.text));
    this.#reader.at = start;
    return { kind: 'action', pipeline: this.#pipeline('}}') };
  }

  #control(keyword: string): Statement | Ending {
    switch (keyword) {
      case 'if':
      case 'with':
      case 'range':
        return this.#branch(keyword);
      case 'break':
      case 'continue':
        this.#expect('}}');
        if (this.#loops === 0) throw new BuiltinError(`{{${keyword}}} outside {{range}}`);
        return { kind: keyword };
      case 'end':
        this.#expect('}}');
        return 'end';
      case 'else':
        // Only behind an `if` may an `if` follow, behind a `with` a `with`.
        if (!this.#isAhead('keyword', 'if') && !this.#isAhead('keyword', 'with')) this.#expect('}}');
        return 'else';
      case 'template':
        return this.#invocation();
      case 'block':
        return this.#block();
      default:
        throw this.#unexpected();
    }
  }

  #branch(kind: 'if' | 'with' | 'range'): Statement {
    const known = this.#variables.count;
    const pipeline = this.#pipeline('}}', kind === 'range');
    if (kind === 'range') this.#loops += 1;
    const { body, ending } = this.#body();
    if (kind === 'range') this.#loops -= 1;
    const otherwise = ending === 'else' ? this.#otherwise(kind) : [];
    this.#variables.forget(known);
    return { kind, pipeline, body, otherwise };
  }

  #otherwise(kind: 'if' | 'with' | 'range'): Body {
    if (kind !== 'range' && this.#skip('keyword', kind)) return [this.#deeper(() => this.#branch(kind))];
    const { body, ending } = this.#body();
    if (ending !== 'end') throw new BuiltinError('expected end; found {{else}}');
    return body;
  }

  #invocation(): Statement {
    const name = stringLiteral(this.#expect('string').text);
    const pipeline = this.#skip('}}') ? undefined : this.#pipeline('}}');
    return { kind: 'template', name, pipeline };
  }

  #block(): Statement {
    const name = stringLiteral(this.#expect('string').text);
    const pipeline = this.#pipeline('}}');
    this.#defineNested(name);
    return { kind: 'template', name, pipeline };
  }

  #pipeline(end: '}}' | ')', isRange = false): Pipeline {
    const declared = this.#declarations(isRange);
    const commands: Command[] = [];
    while (!this.#skip(end)) {
      if (!OPERANDS.has(this.#peekSolid().kind)) throw this.#unexpected();
      commands.push(this.#command());
    }
    if (commands.length === 0) throw new BuiltinError('missing value');
    const isExecutable = ({ first: { kind } }: Command) =>
      kind !== 'constant' && kind !== 'dot' && kind !== 'nil';
    if (!commands.slice(1).every(isExecutable)) throw new BuiltinError('non executable command in pipeline');
    return { kind: 'pipeline', ...declared, commands };
  }

  /** `$a :=` or `$a =`, of which a range may have two: `$a, $b :=`. */
  #declarations(isRange: boolean): Pick<Pipeline, 'variables' | 'isAssignment'> {
    const variables: string[] = [];
    for (;;) {
      const start = this.#reader.at;
      const name = this.#isAhead('variable') ? this.#nextSolid().text : undefined;
      const sign = name === undefined ? undefined : this.#peekSolid().kind;
      if (name === undefined || (sign !== '=' && sign !== ':=' && sign !== ',')) {
        this.#reader.at = start;
        return { variables, isAssignment: false };
      }
      this.#nextSolid();
      variables.push(name);
      this.#variables.declare(name, NONE);
      if (sign !== ',') return { variables, isAssignment: sign === '=' };
      if (!isRange || variables.length > 1) throw new BuiltinError('too many declarations');
      if (!this.#isAhead('variable')) throw new BuiltinError('range can only initialize variables');
    }
  }

  /** Operands between spaces, up to and with a `|`, or up to what ends the pipeline. */
  #command(): Command {
    const operands: Operand[] = [];
    for (;;) {
      const operand = this.#operand();
      if (operand !== undefined) operands.push(operand);
      const { kind } = this.#peek();
      if (kind !== 'space') {
        if (kind === '|') this.#next();
        else if (kind !== '}}' && kind !== ')') throw this.#unexpected();
        break;
      }
    }
    const [first, ...rest] = operands;
    if (first === undefined) throw new BuiltinError('empty command');
    return { first, rest };
  }

  #operand(): Operand | undefined {
    const term = this.#term();
    if (term === undefined || this.#peek().kind !== 'field') return term;
    const names: string[] = [];
    while (this.#peek().kind === 'field') names.push(this.#next().text.slice(1));
    switch (term.kind) {
      case 'field':
      case 'variable':
        return { ...term, names: [...term.names, ...names] };
      case 'constant':
      case 'nil':
      case 'dot':
        throw new BuiltinError('unexpected . after a term that has no fields');
      default:
        return { kind: 'chain', operand: term, names };
    }
  }

  #term(): Operand | undefined {
    if (!OPERANDS.has(this.#peekSolid().kind)) return undefined;
    const { kind, text } = this.#nextSolid();
    switch (kind) {
      case 'identifier':
        if (!isFunction(text)) throw new BuiltinError(`function ${JSON.stringify(text)} not defined`);
        return { kind: 'function', name: text };
      case 'variable':
        this.#variables.get(text);
        return { kind: 'variable', name: text, names: [] };
      case 'field':
        return { kind: 'field', names: [text.slice(1)] };
      case 'boolean':
        return { kind: 'constant', value: { type: 'bool', value: text === 'true' } };
      case 'character':
      case 'complex':
      case 'number':
        return { kind: 'constant', value: numberLiteral(text, kind) };
      case 'string':
        return { kind: 'constant', value: { type: 'string', value: stringLiteral(text) } };
      case '(':
        return this.#deeper(() => this.#pipeline(')'));
      case 'nil':
        return { kind: 'nil' };
      default:
        return { kind: 'dot' };
    }
  }

  #deeper<Result>(inner: () => Result): Result {
    if (this.#reader.depth === DEEPEST) throw new BuiltinError(`a template nests deeper than ${DEEPEST}`);
    this.#reader.depth += 1;
    const result = inner();
    this.#reader.depth -= 1;
    return result;
  }

  #peek(): Token {
    return this.#reader.tokens[this.#reader.at] ?? { kind: 'end', text: '' };
  }

  #next(): Token {
    const token = this.#peek();
    this.#reader.at += 1;
    return token;
  }

  /** The next token that isn't space. */
  #peekSolid(): Token {
    while (this.#peek().kind === 'space') this.#reader.at += 1;
    return this.#peek();
  }

  #nextSolid(): Token {
    this.#peekSolid();
    return this.#next();
  }

  #isAhead(kind: TokenKind, text?: string): boolean {
    const token = this.#peekSolid();
    return token.kind === kind && (text === undefined || token.text === text);
  }

  #skip(kind: TokenKind, text?: string): boolean {
    if (!this.#isAhead(kind, text)) return false;
    this.#reader.at += 1;
    return true;
  }

  #expect(kind: TokenKind): Token {
    if (!this.#isAhead(kind)) throw this.#unexpected();
    return this.#next();
  }

  #unexpected(): BuiltinError {
    return new BuiltinError(`unexpected ${JSON.stringify(this.#peek().text)} in a template`);
  }
}
