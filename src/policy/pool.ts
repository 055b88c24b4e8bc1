import { PolicyError } from './errors.js';
import type { PreparedPolicy } from './prepare.js';
import {
  type EvaluationOutcome,
  type EvaluationQuestion,
  PolicyThread,
  type ThreadOptions,
} from './thread.js';

export interface PoolOptions extends ThreadOptions {
  readonly workers: number;
  /** For one evaluation, from when a worker takes it up. */
  readonly deadlineMilliseconds: number;
}

const MOST_WAITING = 10_000;
const MOST_WAITING_BYTES = 256 * 1024 * 1024;
/** How many times the deadline an input may wait for a worker. */
const DEADLINES_TO_WAIT = 10;
/** Before a worker that could not start or load is replaced, so that a lasting cause doesn't keep a core busy. */
const REPLACEMENT_MILLISECONDS = 1_000;

interface Task {
  readonly policy: PreparedPolicy;
  readonly question: EvaluationQuestion;
  /** When it has waited too long. */
  readonly timer: NodeJS.Timeout;
  readonly resolve: (outcome: EvaluationOutcome) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * A fixed number of evaluation threads, each of which holds every policy that the pool holds, and one queue.
 *
 * Each thread has a lane, a loop that looks at what is so and does the next thing: drop what is no longer held, load
 * what is missing, evaluate what waits, or else sleep until something changes. So a thread that replaces another,
 * and a policy whose instance was given up, need no handling of their own.
 */
export class EvaluationPool {
  readonly #options: PoolOptions;
  readonly #threads = new Set<PolicyThread>();
  readonly #held = new Set<PreparedPolicy>();
  readonly #queue: Task[] = [];
  #waitingBytes = 0;
  /** Only one thread loads at a time: the others go on evaluating. */
  #loading = false;
  /** Why a thread was last lost for another reason than what it evaluated. */
  #lastLoss: unknown;
  #closed = false;
  #sleepers: (() => void)[] = [];

  constructor(options: PoolOptions) {
    this.#options = options;
    for (let lane = 0; lane < options.workers; lane += 1) void this.#keepThread();
  }

  /** How many instances of policies the threads hold. */
  get instances(): number {
    return [...this.#threads].reduce((count, { policies }) => count + policies.size, 0);
  }

  /**
   * Has every thread load a policy; resolves when they have.
   *
   * @throws PolicyError `activation_failed` when a thread can't; then it is not held
   */
  async hold(policy: PreparedPolicy): Promise<void> {
    const lossBefore = this.#lastLoss;
    this.#held.add(policy);
    this.#wake();
    while (!this.#loadedEverywhere(policy)) {
      await this.#change();
      if (this.#closed) throw closed();
      if (this.#lastLoss !== lossBefore) {
        this.drop(policy);
        const why = 'a worker could not load the policy beside the live one';
        throw new PolicyError('activation_failed', why, this.#lastLoss);
      }
    }
  }

  /** Has every thread give back what it holds of a policy. */
  drop(policy: PreparedPolicy): void {
    this.#held.delete(policy);
    this.#wake();
  }

  /**
   * Evaluates a policy that is held. The input, strict JSON, is handed over and can't be used afterwards.
   *
   * @throws PolicyError `overloaded`, `deadline` or `evaluation_failed`
   */
  evaluate(policy: PreparedPolicy, question: EvaluationQuestion): Promise<EvaluationOutcome> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(closed());
      const bytes = this.#waitingBytes + question.input.byteLength;
      if (this.#queue.length >= MOST_WAITING || bytes > MOST_WAITING_BYTES) {
        return reject(new PolicyError('overloaded', 'too many messages wait for a decision'));
      }
      const wait = this.#options.deadlineMilliseconds * DEADLINES_TO_WAIT;
      const timer = setTimeout(() => this.#giveUp(task, wait), wait);
      const task: Task = { policy, question, timer, resolve, reject };
      this.#queue.push(task);
      this.#waitingBytes = bytes;
      this.#wake();
    });
  }

  /** Ends all threads; whatever waits fails with `engine_closed`. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const task of [...this.#queue]) this.#take(task).reject(closed());
    this.#wake();
    await Promise.all([...this.#threads].map((thread) => thread.end(closed())));
  }

  async #keepThread(): Promise<void> {
    while (!this.#closed) {
      const lossBefore = this.#lastLoss;
      try {
        const thread = new PolicyThread(this.#options, () => this.#wake());
        this.#threads.add(thread);
        await this.#serve(thread);
        this.#threads.delete(thread);
      } catch (thrown) {
        this.#lastLoss = thrown; // no thread could be had of the system
      }
      if (this.#lastLoss !== lossBefore) await replacementDelay();
    }
  }

  /** A thread's lane, until the thread has ended. */
  async #serve(thread: PolicyThread): Promise<void> {
    while (thread.death === undefined) {
      for (const policy of thread.policies) if (!this.#held.has(policy)) thread.drop(policy);
      const missing = [...this.#held].find((policy) => !thread.policies.has(policy));
      const next = this.#queue[0];
      if (missing !== undefined && !this.#loading) await this.#load(thread, missing);
      else if (next !== undefined && thread.policies.has(next.policy)) await this.#evaluate(thread, next);
      else await this.#idle(thread);
    }
  }

  async #idle(thread: PolicyThread): Promise<void> {
    await this.#change();
    if (thread.death !== undefined) this.#lastLoss = thread.death;
  }

  async #load(thread: PolicyThread, policy: PreparedPolicy): Promise<void> {
    this.#loading = true;
    try {
      await thread.hold(policy);
    } catch (thrown) {
      const reason = new PolicyError(
        'evaluation_failed',
        'an evaluation worker could not load a policy',
        thrown,
      );
      this.#lastLoss = reason;
      await thread.end(reason);
    } finally {
      this.#loading = false;
      this.#wake();
    }
  }

  async #evaluate(thread: PolicyThread, task: Task): Promise<void> {
    this.#take(task);
    try {
      task.resolve(await thread.evaluate(task.policy, task.question, this.#options.deadlineMilliseconds));
    } catch (reason) {
      task.reject(reason);
    }
  }

  #take(task: Task): Task {
    this.#queue.splice(this.#queue.indexOf(task), 1);
    this.#waitingBytes -= task.question.input.byteLength;
    clearTimeout(task.timer);
    return task;
  }

  #giveUp(task: Task, milliseconds: number): void {
    const why = `no worker was free to decide within ${milliseconds} ms`;
    this.#take(task).reject(new PolicyError('deadline', why, this.#lastLoss));
  }

  #loadedEverywhere(policy: PreparedPolicy): boolean {
    return this.#threads.size > 0 && [...this.#threads].every(({ policies }) => policies.has(policy));
  }

  #change(): Promise<void> {
    return new Promise((wake) => this.#sleepers.push(wake));
  }

  #wake(): void {
    const sleepers = this.#sleepers;
    this.#sleepers = [];
    for (const wake of sleepers) wake();
  }
}

function replacementDelay(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, REPLACEMENT_MILLISECONDS).unref());
}

function closed(): PolicyError {
  return new PolicyError('engine_closed', 'the decision engine was closed');
}
