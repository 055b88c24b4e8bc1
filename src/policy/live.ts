import type { Decision, Revision } from '../domain/index.js';
import { VOLATILE_BUILTINS } from './builtins/volatile.js';
import { parseDecision, soleResult } from './decision.js';
import { frozen } from './frozen.js';
import type { Question } from './input/question.js';
import { compileReads, type PolicyInput, questionOf, type ReadTree } from './input.js';
import { LocalEvaluation } from './local.js';
import type { EvaluationPool } from './pool.js';
import type { PreparedPolicy } from './prepare.js';
import { Remembered, type Slot } from './remembered.js';
import { entrypointOf } from './wasm/policy.js';

/** For what was decided by one revision. */
const REMEMBERED_BYTES = 32 * 1024 * 1024;

/** Answers that were parsed, and how many characters one of them may have. */
const MOST_PARSED = 1_000;
const LARGEST_PARSED = 4_096;
/** Of a bundle that does not say what its entrypoint reads. */
const EVERYTHING = [[]];

/** A decision, how it was had, and what it took. */
export interface Outcome {
  readonly decision: Decision;
  readonly how: 'remembered' | 'local' | 'worker';
  readonly evaluationMicroseconds: number;
}

/** One revision's policy in use: what it decided before, else an evaluation here, else one by a worker. */
export class LivePolicy {
  readonly prepared: PreparedPolicy;
  readonly #entrypoint: number;
  readonly #reads: ReadTree;
  readonly #pool: EvaluationPool;
  /** None where the thread that asks is not to wait. */
  readonly #local: LocalEvaluation | undefined;
  /** None for a policy that looks at the clock or draws lots. */
  readonly #remembered: Remembered<Outcome> | undefined;
  readonly #parsed = new Map<string, Decision>();
  #lastParsed: { readonly results: string; readonly decision: Decision } | undefined;

  private constructor(
    prepared: PreparedPolicy,
    entrypoint: number,
    reads: ReadTree,
    local: LocalEvaluation | undefined,
    pool: EvaluationPool,
  ) {
    this.prepared = prepared;
    this.#entrypoint = entrypoint;
    this.#reads = reads;
    this.#local = local;
    this.#pool = pool;
    const isVolatile = [...prepared.image.builtins.keys()].some((name) => VOLATILE_BUILTINS.has(name));
    this.#remembered = isVolatile ? undefined : new Remembered(REMEMBERED_BYTES);
  }

  /**
   * @param options the entrypoint's name, and whether it may be evaluated here too
   * @param pool holds the policy as long as this is in use
   * @throws PolicyError `activation_failed` if there is no such entrypoint
   */
  static async create(
    prepared: PreparedPolicy,
    options: { readonly entrypoint: string; readonly localEvaluation?: boolean },
    pool: EvaluationPool,
  ): Promise<LivePolicy> {
    const { entrypoint: name, localEvaluation = true } = options;
    const entrypoint = entrypointOf(prepared.image, name);
    const reads = compileReads(prepared.reads?.get(name) ?? EVERYTHING);
    const local = localEvaluation ? await LocalEvaluation.create(prepared, entrypoint) : undefined;
    return new LivePolicy(prepared, entrypoint, reads, local, pool);
  }

  get revision(): Revision {
    return this.prepared.revision;
  }

  /** @throws PolicyError */
  decide(input: PolicyInput): Outcome | Promise<Outcome> {
    const question = questionOf(input, this.#reads, this.prepared.facts);
    const slot = this.#remembered?.slotOf(question);
    const known = slot === undefined ? undefined : this.#remembered?.find(slot, question);
    if (known !== undefined) return known;

    const started = performance.now();
    const results = this.#local?.evaluate(question, input.nowNanoseconds);
    if (results === undefined) return this.#decideApart(question, slot, input.nowNanoseconds);
    const microseconds = Math.ceil((performance.now() - started) * 1000);
    return this.#kept(slot, question, this.#parse(results), 'local', microseconds);
  }

  async #decideApart(question: Question, slot: Slot | undefined, nowNanoseconds: bigint): Promise<Outcome> {
    const target = Buffer.allocUnsafeSlow(question.mostBytes);
    const input = target.buffer.slice(0, question.writeTo(target));
    const asked = { input, entrypoint: this.#entrypoint, nowNanoseconds };
    const { results, microseconds } = await this.#pool.evaluate(this.prepared, asked);
    return this.#kept(slot, question, this.#parse(results), 'worker', microseconds);
  }

  #kept(
    slot: Slot | undefined,
    question: Question,
    decision: Decision,
    how: Outcome['how'],
    evaluationMicroseconds: number,
  ): Outcome {
    if (slot !== undefined) {
      this.#remembered?.keep(slot, question, { decision, how: 'remembered', evaluationMicroseconds: 0 });
    }
    return { decision, how, evaluationMicroseconds };
  }

  /** A policy's answers are often the same, down to the last byte. */
  #parse(results: string): Decision {
    // Comparing with the one before is cheaper than looking it up.
    if (this.#lastParsed?.results === results) return this.#lastParsed.decision;
    const decision = this.#parsed.get(results) ?? this.#parseAnew(results);
    this.#lastParsed = { results, decision };
    return decision;
  }

  #parseAnew(results: string): Decision {
    const decision = frozen(parseDecision(soleResult(results)));
    if (this.#parsed.size >= MOST_PARSED) this.#parsed.clear();
    if (results.length <= LARGEST_PARSED) this.#parsed.set(results, decision);
    return decision;
  }
}
