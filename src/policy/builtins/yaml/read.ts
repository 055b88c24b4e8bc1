import {
  type Alias,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  parseAllDocuments,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { numberOf } from '../../rego/number.js';
import { RegoObject, type RegoValue } from '../../rego/value.js';
import { BuiltinError, type Evaluation } from '../builtin.js';
import { formatFloat } from '../go-format/float.js';
import { type Scalar as Resolved, resolvePlain, resolveTagged } from './scalars.js';

/**
 * The first document of a text, as the value that it has in JSON; the others must be well-formed too.
 *
 * @throws BuiltinError where the text is no YAML, or nothing that JSON could say
 */
export function readYaml(evaluation: Evaluation, text: string): RegoValue {
  evaluation.spend(text.length);
  if (FORBIDDEN.test(text)) throw new BuiltinError('YAML has no such character');
  const lines = text.replace(/\r\n?|\x85/g, '\n');
  try {
    const contents = firstContents(lines);
    return new DocumentReader(evaluation, lines, contents).read(contents);
  } catch (error) {
    // The stack is full: nesting that deep is refused by OPA too.
    if (error instanceof RangeError && /call stack/.test(error.message)) {
      throw new BuiltinError('the YAML is nested too deeply');
    }
    throw error;
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/;

/** Where the library goes by YAML 1.2 and OPA's by 1.1, what only one of them takes is refused. */
function firstContents(text: string): unknown {
  const documents = parseAllDocuments(text, {
    schema: 'failsafe',
    merge: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  for (const { directives, errors, warnings } of documents) {
    const [problem] = [...errors, ...warnings.filter(({ code }) => code === 'BAD_DIRECTIVE')];
    if (problem !== undefined) throw new BuiltinError(`not YAML: ${problem.message}`);
    if (directives?.yaml.explicit === true && directives.yaml.version !== '1.1') {
      throw new BuiltinError('a YAML document says that it is of another version than 1.1');
    }
  }
  const [first] = documents;
  if (first === undefined && /^(?:%|\.\.\.)/m.test(text))
    throw new BuiltinError('not YAML: there is no document');
  const contents: unknown = first?.contents;
  if (isScalar(contents) && isUnindented(contents, text))
    throw new BuiltinError('a block scalar is not indented');
  return contents;
}

function isUnindented(node: Scalar, text: string): boolean {
  const source = text.slice(node.range?.[0] ?? 0, node.range?.[1] ?? 0);
  return isBlock(node) && /^[^\n]*\n(?: *\n)*[^ \n]/.test(source);
}

function isBlock(node: Scalar): boolean {
  return node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED';
}

/** A double-quoted scalar without a surrogate and without the escaped slash of JSON. */
const ESCAPES = /^(?:[^\\]|\\[^/u]|\\u(?![dD][89a-fA-F]))*$/;

/** A scalar's text. A block that ends with the input, without a line end, has none at its end either. */
function textOf(node: Scalar, text: string): string {
  const value = node.source ?? '';
  const [start, end] = node.range ?? [0, 0];
  if (node.type === 'QUOTE_DOUBLE' && !ESCAPES.test(text.slice(start, end))) {
    throw new BuiltinError('a YAML scalar has an escape that is not known');
  }
  const isCut = isBlock(node) && end >= text.length && !text.endsWith('\n');
  return isCut ? value.replace(/\n$/, '') : value;
}

/** Read nodes that OPA allows to come from aliases: almost all of a small document, a tenth of a large one. */
function aliasShare(count: number): number {
  const [small, large] = [400_000, 4_000_000];
  if (count <= small) return 0.99;
  return count >= large ? 0.1 : 0.99 - (0.89 * (count - small)) / (large - small);
}

class DocumentReader {
  readonly #evaluation: Evaluation;
  readonly #text: string;
  readonly #targets = new Map<Alias, unknown>();
  readonly #open = new Set<Alias>();
  #count = 0;
  #aliasCount = 0;

  constructor(evaluation: Evaluation, text: string, contents: unknown) {
    this.#evaluation = evaluation;
    this.#text = text;
    this.#findTargets(contents, new Map());
  }

  read(node: unknown): RegoValue {
    this.#account();
    if (isAlias(node)) return this.#throughAlias(node, (target) => this.read(target));
    if (isScalar(node)) return regoValue(resolve(node, textOf(node, this.#text)));
    if (isSeq(node)) return node.items.map((item) => this.read(item));
    // Of an ordered map, which OPA knows as a list only.
    if (isPair(node)) return RegoObject.of([[this.#keyOf(node.key), this.read(node.value)]]);
    if (isMap(node)) {
      const entries = new Map<string, RegoValue>();
      this.#readMap(node, entries);
      return RegoObject.of(entries);
    }
    return null;
  }

  /** An alias means the last anchor of its name before it. */
  #findTargets(node: unknown, anchors: Map<string, unknown>): void {
    if (isAlias(node)) {
      if (!anchors.has(node.source)) throw new BuiltinError(`unknown anchor '${node.source}' referenced`);
      this.#targets.set(node, anchors.get(node.source));
      return;
    }
    if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor !== undefined)
      anchors.set(node.anchor, node);
    if (isPair(node)) {
      this.#findTargets(node.key, anchors);
      this.#findTargets(node.value, anchors);
    } else if (isMap(node) || isSeq(node)) {
      for (const item of node.items) this.#findTargets(item, anchors);
    }
  }

  #throughAlias<Result>(alias: Alias, read: (target: unknown) => Result): Result {
    if (this.#open.has(alias)) throw new BuiltinError(`anchor '${alias.source}' value contains itself`);
    this.#open.add(alias);
    const result = read(this.#targets.get(alias));
    this.#open.delete(alias);
    return result;
  }

  #account(): void {
    this.#evaluation.spend(1);
    this.#count += 1;
    if (this.#open.size > 0) this.#aliasCount += 1;
    const isLarge = this.#aliasCount > 100 && this.#count > 1000;
    if (isLarge && this.#aliasCount / this.#count > aliasShare(this.#count)) {
      throw new BuiltinError('document contains excessive aliasing');
    }
  }

  /** Own keys win over merged ones, and of these the first; of one map's own keys the last one wins. */
  #readMap(map: YAMLMap, entries: Map<string, RegoValue>): void {
    const known = new Set(entries.keys());
    const merges: unknown[] = [];
    for (const { key, value } of map.items) {
      if (isMerge(key)) {
        merges.push(...(isSeq(value) ? value.items : [value]));
        continue;
      }
      const name = this.#keyOf(key);
      if (!known.has(name)) entries.set(name, this.read(value));
    }
    for (const merge of merges) this.#merge(merge, entries);
  }

  #merge(node: unknown, entries: Map<string, RegoValue>): void {
    this.#account();
    if (isMap(node)) this.#readMap(node, entries);
    else if (isAlias(node) && isMap(this.#targets.get(node))) {
      this.#throughAlias(node, (target) => isMap(target) && this.#readMap(target, entries));
    } else {
      throw new BuiltinError('map merge requires map or sequence of maps as the value');
    }
  }

  #keyOf(node: unknown): string {
    this.#account();
    if (isAlias(node)) return this.#throughAlias(node, (target) => this.#keyOf(target));
    const key = isScalar(node) ? resolve(node, textOf(node, this.#text)) : undefined;
    if (key?.kind === 'str') return key.value;
    if (key?.kind === 'int' || key?.kind === 'bool') return String(key.value);
    if (key?.kind === 'float') return floatKey(key.value);
    throw new BuiltinError('a YAML key is nothing that JSON could say');
  }
}

function isMerge(node: unknown): boolean {
  if (!isScalar(node) || node.source !== '<<') return false;
  return node.tag === undefined ? node.type === 'PLAIN' : node.tag === 'tag:yaml.org,2002:merge';
}

function resolve(node: Scalar, text: string): Resolved {
  if (node.tag !== undefined && node.tag !== '!') return resolveTagged(node.tag, text);
  if (node.type !== 'PLAIN' && node.type !== undefined) return { kind: 'str', value: text };
  const scalar = resolvePlain(text);
  // A time stays the text that it was.
  return scalar.kind === 'time' ? { kind: 'str', value: text } : scalar;
}

function regoValue(scalar: Resolved): RegoValue {
  switch (scalar.kind) {
    case 'null':
      return null;
    case 'int':
      return numberOf(String(scalar.value));
    case 'float':
      if (!Number.isFinite(scalar.value)) throw new BuiltinError('JSON has no such number');
      return numberOf(String(scalar.value));
    case 'bool':
    case 'str':
      return scalar.value;
    case 'time':
      throw new BuiltinError('a scalar with the tag !!timestamp is not read');
  }
}

/** With as many digits as a float of 32 bits has. */
function floatKey(value: number): string {
  const single = Math.fround(value);
  if (!Number.isFinite(single)) return Number.isNaN(single) ? '.nan' : single < 0 ? '-.inf' : '.inf';
  for (let digits = 1; digits < 9; digits += 1) {
    const short = Number(single.toPrecision(digits));
    if (Math.fround(short) === single) return formatFloat(short, 'g', -1);
  }
  return formatFloat(Number(single.toPrecision(9)), 'g', -1);
}
