import { TAPE, TAPE_KINDS } from '../../domain/index.js';

/** Kinds as the tape counts them. */
export const OBJECT = TAPE_KINDS.indexOf('object');
export const ARRAY = TAPE_KINDS.indexOf('array');
export const STRING = TAPE_KINDS.indexOf('string');
export const NUMBER = TAPE_KINDS.indexOf('number');
export const TRUE = TAPE_KINDS.indexOf('true');
export const FALSE = TAPE_KINDS.indexOf('false');
export const NULL = TAPE_KINDS.indexOf('null');

/** Stands for the parent of the root. */
export const NOTHING = -1;

const { WIDTH } = TAPE;

/**
 * The tape of a JSON text while it is being read; `length` counts its entries. An object or array that is still
 * open keeps its parent where its `NEXT` will stand, so that nesting needs no stack.
 */
export class Tape {
  length = 0;
  /** Whether any member's name so far has an escape, so that equal names may differ in bytes. */
  escapedNames = false;
  #fields: Int32Array;

  /** Room for what a text of so many bytes usually holds; it grows. */
  constructor(textBytes: number) {
    this.#fields = new Int32Array((32 + (textBytes >> 4)) * WIDTH);
  }

  /** Adds a value that holds no others. */
  add(kind: number, start: number, end: number): void {
    const field = this.#append();
    const fields = this.#fields;
    fields[field + TAPE.KIND] = kind;
    fields[field + TAPE.START] = start;
    fields[field + TAPE.END] = end;
    fields[field + TAPE.NEXT] = this.length;
  }

  /** Adds an object or array whose end is yet to come, and gives its place. */
  open(kind: number, start: number, parent: number): number {
    const field = this.#append();
    const fields = this.#fields;
    fields[field + TAPE.KIND] = kind;
    fields[field + TAPE.START] = start;
    fields[field + TAPE.NEXT] = parent;
    return this.length - 1;
  }

  /** Ends an open object or array after everything added so far, and gives its parent. */
  close(node: number, end: number): number {
    const parent = this.next(node);
    const field = node * WIDTH;
    this.#fields[field + TAPE.END] = end;
    this.#fields[field + TAPE.NEXT] = this.length;
    return parent;
  }

  kind(node: number): number {
    return this.#fields[node * WIDTH + TAPE.KIND] ?? NOTHING;
  }

  start(node: number): number {
    return this.#fields[node * WIDTH + TAPE.START] ?? NOTHING;
  }

  end(node: number): number {
    return this.#fields[node * WIDTH + TAPE.END] ?? NOTHING;
  }

  next(node: number): number {
    return this.#fields[node * WIDTH + TAPE.NEXT] ?? NOTHING;
  }

  /** What a JsonDocument keeps. */
  fields(): Int32Array {
    return this.#fields.subarray(0, this.length * WIDTH);
  }

  /** Makes room for one more entry and gives the index of its first field. */
  #append(): number {
    const field = this.length * WIDTH;
    if (field === this.#fields.length) {
      const doubled = new Int32Array(2 * field);
      doubled.set(this.#fields);
      this.#fields = doubled;
    }
    this.length += 1;
    return field;
  }
}
