import { BuiltinError } from '../builtin.js';
import type { Value } from './values.js';

interface Variable {
  readonly name: string;
  value: Value;
}

/** The variables of one template; the last one of a name counts. */
export class Variables {
  readonly #inOrder: Variable[] = [];
  readonly #byName = new Map<string, Variable[]>();

  /** @param root what `$` is */
  constructor(root: Value) {
    this.declare('$', root);
  }

  /** How many there are: where to return to with {@link forget}. */
  get count(): number {
    return this.#inOrder.length;
  }

  forget(count: number): void {
    for (const { name } of this.#inOrder.splice(count)) this.#byName.get(name)?.pop();
  }

  declare(name: string, value: Value): void {
    const variable = { name, value };
    this.#inOrder.push(variable);
    const known = this.#byName.get(name);
    if (known === undefined) this.#byName.set(name, [variable]);
    else known.push(variable);
  }

  /** @throws BuiltinError where there is none */
  get(name: string): Value {
    return this.#find(name).value;
  }

  /** @throws BuiltinError where there is none */
  assign(name: string, value: Value): void {
    this.#find(name).value = value;
  }

  /** Gives a new value to what was declared so many variables ago, 1 for the last one. */
  replaceLast(ago: number, value: Value): void {
    const variable = this.#inOrder.at(-ago);
    if (variable !== undefined) variable.value = value;
  }

  #find(name: string): Variable {
    const variable = this.#byName.get(name)?.at(-1);
    if (variable === undefined) throw new BuiltinError(`undefined variable: ${name}`);
    return variable;
  }
}
