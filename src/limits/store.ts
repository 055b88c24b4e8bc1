/** What was counted under one limit. */
export interface Count {
  /** Whole millionths: of a rate, what is missing in the bucket; of a quota, what its window has counted. */
  readonly spent: number;
  /** Milliseconds since 1970-01-01T00:00:00Z: of a rate, when `spent` was so; of a quota, a time in its window. */
  readonly countedAt: number;
}

/** A count, and from which millisecond since 1970-01-01T00:00:00Z on it says no more than none would. */
export interface KeptCount extends Count {
  readonly forgetAt: number;
}

/** Where counts are kept, by the digest of their limit and of who shares it; `store` implements it. */
export interface LimitStore {
  /**
   * Reads the counts of some digests and keeps what `change` makes of them: one after the other with every other such
   * change, in whichever process. `change` must not wait; where it throws, nothing is kept. Each time, a few counts are
   * forgotten, more than are kept, that had no more to say at `forgettable`.
   *
   * @returns what `change` did
   */
  update<Result>(
    digests: readonly string[],
    change: (counts: ReadonlyMap<string, Count>) => {
      readonly result: Result;
      readonly counts: ReadonlyMap<string, KeptCount>;
      readonly forgettable: number;
    },
  ): Promise<Result>;
}
