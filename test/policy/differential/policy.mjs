import { FUNCTIONS } from './functions.mjs';
import { FORMATS, GLOBS, JSON_PATHS, NUMBERS, PATTERNS, STRINGS, VALUES } from './literals.mjs';

/**
 * A piece of Rego as a tree: pieces of text, and smaller pieces of Rego. `@` in a text stands for the rule's number.
 *
 * @typedef {object} Piece
 * @property {string} type of what it is worth; `body` for a list of conditions, `rules` for rules
 * @property {readonly (string | Piece)[]} parts
 */

/** How often an operand is a value of any kind, so that its type may be wrong. */
const ANYTHING = 0.06;
const SCALARS = ['number', 'string', 'boolean'];
const KINDS = ['number', 'string', 'boolean', 'array', 'set', 'object'];

/**
 * @param {string} type
 * @param {...(string | Piece)} parts
 * @returns {Piece}
 */
export function piece(type, ...parts) {
  return { type, parts };
}

/**
 * @param {Piece} tree
 * @param {string} number of the rule
 * @returns {string}
 */
export function textOf({ parts }, number) {
  const texts = parts.map((part) => (typeof part === 'string' ? part : textOf(part, '@')));
  return texts.join('').replaceAll('@', number);
}

/**
 * A rule `r@` at random, with what it calls.
 *
 * @param {import('./draw.mjs').Draw} draw
 * @returns {Piece}
 */
export function randomRules(draw) {
  return new PolicyAtRandom(draw).rules();
}

class PolicyAtRandom {
  #draw;
  #locals = 0;
  /** @type {{ name: string, type: string }[]} what can be named here */
  #scope = [];

  /** @param {import('./draw.mjs').Draw} draw */
  constructor(draw) {
    this.#draw = draw;
  }

  /** @returns {Piece} */
  rules() {
    return this.#draw.one([
      () => piece('rules', 'r@ := ', this.#value('any', 4)),
      () => piece('rules', 'r@ := ', this.#value('any', 4)),
      () => this.#withBody((body) => piece('rules', 'r@ := ', this.#value('any', 3), ' if {\n', body, '}')),
      () => this.#elseRules(),
      () =>
        this.#withBody((body) => piece('rules', 'r@ contains ', this.#value('any', 2), ' if {\n', body, '}')),
      () => this.#partialObject(),
      () => this.#function(),
      () => this.#replaced(),
      () => this.#every(),
    ])();
  }

  #elseRules() {
    const branch = (head) =>
      this.#withBody((body) => piece('rules', head, this.#value('any', 2), ' if {\n', body, '}'));
    const fallback = this.#draw.happens(0.5) ? [' else := ', this.#value('any', 1)] : [];
    const preset = this.#draw.happens(0.3)
      ? ['default r@ := ', this.#literal(this.#draw.one(SCALARS)), '\n']
      : [];
    return piece('rules', ...preset, branch('r@ := '), branch(' else := '), ...fallback);
  }

  #partialObject() {
    const source = this.#value('object', 2);
    return this.#inside(() => {
      const [key, value] = [this.#local('any'), this.#local('any')];
      const body = this.#body(1);
      const answer = this.#value('any', 2);
      return piece(
        'rules',
        `r@[${key}] := `,
        answer,
        ` if {\nsome ${key}, ${value} in `,
        source,
        '\n',
        body,
        '}',
      );
    });
  }

  #function() {
    const calls = piece('any', 'f@(', this.#value('any', 2), ')');
    const [type, parameter] = ['any', this.#draw.one(['p', 'p', '"a"', '1', '[p, _]', '{"a": p}'])];
    const rule = this.#inside(() => {
      if (parameter.includes('p')) this.#scope.push({ name: 'p', type });
      return this.#withBody((body) =>
        piece(
          'rules',
          `f@(${parameter}) := `,
          this.#value('any', 2),
          ' if {\n',
          body,
          '} else := ',
          this.#literal('string'),
        ),
      );
    });
    return piece('rules', rule, '\nr@ := ', calls);
  }

  /** `with`, for a part of the input, all of it, or a function; WebAssembly has none for an element of an array. */
  #replaced() {
    const helper = piece('rules', 'h@ := ', this.#value('any', 3));
    const target = this.#draw.one([
      ...[
        'input.text',
        'input.number',
        'input.list',
        'input',
        'data.fuzz.q',
        'count',
        'input.object.a',
        'upper',
      ],
    ]);
    const by = target === 'count' || target === 'upper' ? 'type_name' : this.#value('any', 1);
    const query = this.#draw.one(['h@', '[h@, input.number]', 'count(h@)', 'upper("a")']);
    return piece('rules', helper, `\nr@ := x if x := ${query} with ${target} as `, by);
  }

  #every() {
    const source = this.#value(this.#draw.one(['array', 'set', 'object']), 2);
    return this.#inside(() => {
      const names = this.#draw.happens(0.5) ? [this.#local('any')] : [this.#local('any'), this.#local('any')];
      const condition = this.#value('boolean', 3);
      return piece('rules', `r@ if {\nevery ${names.join(', ')} in `, source, ' {\n', condition, '\n}\n}');
    });
  }

  /** @param {(body: Piece) => Piece} make gets what is named in the body into its scope */
  #withBody(make) {
    return this.#inside(() => make(this.#body(2)));
  }

  /**
   * @template T
   * @param {() => T} make
   * @returns {T}
   */
  #inside(make) {
    const before = [...this.#scope];
    const made = make();
    this.#scope = before;
    return made;
  }

  /** @param {string} type */
  #local(type) {
    this.#locals += 1;
    const name = `x${this.#locals}`;
    this.#scope.push({ name, type });
    return name;
  }

  /** @param {number} depth */
  #body(depth) {
    const count = 1 + this.#draw.below(3);
    return piece('body', ...Array.from({ length: count }, () => [this.#condition(depth), '\n']).flat());
  }

  /** @param {number} depth */
  #condition(depth) {
    const boolean = () => piece('condition', this.#value('boolean', depth));
    return this.#draw.one([
      boolean,
      () => piece('condition', 'not ', this.#value('boolean', depth)),
      () => {
        const type = this.#draw.one(KINDS);
        const value = this.#value(type, depth);
        return piece('condition', `${this.#local(type)} := `, value);
      },
      () => {
        const source = this.#value(this.#draw.one(['array', 'set', 'object']), depth);
        return piece('condition', `some ${this.#local('any')} in `, source);
      },
      () => {
        const source = this.#value(this.#draw.one(['array', 'object']), depth);
        return piece('condition', `some ${this.#local('any')}, ${this.#local('any')} in `, source);
      },
      () => {
        const source = this.#value('any', depth);
        const [a, b] = [this.#local('any'), this.#local('any')];
        return piece('condition', this.#draw.one([`[${a}, ${b}] = `, `{"a": ${a}, "b": ${b}} = `]), source);
      },
      () =>
        piece(
          'condition',
          `some ${this.#local('any')}; walk(`,
          this.#value('object', depth),
          `, [_, x${this.#locals}])`,
        ),
    ])();
  }

  /**
   * @param {string} type
   * @param {number} depth
   * @returns {Piece}
   */
  #value(type, depth) {
    if (this.#draw.happens(ANYTHING)) return piece(type, `input.values[${this.#draw.below(VALUES)}]`);
    const named = this.#scope.filter(
      (local) => local.type === type || local.type === 'any' || type === 'any',
    );
    if (named.length > 0 && this.#draw.happens(0.35)) return piece(type, this.#draw.one(named).name);
    if (type === 'any') return this.#value(this.#draw.one(KINDS), depth);
    if (depth <= 0) return this.#literal(type);
    const functions = FUNCTIONS.filter(
      ([result]) => result === type || (result === 'any' && KINDS.includes(type)),
    );
    if (functions.length > 0 && this.#draw.happens(0.45))
      return this.#call(this.#draw.one(functions), type, depth - 1);
    return this.#composed(type, depth - 1);
  }

  /** Calls a built-in function. */
  #call([, name, ...types], type, depth) {
    const operands = types.flatMap((operand) => [this.#value(operand, depth), ', ']).slice(0, -1);
    return piece(type, `${name}(`, ...operands, ')');
  }

  #composed(type, depth) {
    const value = (of) => this.#value(of, depth);
    const between = (operator, left, right) =>
      piece(type, '(', value(left), ` ${operator} `, value(right), ')');
    switch (type) {
      case 'number':
        return between(this.#draw.one(['+', '-', '*', '/', '%']), 'number', 'number');
      case 'string':
        return this.#draw.happens(0.3) ? piece(type, '$"<{', value('any'), '}>"') : this.#literal(type);
      case 'boolean':
        return this.#comparison(depth);
      case 'array':
        return this.#draw.happens(0.5)
          ? this.#list(type, '[', ']', 'any', depth)
          : this.#comprehension(type, depth);
      case 'set':
        return this.#draw.one([
          () => between(this.#draw.one(['|', '&', '-']), 'set', 'set'),
          () => this.#list(type, '{', '}', 'any', depth),
          () => this.#comprehension(type, depth),
        ])();
      case 'object':
        return this.#draw.happens(0.6) ? this.#objectLiteral(depth) : this.#comprehension(type, depth);
      case 'numbers':
        return this.#list(type, '[', ']', 'number', depth);
      case 'number_set':
        return this.#list(type, '{', '}', 'number', depth);
      case 'strings':
        return this.#list(type, '[', ']', 'string', depth);
      case 'string_set':
        return this.#list(type, '{', '}', 'string', depth);
      case 'sets':
        return this.#list(type, '{', '}', 'set', depth);
      case 'objects':
        // OPA's WebAssembly has no union of no objects.
        return piece(type, '[', value('object'), ', ', value('object'), ']');
      default:
        return this.#literal(type);
    }
  }

  #comparison(depth) {
    const type = this.#draw.one(KINDS);
    const other = this.#draw.happens(0.8) ? type : 'any';
    const operator = this.#draw.one(['==', '!=', '<', '<=', '>', '>=', 'in']);
    if (operator !== 'in') {
      return piece('boolean', '(', this.#value(type, depth), ` ${operator} `, this.#value(other, depth), ')');
    }
    const collection = this.#value(this.#draw.one(['array', 'set', 'object']), depth);
    return piece('boolean', '(', this.#value(type, depth), ' in ', collection, ')');
  }

  /** What comes of a set or an object is sorted: WebAssembly goes through those in another order. */
  #comprehension(type, depth) {
    const kind = this.#draw.one(['array', 'set', 'object']);
    const source = this.#value(kind, depth);
    const isArray = textOf(source, '').startsWith('[');
    return this.#inside(() => {
      const [key, value] = [this.#local('any'), this.#local('any')];
      const condition = this.#draw.happens(0.4) ? ['; ', this.#value('boolean', depth)] : [];
      const head = type === 'object' ? [`${key}: `, this.#value('any', depth)] : [this.#value('any', depth)];
      const inner = [...head, ` | some ${key}, ${value} in `, source, ...condition];
      if (type !== 'array') return piece(type, '{', ...inner, '}');
      return isArray ? piece(type, '[', ...inner, ']') : piece(type, 'sort([', ...inner, '])');
    });
  }

  #list(type, open, close, item, depth) {
    const items = this.#draw
      .some(3, () => [this.#value(item, depth), ', '])
      .flat()
      .slice(0, -1);
    if (items.length === 0 && open === '{') return piece(type, 'set()');
    return piece(type, open, ...items, close);
  }

  #objectLiteral(depth) {
    const keys = [
      ...new Set(
        this.#draw.some(3, () => this.#draw.one(['"a"', '"b"', '"ä"', '1', '[1]', 'null', '{2}', '1.5'])),
      ),
    ];
    const members = keys.flatMap((key) => [`${key}: `, this.#value('any', depth), ', ']).slice(0, -1);
    return piece('object', '{', ...members, '}');
  }

  /** @param {string} type */
  #literal(type) {
    const { one } = { one: (choices) => this.#draw.one(choices) };
    const text = {
      number: () => one(NUMBERS),
      small: () => one(['-1', '0', '1', '2', '3', '5', '12']),
      radix: () => one(['2', '8', '10', '16', '3']),
      string: () => one(STRINGS),
      boolean: () => one(['true', 'false']),
      pattern: () => one(PATTERNS),
      glob: () => one(GLOBS),
      format: () => one(FORMATS),
      delimiters: () => one(['[]', '["."]', '["/"]', 'null', '["a", "b"]']),
      template: () =>
        one(['"{{.a}}"', '"{{range .b}}<{{.}}>{{end}}"', '"plain"', '"{{if .a}}yes{{end}}"', '"{{"']),
      replacements: () => one(['{"a": "b", "b": "c"}', '{}', '{"aa": "x", "a": "y"}', '{"": "-"}']),
      marshal_options: () =>
        one(['{"pretty": true}', '{"indent": "  "}', '{"prefix": ">", "indent": " "}', '{}']),
      paths: () => `[${this.#draw.some(2, () => one(JSON_PATHS)).join(', ')}]`,
      graph: () => one(['{"a": ["b"], "b": ["a", "c"], "c": []}', '{}', '{"a": {"a"}, "b": ["d"]}']),
      patches: () =>
        `[${this.#draw
          .some(
            2,
            () =>
              `{"op": "${one(['add', 'remove', 'replace', 'test', 'copy', 'move'])}", "path": ${one(JSON_PATHS)}, "value": ${one(NUMBERS)}, "from": "a"}`,
          )
          .join(', ')}]`,
      array: () => one(['[]', '[1, "a"]', '[[1], {2}]', '["b", "a"]', 'input.list']),
      set: () => one(['set()', '{1, "a"}', '{1, 1.0, 2}', '{{1}, [1]}', '{"ä", "😀", "\\uffff"}']),
      object: () => one(['{}', '{"a": 1}', '{"a": {"b": [1, 2]}, "c": 3}', 'input.object', '{1: 2, "1": 3}']),
      numbers: () => one(['[]', '[1, 2, 3]', '[0.5, 9007199254740993]', '[9223372036854775807, 1]']),
      number_set: () => one(['set()', '{3, 1, 2}', '{0.5, 2}']),
      strings: () => one(['[]', '["a", "b"]', '["ä", "", "😀"]']),
      string_set: () => one(['set()', '{"b", "a", "ä"}', '{"abc"}']),
      sets: () => one(['set()', '{{1, 2}, {2, 3}}']),
      objects: () => one(['[{}]', '[{"a": {"b": 1}}, {"a": {"c": 2}}]']),
    }[type];
    return piece(type, text());
  }
}
