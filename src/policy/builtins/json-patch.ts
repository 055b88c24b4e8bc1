import { numberText } from '../rego/number.js';
import { compareValues, equalValues, isNumber, RegoObject, RegoSet, type RegoValue } from '../rego/value.js';
import { arrayOperand, BuiltinError, type BuiltinTable, type Evaluation, typeName } from './builtin.js';
import { int64Of } from './numbers.js';

/**
 * Source: RFC 6902, and https://www.openpolicyagent.org/docs/policy-reference/builtins/object#builtin-object-jsonpatch
 * for paths as arrays and for sets, whose elements are their own keys
 */
export const JSON_PATCH = {
  'json.patch': (evaluation, target, operations) => {
    const document = new Patched(evaluation, target ?? null);
    for (const operation of arrayOperand(operations, 2)) document.apply(operation);
    return document.render();
  },
} satisfies BuiltinTable;

type Path = readonly RegoValue[];

/** How deep patches reach, and what they copy goes, at most: deeper values would exhaust the stack. */
const DEEPEST = 1_000;

/** A part of the document: as it was, or taken apart since something in it changed. */
type Part = RegoValue | Node;
type Node = ListNode | MembersNode;

/** A document while it is patched. Nothing is taken apart but what lies on the operations' paths. */
class Patched {
  readonly #evaluation: Evaluation;
  #root: Part | undefined;

  constructor(evaluation: Evaluation, document: RegoValue) {
    this.#evaluation = evaluation;
    this.#root = document;
  }

  /** @throws BuiltinError where it is no operation, or cannot be carried out */
  apply(operation: RegoValue): void {
    if (!(operation instanceof RegoObject)) throw new BuiltinError('an operation must be an object');
    const path = pathOf(member(operation, 'path'));
    const name = member(operation, 'op');
    switch (name) {
      case 'add':
        this.#insert(path, member(operation, 'value'));
        return;
      case 'remove':
        this.#remove(path);
        return;
      case 'replace':
        this.#remove(path);
        this.#insert(path, member(operation, 'value'));
        return;
      case 'move': {
        const from = pathOf(member(operation, 'from'));
        const moved = this.#read(from);
        this.#remove(from);
        this.#insert(path, moved);
        return;
      }
      case 'copy': {
        const copied = this.#read(pathOf(member(operation, 'from')));
        // What is copied into itself, time and again, grows exponentially.
        payFor(this.#evaluation, copied);
        this.#insert(path, copied);
        return;
      }
      case 'test':
        if (equalValues(this.#read(path), member(operation, 'value'))) return;
        throw new BuiltinError('what stands at the path is not as the test says');
      default:
        throw new BuiltinError(
          `unrecognized op: ${typeof name === 'string' ? JSON.stringify(name) : typeName(name)}`,
        );
    }
  }

  render(): RegoValue {
    if (this.#root === undefined) throw new BuiltinError('the document was removed');
    return rendered(this.#evaluation, this.#root);
  }

  #read(path: Path): RegoValue {
    const key = path.at(-1);
    if (key === undefined) return this.render();
    return rendered(this.#evaluation, this.#node(path.slice(0, -1)).get(key));
  }

  #insert(path: Path, value: RegoValue): void {
    const key = path.at(-1);
    if (key === undefined) this.#root = value;
    else this.#node(path.slice(0, -1)).insert(key, value);
  }

  #remove(path: Path): void {
    const key = path.at(-1);
    if (key !== undefined) this.#node(path.slice(0, -1)).remove(key);
    else if (this.#root === undefined) throw new BuiltinError('the document was removed already');
    else this.#root = undefined;
  }

  #node(path: Path): Node {
    if (path.length > DEEPEST) throw new BuiltinError('the path is too deep');
    let node = this.#takenApart(this.#root);
    this.#root = node;
    for (const key of path) {
      const child = this.#takenApart(node.get(key));
      node.set(key, child);
      node = child;
    }
    return node;
  }

  #takenApart(part: Part | undefined): Node {
    if (part instanceof ListNode || (part instanceof MembersNode && !part.isSet)) {
      this.#evaluation.spend(Math.ceil(part.size / 16));
      return part;
    }
    // What was changed inside of a set's element is the element's key from then on.
    if (part instanceof MembersNode) return this.#takenApart(rendered(this.#evaluation, part));
    if (part instanceof RegoObject || part instanceof RegoSet || listOf(part)) {
      const node = listOf(part) ? new ListNode(part) : new MembersNode(part);
      this.#evaluation.spend(node.size);
      return node;
    }
    throw new BuiltinError(`nothing stands in what is ${typeName(part)}`);
  }
}

/** An array that is patched. */
class ListNode {
  readonly #original: readonly RegoValue[];
  readonly #items: { part: Part; readonly isOriginal: boolean }[];

  constructor(original: readonly RegoValue[]) {
    this.#original = original;
    this.#items = original.map((part) => ({ part, isOriginal: true }));
  }

  get size(): number {
    return this.#items.length;
  }

  /** OPA counts elements that were not touched yet as the array had them at first, whatever was inserted or removed. */
  get(key: RegoValue): Part {
    const index = this.#index(key);
    const item = this.#items[index];
    if (item !== undefined && !item.isOriginal) return item.part;
    const part = this.#original[index];
    if (item === undefined || part === undefined) throw new BuiltinError('no element has this index');
    this.#items[index] = { part, isOriginal: false };
    return part;
  }

  set(key: RegoValue, part: Part): void {
    this.#items[this.#index(key)] = { part, isOriginal: false };
  }

  insert(key: RegoValue, value: RegoValue): void {
    const index = this.#index(key);
    if (index > this.#items.length) throw new BuiltinError('index for array insertion out of bounds');
    this.#items.splice(index, 0, { part: value, isOriginal: false });
  }

  remove(key: RegoValue): void {
    const index = this.#index(key);
    if (index >= this.#items.length) throw new BuiltinError('index for array delete out of bounds');
    this.#items.splice(index, 1);
  }

  render(evaluation: Evaluation): RegoValue {
    return this.#items.map(({ part }) => rendered(evaluation, part));
  }

  #index(key: RegoValue): number {
    if (key === '-') return this.#items.length;
    const index = indexOf(key);
    if (index === undefined || index < 0n) throw new BuiltinError('invalid index of an array');
    return Number(index);
  }
}

/** An object or a set that is patched: the elements of a set are its keys, and what stands there too. */
class MembersNode {
  readonly isSet: boolean;
  readonly #entries: (readonly [key: RegoValue, part: Part])[];

  constructor(original: RegoObject | RegoSet) {
    this.isSet = original instanceof RegoSet;
    this.#entries =
      original instanceof RegoSet
        ? original.elements.map((element) => [element, element])
        : [...original.entries];
  }

  get size(): number {
    return this.#entries.length;
  }

  get(key: RegoValue): Part {
    const [at, found] = this.#place(key);
    const entry = this.#entries[at];
    if (!found || entry === undefined) throw new BuiltinError('the path does not exist');
    return entry[1];
  }

  set(key: RegoValue, part: Part): void {
    const [at, found] = this.#place(key);
    this.#entries.splice(at, found ? 1 : 0, [key, part]);
  }

  insert(key: RegoValue, value: RegoValue): void {
    if (this.isSet && !equalValues(key, value)) throw new BuiltinError('a set has nothing but its own keys');
    this.set(key, value);
  }

  remove(key: RegoValue): void {
    const [at, found] = this.#place(key);
    if (!found) throw new BuiltinError('cannot delete what does not exist');
    this.#entries.splice(at, 1);
  }

  render(evaluation: Evaluation): RegoValue {
    const entries = this.#entries.map(([key, part]) => [key, rendered(evaluation, part)] as const);
    return this.isSet ? RegoSet.of(entries.map(([, value]) => value)) : RegoObject.of(entries);
  }

  /** By bisection: where a key is, or would have to be inserted. */
  #place(key: RegoValue): [at: number, found: boolean] {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = compareValues(this.#entries[middle]?.[0] ?? null, key);
      if (order === 0) return [middle, true];
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return [low, false];
  }
}

function rendered(evaluation: Evaluation, part: Part): RegoValue {
  if (!(part instanceof ListNode || part instanceof MembersNode)) return part;
  evaluation.spend(part.size);
  return part.render(evaluation);
}

function payFor(evaluation: Evaluation, value: RegoValue, depth = 0): void {
  if (depth > DEEPEST) throw new BuiltinError('what is copied is nested too deeply');
  evaluation.spend(1);
  const items =
    value instanceof RegoSet
      ? value.elements
      : value instanceof RegoObject
        ? value.entries.flat()
        : listOf(value)
          ? value
          : [];
  for (const item of items) payFor(evaluation, item, depth + 1);
}

function member(operation: RegoObject, name: string): RegoValue {
  const value = operation.get(name);
  if (value === undefined) throw new BuiltinError(`missing required attribute '${name}'`);
  return value;
}

/** As OPA reads it, a pointer may begin with any number of slashes. */
function pathOf(path: RegoValue): Path {
  if (path === '') return [];
  if (typeof path === 'string') {
    return path
      .slice(/^\/*/.exec(path)?.[0].length)
      .split('/')
      .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
  }
  if (listOf(path)) return path;
  throw new BuiltinError(`a path must be a string or an array but is ${typeName(path)}`);
}

function indexOf(key: RegoValue): bigint | undefined {
  if (isNumber(key)) return int64Of(numberText(key));
  if (typeof key !== 'string' || (key !== '0' && key.startsWith('0'))) return undefined;
  return int64Of(key);
}

function listOf(value: Part | undefined): value is readonly RegoValue[] {
  return Array.isArray(value);
}
