import { Worker } from 'node:worker_threads';
import { PolicyError } from './errors.js';
import type { Order, Report, ThreadSettings } from './orders.js';
import type { PreparedPolicy } from './prepare.js';
import type { PolicyImage } from './wasm/image.js';

/** How long a thread may take to start, and to load a policy with its data. */
export const LOAD_MILLISECONDS = 30_000;

const PAGES_PER_MEBIBYTE = 16;
/** What a thread's own JavaScript needs beside one policy's results or data. */
const HEAP_RESERVE_MEBIBYTES = 64;

export interface ThreadOptions {
  /** The most memory that one policy may use on one thread, data and evaluation together; at most 2048. */
  readonly memoryMebibytes: number;
}

/** One evaluation's outcome: OPA's result set, as JSON, and how long it took. */
export interface EvaluationOutcome {
  readonly results: string;
  readonly microseconds: number;
}

/** What is asked of a policy. */
export interface EvaluationQuestion {
  /** The entrypoint's number in the policy. */
  readonly entrypoint: number;
  /** Strict JSON. */
  readonly input: ArrayBuffer;
  /** Of the policy's clock, since 1970-01-01T00:00:00Z. */
  readonly nowNanoseconds: bigint;
}

interface Exchange {
  readonly answer: (report: Report) => void;
  readonly fail: (reason: PolicyError) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * An evaluation thread as the main thread sees it. It does one thing at a time: each call must await the one before.
 * A missed deadline ends the thread, for nothing else can interrupt WebAssembly; a dead thread stays dead.
 */
export class PolicyThread {
  readonly #worker: Worker;
  readonly #onDeath: () => void;
  readonly #policies = new Set<PreparedPolicy>();
  #exchange: Exchange | undefined;
  #death: PolicyError | undefined;

  constructor({ memoryMebibytes }: ThreadOptions, onDeath: () => void) {
    this.#onDeath = onDeath;
    const settings: ThreadSettings = { memoryPages: memoryMebibytes * PAGES_PER_MEBIBYTE };
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), {
      workerData: settings,
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: memoryMebibytes + HEAP_RESERVE_MEBIBYTES },
      // A policy must not be able to write into the gateway's output. Nobody reads it: that would keep the process alive.
      stdout: true,
      stderr: true,
    });
    this.#worker.on('message', (report: Report) => this.#receive(report));
    this.#worker.on('error', (error) => this.#die(lost('failed', error)));
    this.#worker.on('exit', (status) => this.#die(lost(`ended with status ${status}`)));
  }

  /** Why the thread ended; undefined while it lives. */
  get death(): PolicyError | undefined {
    return this.#death;
  }

  /** The policies that can be evaluated now. */
  get policies(): ReadonlySet<PreparedPolicy> {
    return this.#policies;
  }

  /**
   * Compiles a policy and loads its data.
   *
   * @throws PolicyError `activation_failed` or `builtin_missing`, or why the thread ended
   */
  async prepare(wasm: Uint8Array, data: Uint8Array): Promise<PolicyImage> {
    const report = await this.#ask({ type: 'prepare', wasm, data }, [], LOAD_MILLISECONDS);
    if (report.type === 'prepared') return report.image;
    throw failure(report);
  }

  /** @throws PolicyError `evaluation_failed`, or why the thread ended */
  async hold(policy: PreparedPolicy): Promise<void> {
    const order: Order = { type: 'hold', policy: policy.id, image: policy.image };
    const report = await this.#ask(order, [], LOAD_MILLISECONDS);
    if (report.type !== 'held') throw failure(report);
    this.#policies.add(policy);
  }

  /**
   * Evaluates a policy that is held. The input, strict JSON, is handed over and can't be used afterwards.
   *
   * @throws PolicyError `evaluation_failed`, or `deadline` after so many milliseconds
   */
  async evaluate(
    policy: PreparedPolicy,
    { entrypoint, input, nowNanoseconds }: EvaluationQuestion,
    milliseconds: number,
  ): Promise<EvaluationOutcome> {
    const order: Order = { type: 'evaluate', policy: policy.id, entrypoint, input, nowNanoseconds };
    const report = await this.#ask(order, [input], milliseconds);
    if (report.type === 'evaluated') return report;
    throw failure(report);
  }

  /** Gives a policy's memory back. */
  drop(policy: PreparedPolicy): void {
    this.#policies.delete(policy);
    this.#worker.postMessage({ type: 'drop', policy: policy.id } satisfies Order);
  }

  /** Whether the thread keeps the process alive; at first it does. */
  keepsProcess(doesKeep: boolean): void {
    if (doesKeep) this.#worker.ref();
    else this.#worker.unref();
  }

  /** Ends the thread; what it was doing fails with the reason. */
  async end(reason = new PolicyError('engine_closed', 'the evaluation thread was ended')): Promise<void> {
    this.#die(reason);
    await this.#worker.terminate();
  }

  #ask(order: Order, transfer: readonly ArrayBuffer[], milliseconds: number): Promise<Report> {
    return new Promise((answer, fail) => {
      if (this.#death !== undefined) {
        fail(this.#death);
        return;
      }
      const timer = setTimeout(() => {
        // When the event loop was held up, the answer may wait unread just behind this timer: let it come first.
        setImmediate(() => {
          if (this.#exchange === exchange) void this.end(late(milliseconds));
        });
      }, milliseconds);
      const exchange = { answer, fail, timer };
      this.#exchange = exchange;
      this.#worker.postMessage(order, transfer);
    });
  }

  #receive(report: Report): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return; // it came after its deadline
    this.#exchange = undefined;
    clearTimeout(exchange.timer);
    exchange.answer(report);
  }

  #die(reason: PolicyError): void {
    if (this.#death !== undefined) return;
    this.#death = reason;
    this.#policies.clear();
    clearTimeout(this.#exchange?.timer);
    this.#exchange?.fail(reason);
    this.#exchange = undefined;
    this.#onDeath();
  }
}

function late(milliseconds: number): PolicyError {
  return new PolicyError('deadline', `the policy did not answer within ${milliseconds} ms`);
}

function failure(report: Report): PolicyError {
  if (report.type === 'failed') return new PolicyError(report.code, report.message);
  return new PolicyError('evaluation_failed', `the evaluation worker answered with "${report.type}"`);
}

function lost(how: string, cause?: unknown): PolicyError {
  return new PolicyError('evaluation_failed', `the evaluation worker ${how}`, cause);
}
