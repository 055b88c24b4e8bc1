/** Thrown where an evaluation has done as many steps as it may: it is not wrong, but too long for where it ran. */
export class FuelSpent extends Error {}

/** More is never there, and the counter must not wrap around. */
const MOST_AT_ONCE = 2 ** 62;

/** How many steps an evaluation may still do; the WebAssembly counts them down itself. */
export class Fuel {
  readonly #global: WebAssembly.Global;

  constructor(global: WebAssembly.Global) {
    this.#global = global;
  }

  fill(steps: bigint): void {
    this.#global.value = steps;
  }

  /** @throws FuelSpent where there is less left */
  spend(steps: number): void {
    const left = this.#left - BigInt(Math.ceil(Math.min(steps, MOST_AT_ONCE)));
    this.#global.value = left;
    if (left < 0n) throw new FuelSpent('the evaluation took too many steps');
  }

  /** Whether that is why the WebAssembly trapped. */
  get isSpent(): boolean {
    return this.#left < 0n;
  }

  get #left(): bigint {
    const { value } = this.#global;
    if (typeof value !== 'bigint') throw new TypeError('the fuel is no 64-bit integer');
    return value;
  }
}
