import type { Count } from './store.js';

/** A limit in the units that are counted in: whole millionths and milliseconds. */
export interface Terms {
  readonly amount: number;
  readonly perMilliseconds: number;
  /** The most that may be spent. */
  readonly most: number;
  readonly cost: number;
}

/** How limits of one kind count. Times are milliseconds since 1970-01-01T00:00:00Z. */
export interface Counting {
  /** What a count says at a time. For it, a clock that was put back stands still. */
  at(count: Count, terms: Terms, now: number): Count;
  /** In how many milliseconds there is room for a cost for which there is none now; Infinity where there never is. */
  wait(count: Count, terms: Terms, now: number): number;
  /** From when on the count says no more than none would. */
  forgetAt(count: Count, terms: Terms): number;
  /** What the count, as it is at a time, would be without what was taken before. */
  without(count: Count, taken: Taken, now: number): Count;
}

/** What was counted under one limit, as it has to be known to take it back. */
export interface Taken {
  readonly digest: string;
  readonly counting: Counting;
  readonly terms: Terms;
  /** The count, at the time at which it was taken, without it. */
  readonly before: Count;
}
