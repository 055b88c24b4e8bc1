import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'winston';
import type { Audit } from '../audit/index.js';
import { type Decision, describeThrown, type Judged, type Revision } from '../domain/index.js';
import {
  type DecisionEngine,
  differenceBetween,
  type PinnedPolicy,
  PolicyError,
  type PolicyInput,
} from '../policy/index.js';
import { ShadowCounts, type ShadowOutcome, type ShadowTotals } from './shadow-counts.js';
import { ShadowRecord } from './shadow-record.js';
import { type Comparison, WaitingComparisons } from './shadow-waiting.js';

/** How many are evaluated before real traffic has its turn again. */
const BATCH = 4;
/** A batch that takes longer is followed by a rest of so many times as long: no policy may keep a processor busy. */
const SLOW_MILLISECONDS = 100;
const RESTS = 9;
const RECORD_COUNTS_MILLISECONDS = 60_000;

/** What the engine says where it is not the policy that failed. */
const NOT_ASKED: ReadonlySet<string> = new Set(['no_bundle', 'engine_closed', 'overloaded']);

export interface ShadowOptions {
  /** The shadow bundle's own, without evaluations on the gateway's thread; it is closed with the shadow. */
  readonly engine: DecisionEngine;
  readonly audit: Pick<Audit, 'append'>;
  /** How many of a hundred decisions are compared. */
  readonly percent: number;
  readonly log: Logger;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly now?: () => number;
  /** At least 0, below 1. */
  readonly random?: () => number;
}

/** A second bundle, which decides on the same messages without effect. */
export interface Shadow {
  /**
   * Has a decision compared, some time after this returned; it never throws. What may be compared is bounded: what is
   * beyond is counted as skipped.
   *
   * @param input as it was put to the policy in force; it must not change any more
   * @param live what that said
   */
  compare(
    input: PolicyInput,
    live: { readonly decision: Decision; readonly revision: Revision },
    about: Pick<Judged, 'decisionId' | 'received'>,
  ): void;
  /** Of the shadow bundle in use, since it is; undefined while there is none. */
  totals(): ShadowTotals | undefined;
  /** All outcomes since the gateway began. */
  readonly outcomes: Readonly<Record<ShadowOutcome, number>>;
  /** Ends the engine, and records what was counted; what still waits is skipped. To be closed before the audit. */
  close(): Promise<void>;
}

/** Compares the decisions of real traffic with those of a second bundle; what it finds goes to the audit. */
export function createShadow(options: ShadowOptions): Shadow {
  return new ShadowEvaluation(options);
}

class ShadowEvaluation implements Shadow {
  readonly #engine: DecisionEngine;
  readonly #share: number;
  readonly #log: Logger;
  readonly #random: () => number;
  readonly #record: ShadowRecord;
  readonly #counts: ShadowCounts;
  readonly #waiting = new WaitingComparisons();
  readonly #closing = new AbortController();
  readonly #counting: NodeJS.Timeout;
  #running: Promise<void> | undefined;

  constructor({ engine, audit, percent, log, now = Date.now, random = Math.random }: ShadowOptions) {
    this.#engine = engine;
    this.#share = percent / 100;
    this.#log = log;
    this.#random = random;
    this.#record = new ShadowRecord(audit, log, now);
    this.#counts = new ShadowCounts(this.#record, now, () => engine.revision);
    this.#counting = setInterval(() => void this.#counts.flush(), RECORD_COUNTS_MILLISECONDS).unref();
  }

  get outcomes(): Readonly<Record<ShadowOutcome, number>> {
    return this.#counts.outcomes;
  }

  totals(): ShadowTotals | undefined {
    return this.#counts.totals;
  }

  compare(
    input: PolicyInput,
    { decision, revision }: { readonly decision: Decision; readonly revision: Revision },
    { decisionId, received }: Pick<Judged, 'decisionId' | 'received'>,
  ): void {
    const shadowRevision = this.#engine.revision;
    if (shadowRevision === undefined || shadowRevision.digest === revision.digest) return;
    if (this.#closing.signal.aborted || this.#random() >= this.#share) return;
    if (!this.#waiting.add({ input, decision, revision, decisionId, received })) {
      this.#counts.add('skipped', revision, shadowRevision);
      return;
    }
    this.#running ??= this.#run();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#counting);
    const shadowRevision = this.#engine.revision;
    await this.#engine.close();
    await this.#running;
    for (const { revision } of this.#waiting.take(Number.POSITIVE_INFINITY)) {
      if (shadowRevision !== undefined) this.#counts.add('skipped', revision, shadowRevision);
    }
    await this.#counts.flush();
  }

  /** Until nothing waits any more. */
  async #run(): Promise<void> {
    await nextTurn();
    while (!this.#closing.signal.aborted) {
      const batch = this.#waiting.take(BATCH);
      if (batch.length === 0) break;
      const began = performance.now();
      await Promise.all(batch.map((comparison) => this.#evaluate(comparison)));
      await this.#rest(performance.now() - began);
    }
    this.#running = undefined;
  }

  /** Never rejects. */
  async #evaluate(comparison: Comparison): Promise<void> {
    const shadowRevision = this.#engine.revision;
    try {
      const policy = this.#engine.pin();
      await this.#compareWith(policy, comparison).finally(() => policy.release());
    } catch (thrown) {
      // A fault in Regate: it must not look as if nothing differed.
      this.#log.error('a decision could not be compared', { detail: describeThrown(thrown) });
      if (shadowRevision !== undefined) this.#counts.add('failed', comparison.revision, shadowRevision);
    } finally {
      this.#waiting.done(comparison);
    }
  }

  async #compareWith(policy: PinnedPolicy, comparison: Comparison): Promise<void> {
    const { revision, decision, input } = comparison;
    if (policy.revision.digest === revision.digest) return;
    const count = (outcome: ShadowOutcome) => this.#counts.add(outcome, revision, policy.revision);
    const after = hasSameData(policy.revision, revision) ? await decisionOf(policy, input) : undefined;
    if (after === undefined) {
      count('skipped');
    } else if ('failure' in after) {
      count('failed');
      this.#record.disagreement(comparison, policy.revision, after);
    } else {
      const difference = differenceBetween(decision, after);
      count(difference === undefined ? 'same' : 'different');
      if (difference !== undefined) this.#record.disagreement(comparison, policy.revision, { difference });
    }
  }

  async #rest(milliseconds: number): Promise<void> {
    if (milliseconds < SLOW_MILLISECONDS) return nextTurn();
    const rest = pause(milliseconds * RESTS, undefined, { signal: this.#closing.signal, ref: false });
    // It is cut short at the end, which is all that can go wrong.
    await rest.catch(() => undefined);
  }
}

/** Data bundles arrive one by one: a difference between them is none between policies. */
function hasSameData({ data: one = [] }: Revision, { data: other = [] }: Revision): boolean {
  return one.length === other.length && one.every(({ digest }, index) => digest === other[index]?.digest);
}

/** Undefined where the policy was not asked. */
async function decisionOf(
  policy: PinnedPolicy,
  input: PolicyInput,
): Promise<Decision | { readonly failure: string } | undefined> {
  try {
    return (await policy.decide(input)).decision;
  } catch (thrown) {
    if (!(thrown instanceof PolicyError)) throw thrown;
    return NOT_ASKED.has(thrown.code) ? undefined : { failure: thrown.code };
  }
}
