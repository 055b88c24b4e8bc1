import { BuiltinError } from '../builtin.js';

/** Bounds how deeply functions that call themselves do so, by what the documents that they follow say. */
export class Nesting {
  readonly #limit: number;
  #depth = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @throws BuiltinError beyond the limit */
  deeper<Result>(inner: () => Result): Result {
    if (this.#depth === this.#limit)
      throw new BuiltinError(`a GraphQL document nests deeper than ${this.#limit}`);
    this.#depth += 1;
    const result = inner();
    this.#depth -= 1;
    return result;
  }
}
