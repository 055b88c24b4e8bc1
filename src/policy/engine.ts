import {
  type Decision,
  describeThrown,
  type FactSource,
  inTurns,
  type Pins,
  type Revision,
} from '../domain/index.js';
import { parseDecision, soleResult } from './decision.js';
import { PolicyError } from './errors.js';
import type { PolicyInput } from './input.js';
import { LivePolicy, type Outcome } from './live.js';
import { EvaluationPool } from './pool.js';
import { type PolicyBundle, type PreparedPolicy, PreparingThread } from './prepare.js';
import { PROBE } from './probe.js';
import { LOAD_MILLISECONDS } from './thread.js';
import { entrypointOf } from './wasm/policy.js';

export interface DecisionEngineOptions {
  /** Threads that evaluate. */
  readonly workers: number;
  /** For one evaluation; waiting for a free worker is bounded apart, by ten times as much. */
  readonly deadlineMilliseconds: number;
  /** The most that one policy may use on one worker, data and evaluation together; at most 2048. */
  readonly memoryMebibytes: number;
  /** Such as `regate/main/decision`. */
  readonly entrypoint: string;
  /** Whether small inputs are evaluated on the thread that asks, which then waits for them; so it is by default. */
  readonly localEvaluation?: boolean;
}

/** A decision and what it took. */
export interface Verdict {
  readonly decision: Decision;
  /** 0 where the decision was remembered. */
  readonly evaluationMicroseconds: number;
}

/** How many decisions were had in which way, since the engine began. */
export interface DecisionCounts {
  /** Of those that could be remembered: asked before, on the same revision, about the same parts of the input. */
  readonly remembered: number;
  /** Evaluated on the gateway's own thread. */
  readonly local: number;
  /** Evaluated by a worker. */
  readonly worker: number;
  /** Not had. */
  readonly failed: number;
}

/** One revision, held for as long as it is needed: all its decisions are by that revision, whatever is live. */
export interface PinnedPolicy {
  readonly revision: Revision;
  /** What it wants read out of arguments. */
  readonly facts: readonly FactSource[];
  /** What of upstreams it says was looked at. */
  readonly pins: Pins | undefined;
  /**
   * @throws PolicyError `malformed_input`, `deadline`, `overloaded`, `evaluation_failed`, `undefined_decision`,
   *   `malformed_decision`, `pin_released` or `engine_closed`
   */
  decide(input: PolicyInput): Promise<Verdict>;
  /** Gives the revision back; decisions under way end first. Once is enough, twice does no harm. */
  release(): void;
}

/** Puts inputs to the live policy. */
export interface DecisionEngine {
  /**
   * Makes a bundle's policy the live one, after it was compiled, tried on a worker apart, and loaded by every worker.
   * Whatever fails, the policy that was live stays so. Activations run in the order in which they were asked for.
   *
   * @param beforeLive runs when nothing else can fail any more; where it does, the activation does
   * @throws PolicyError `activation_failed`, `builtin_missing` or `engine_closed`; whatever `beforeLive` throws
   */
  activate(bundle: PolicyBundle, beforeLive?: () => Promise<void>): Promise<void>;
  /** The live policy's; undefined before the first activation. */
  readonly revision: Revision | undefined;
  /** @throws PolicyError `no_bundle`, `engine_closed` */
  pin(): PinnedPolicy;
  readonly counts: DecisionCounts;
  /** Ends the workers; what waits for a decision fails with `engine_closed`. */
  close(): Promise<void>;
}

export function createDecisionEngine(options: DecisionEngineOptions): DecisionEngine {
  return new PooledEngine(options);
}

/** A policy and how many need it: being live, each pin, and each decision under way count one. */
interface Holding {
  readonly policy: LivePolicy;
  count: number;
}

/** The engine behind the interface; exported for tests, which look at how many instances there are. */
export class PooledEngine implements DecisionEngine {
  readonly counts = { remembered: 0, local: 0, worker: 0, failed: 0 };
  readonly #options: DecisionEngineOptions;
  readonly #pool: EvaluationPool;
  readonly #preparing: PreparingThread;
  #live: Holding | undefined;
  readonly #inTurn = inTurns();
  #closed = false;

  constructor(options: DecisionEngineOptions) {
    this.#options = options;
    this.#pool = new EvaluationPool(options);
    this.#preparing = new PreparingThread(options);
  }

  get revision(): Revision | undefined {
    return this.#live?.policy.revision;
  }

  /** How many instances of policies there are over all workers. */
  get instances(): number {
    return this.#pool.instances;
  }

  activate(bundle: PolicyBundle, beforeLive?: () => Promise<void>): Promise<void> {
    return this.#inTurn(() => this.#replaceLive(bundle, beforeLive));
  }

  pin(): PinnedPolicy {
    this.#mustBeOpen();
    const holding = this.#live;
    if (holding === undefined) throw new PolicyError('no_bundle', 'no policy bundle is active');
    holding.count += 1;
    let released = false;
    return {
      revision: holding.policy.revision,
      facts: holding.policy.prepared.facts,
      pins: holding.policy.prepared.pins,
      decide: (input) =>
        released
          ? Promise.reject(new PolicyError('pin_released', 'a decision was asked of a pin that was released'))
          : this.#decide(holding, input),
      release: () => {
        if (!released) this.#giveBack(holding);
        released = true;
      },
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#preparing.close();
    await this.#pool.close();
    // Until the activations that were begun have ended.
    await this.#inTurn(async () => undefined);
  }

  async #replaceLive(bundle: PolicyBundle, beforeLive?: () => Promise<void>): Promise<void> {
    this.#mustBeOpen();
    const prepared = await this.#prove(bundle);
    const policy = await LivePolicy.create(prepared, this.#options, this.#pool);
    this.#mustBeOpen();
    await this.#pool.hold(prepared);
    try {
      await beforeLive?.();
    } catch (thrown) {
      this.#pool.drop(prepared);
      throw thrown;
    }
    const before = this.#live;
    this.#live = { policy, count: 1 };
    if (before !== undefined) this.#giveBack(before);
  }

  /** Has a thread apart load the policy and decide once, so that what breaks there breaks nothing that is live. */
  async #prove(bundle: PolicyBundle): Promise<PreparedPolicy> {
    try {
      return await this.#preparing.prepare(bundle, async (policy, thread) => {
        const question = {
          entrypoint: entrypointOf(policy.image, this.#options.entrypoint),
          input: new TextEncoder().encode(PROBE).buffer,
          nowNanoseconds: 0n,
        };
        const { results } = await thread.evaluate(policy, question, LOAD_MILLISECONDS);
        parseDecision(soleResult(results));
        return policy;
      });
    } catch (thrown) {
      if (thrown instanceof PolicyError && thrown.code === 'builtin_missing') throw thrown;
      const { bundle: name, revision } = bundle.revision;
      const why = `revision ${revision} of bundle ${name} was not activated: ${describeThrown(thrown)}`;
      throw new PolicyError('activation_failed', why, thrown);
    }
  }

  /** Not asynchronous where it need not be: a promise more would cost as much as remembering. */
  #decide(holding: Holding, input: PolicyInput): Promise<Verdict> {
    try {
      this.#mustBeOpen();
      const outcome = holding.policy.decide(input);
      if (outcome instanceof Promise) return this.#awaited(holding, outcome);
      this.counts[outcome.how] += 1;
      return Promise.resolve(outcome);
    } catch (thrown) {
      this.counts.failed += 1;
      return Promise.reject(thrown);
    }
  }

  async #awaited(holding: Holding, deciding: Promise<Outcome>): Promise<Verdict> {
    holding.count += 1;
    try {
      const outcome = await deciding;
      this.counts[outcome.how] += 1;
      return outcome;
    } catch (thrown) {
      this.counts.failed += 1;
      throw thrown;
    } finally {
      this.#giveBack(holding);
    }
  }

  #giveBack(holding: Holding): void {
    holding.count -= 1;
    if (holding.count === 0) this.#pool.drop(holding.policy.prepared);
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new PolicyError('engine_closed', 'the decision engine was closed');
  }
}
