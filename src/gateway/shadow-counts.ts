import type { Revision } from '../domain/index.js';
import type { ShadowRecord } from './shadow-record.js';

const OUTCOMES = ['same', 'different', 'failed', 'skipped'] as const;

/** What came of a comparison; `skipped` is one that was not made. */
export type ShadowOutcome = (typeof OUTCOMES)[number];

/** What was counted for one shadow revision. */
export interface ShadowTotals {
  readonly revision: Revision;
  readonly compared: number;
  /** Of those, how many were decided otherwise. */
  readonly different: number;
  /** Of those, how many it could not decide. */
  readonly failed: number;
  /** How many were to be compared, and were not. */
  readonly skipped: number;
}

type Counts = Record<ShadowOutcome, number>;

/** What was counted for two revisions since that was last recorded. */
interface Pair {
  readonly revision: Revision;
  readonly shadowRevision: Revision;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  since: number;
  readonly counts: Counts;
}

/** Counts comparisons: since the gateway began, since the shadow revision became so, and for the audit. */
export class ShadowCounts {
  readonly outcomes: Counts = none();
  readonly #record: ShadowRecord;
  readonly #now: () => number;
  readonly #current: () => Revision | undefined;
  #ofCurrent: { readonly revision: Revision; readonly counts: Counts } | undefined;
  readonly #pairs = new Map<string, Pair>();
  #flushing: Promise<void> = Promise.resolve();

  /**
   * @param now milliseconds since 1970-01-01T00:00:00Z
   * @param current the shadow revision
   */
  constructor(record: ShadowRecord, now: () => number, current: () => Revision | undefined) {
    this.#record = record;
    this.#now = now;
    this.#current = current;
  }

  /** Of the current shadow revision, since it became so; undefined while there is none. */
  get totals(): ShadowTotals | undefined {
    const current = this.#countsOfCurrent();
    return current && { revision: current.revision, ...sumsOf(current.counts) };
  }

  add(outcome: ShadowOutcome, revision: Revision, shadowRevision: Revision): void {
    this.outcomes[outcome] += 1;
    this.#pair(revision, shadowRevision).counts[outcome] += 1;
    const current = this.#countsOfCurrent();
    if (current?.revision.digest === shadowRevision.digest) current.counts[outcome] += 1;
  }

  /** Records what was not recorded yet; what the audit refuses is tried again the next time. */
  flush(): Promise<void> {
    const pairs = [...this.#pairs];
    this.#flushing = this.#flushing.then(() => this.#recordAll(pairs));
    return this.#flushing;
  }

  /** With other data bundles it is still the same policy. */
  #countsOfCurrent() {
    const revision = this.#current();
    if (revision === undefined) return undefined;
    if (this.#ofCurrent?.revision !== revision) {
      const counts = this.#ofCurrent?.revision.digest === revision.digest ? this.#ofCurrent.counts : none();
      this.#ofCurrent = { revision, counts };
    }
    return this.#ofCurrent;
  }

  /** A pair that is new ends those before, though some decisions may yet come by revisions that were pinned. */
  #pair(revision: Revision, shadowRevision: Revision): Pair {
    const key = `${keyOf(revision)} ${keyOf(shadowRevision)}`;
    const known = this.#pairs.get(key);
    if (known !== undefined) return known;
    if (this.#pairs.size > 0) void this.flush();
    const pair = { revision, shadowRevision, since: this.#now(), counts: none() };
    this.#pairs.set(key, pair);
    return pair;
  }

  async #recordAll(pairs: readonly (readonly [key: string, pair: Pair])[]): Promise<void> {
    for (const [key, pair] of pairs) {
      if (Object.values(pair.counts).some((count) => count > 0)) await this.#recordPair(pair);
      else this.#pairs.delete(key);
    }
  }

  async #recordPair(pair: Pair): Promise<void> {
    const counted = { ...pair.counts };
    const until = this.#now();
    const isRecorded = await this.#record.counts({
      type: 'shadow_count',
      revision: pair.revision,
      shadow_revision: pair.shadowRevision,
      since: new Date(pair.since).toISOString(),
      ...sumsOf(counted),
    });
    if (!isRecorded) return;
    // Counting went on meanwhile.
    for (const outcome of OUTCOMES) pair.counts[outcome] -= counted[outcome];
    pair.since = until;
  }
}

function keyOf({ digest, data = [] }: Revision): string {
  return [digest, ...data.map((each) => each.digest)].join(' ');
}

function none(): Counts {
  return { same: 0, different: 0, failed: 0, skipped: 0 };
}

function sumsOf({ same, different, failed, skipped }: Counts): Omit<ShadowTotals, 'revision'> {
  return { compared: same + different + failed, different, failed, skipped };
}
