import { type Builtin, BuiltinError, type Evaluation } from '../builtins/builtin.js';
import { formatValue, parseValue } from '../rego/text.js';
import type { PolicyExports } from './abi.js';
import type { Fuel } from './fuel.js';

/** OPA gave up an evaluation, in its own words, which name places in the policy and no values. */
export class PolicyAborted extends Error {
  /** Whether there was too little memory, rather than something wrong with the policy. */
  get outOfMemory(): boolean {
    return this.message.startsWith('opa_malloc');
  }
}

/**
 * What a policy's WebAssembly calls: the built-ins that OPA leaves to its host, with values in OPA's own notation,
 * in which JSON's sets and large numbers are not lost.
 *
 * Source: https://www.openpolicyagent.org/docs/wasm#imports
 */
export class PolicyHost {
  readonly imports: Readonly<Record<string, unknown>>;
  readonly #builtins: ReadonlyMap<number, Builtin>;
  #exports: PolicyExports | undefined;
  #evaluation: Evaluation | undefined;

  /** @param builtins by the number that the policy has for them */
  constructor(memory: WebAssembly.Memory, builtins: ReadonlyMap<number, Builtin>) {
    this.#builtins = builtins;
    const call = (builtin: number, _context: number, ...operands: number[]) => this.#call(builtin, operands);
    this.imports = {
      memory,
      opa_abort: (address: number) => {
        throw new PolicyAborted(this.#policy.text(address));
      },
      // A policy does not write into its host's output.
      opa_println: () => undefined,
      opa_builtin0: call,
      opa_builtin1: call,
      opa_builtin2: call,
      opa_builtin3: call,
      opa_builtin4: call,
    };
  }

  /** Says whom to answer, which is known only after the imports were given to it. */
  serve(exports: PolicyExports): void {
    this.#exports = exports;
  }

  /** Starts anew what lasts for one evaluation. */
  begin(nowNanoseconds: bigint): void {
    this.#evaluation = new OneEvaluation(nowNanoseconds, this.#policy.fuel);
  }

  #call(number: number, operands: readonly number[]): number {
    const builtin = this.#builtins.get(number);
    const evaluation = this.#evaluation;
    if (builtin === undefined || evaluation === undefined) {
      throw new PolicyAborted(`there is no built-in function ${number}`);
    }
    const policy = this.#policy;
    const values = operands.map((address) => {
      const text = policy.valueText(address);
      evaluation.spend(text.length);
      return parseValue(text);
    });
    try {
      const result = builtin(evaluation, ...values);
      return result === undefined ? 0 : policy.value(formatValue(result));
    } catch (thrown) {
      if (thrown instanceof BuiltinError) return 0; // as in OPA, a call that fails is undefined
      throw thrown;
    }
  }

  get #policy(): PolicyExports {
    if (this.#exports === undefined) throw new TypeError('the policy called its host before it was there');
    return this.#exports;
  }
}

class OneEvaluation implements Evaluation {
  readonly nowNanoseconds: bigint;
  readonly #fuel: Fuel;
  #remembered: Map<string, unknown> | undefined;

  constructor(nowNanoseconds: bigint, fuel: Fuel) {
    this.nowNanoseconds = nowNanoseconds;
    this.#fuel = fuel;
  }

  remember<Value>(key: string, make: () => Value): Value {
    this.#remembered ??= new Map();
    if (!this.#remembered.has(key)) this.#remembered.set(key, make());
    return this.#remembered.get(key) as Value;
  }

  spend(units: number): void {
    this.#fuel.spend(units);
  }
}
